//! The file in chunks. The same file with the same columns gives the same chunks every time: that is what
//! lets an import be resumed.

use std::fs::File;
use std::io;

use prost::Message;

use super::rejects::Reject;
use super::row::{self, Place};
use crate::cli::csv::columns::Columns;
use crate::cli::csv::read::Table;
use crate::pb::{ImportChunk, Person};

/// Bytes after which a chunk is closed, well below what the service takes in one message.
const CHUNK_BYTES: usize = 8 * 1024 * 1024;

/// Some rows of the file that follow each other.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The number of its first person among all that are sent, from 0.
    pub first_person: i64,
    /// The first of its rows.
    pub begin: u64,
    /// The last of its rows.
    pub end: u64,
    /// Nothing follows.
    pub last: bool,
    /// The rows that can be sent, until they are.
    people: Vec<Person>,
    /// Where those rows stand in the file.
    pub places: Vec<Place>,
    /// What is wrong with the others.
    pub rejects: Vec<Reject>,
    rejected: usize,
}

/// The chunks of a file.
pub struct Chunks<'a> {
    table: Table<File>,
    columns: &'a Columns,
    size: usize,
    people: i64,
    rows: u64,
    rejected: u64,
    ended: bool,
}

// === impl Chunk ===

impl Chunk {
    /// Whether it is sent: one without people is not, unless it says that the import is complete.
    pub fn is_sent(&self) -> bool {
        self.last || !self.places.is_empty()
    }

    /// The number of the first person after it.
    pub fn next_person(&self) -> i64 {
        self.first_person + self.places.len() as i64
    }

    /// Its message, which takes the people out of it.
    pub fn message(&mut self) -> ImportChunk {
        let people = std::mem::take(&mut self.people);
        ImportChunk { first_row: self.first_person, people, last: self.last }
    }
}

// === impl Chunks ===

impl<'a> Chunks<'a> {
    /// Cuts a table into chunks of at most `size` rows.
    pub fn new(table: Table<File>, columns: &'a Columns, size: usize) -> Self {
        Self { table, columns, size, people: 0, rows: 0, rejected: 0, ended: false }
    }

    /// The next chunk; the last one may be empty.
    pub fn next(&mut self) -> io::Result<Option<Chunk>> {
        if self.ended {
            return Ok(None);
        }
        let mut chunk = Chunk {
            first_person: self.people,
            begin: self.rows + 1,
            end: self.rows,
            ..Chunk::default()
        };
        let mut bytes = 0;
        while chunk.places.len() + chunk.rejected < self.size && bytes < CHUNK_BYTES {
            let Some(record) = self.table.next()? else {
                chunk.last = true;
                break;
            };
            chunk.end = record.row;
            match row::person(&record, self.columns) {
                Ok(person) => {
                    bytes += person.encoded_len();
                    chunk.places.push(Place { row: record.row, line: record.line });
                    chunk.people.push(person);
                }
                Err(rejects) => {
                    chunk.rejected += 1;
                    chunk.rejects.extend(rejects);
                }
            }
        }
        self.people = chunk.next_person();
        self.rows = chunk.end;
        self.rejected += chunk.rejected as u64;
        self.ended = chunk.last;
        Ok(Some(chunk))
    }

    /// How many rows so far could not be sent.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }
}
