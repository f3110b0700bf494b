//! The file in chunks. The same file with the same columns gives the same chunks every time: that is what
//! lets an import be resumed.

use std::io::{self, Read};

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
pub struct Chunks<'a, R> {
    table: Table<R>,
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

impl<'a, R: Read> Chunks<'a, R> {
    /// Cuts a table into chunks of at most `size` rows.
    pub fn new(table: Table<R>, columns: &'a Columns, size: usize) -> Self {
        Self { table, columns, size, people: 0, rows: 0, rejected: 0, ended: false }
    }

    /// Reads the next chunk; the last one may be empty.
    pub fn read(&mut self) -> io::Result<Option<Chunk>> {
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
            let Some(record) = self.table.read()? else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::csv::columns::Wishes;
    use crate::cli::csv::read::Dialect;
    use crate::pb::PersonLookupField;

    fn chunks(text: &str, size: usize) -> (Vec<Chunk>, u64) {
        let table = Table::open(text.as_bytes(), Dialect::default()).unwrap();
        let wishes = Wishes { map: &[], ignore_unknown: false, lookup: PersonLookupField::Email };
        let columns = Columns::resolve(table.header(), &[], &wishes).unwrap();
        let mut chunks = Chunks::new(table, &columns, size);
        let mut all = Vec::new();
        while let Some(chunk) = chunks.read().unwrap() {
            all.push(chunk);
        }
        (all, chunks.rejected())
    }

    /// First person, first and last row, people, rejected rows, whether it is sent, whether it is the last.
    fn outline(chunk: &Chunk) -> (i64, u64, u64, usize, Vec<u64>, bool, bool) {
        let rejected = chunk.rejects.iter().map(|reject| reject.place.row).collect();
        let people = chunk.places.len();
        let (sent, last) = (chunk.is_sent(), chunk.last);
        (chunk.first_person, chunk.begin, chunk.end, people, rejected, sent, last)
    }

    #[test]
    fn rows_that_cannot_be_sent_are_not_counted_among_the_sent() {
        let good = "a@example.com,no\n";
        let bad = "b@example.com,maybe\n";
        let text = ["email,unsubscribed\n", good, bad, bad, bad, good, good, bad].concat();
        let (mut chunks, rejected) = chunks(&text, 2);
        assert_eq!(rejected, 4);
        assert_eq!(
            chunks.iter().map(outline).collect::<Vec<_>>(),
            [
                (0, 1, 2, 1, vec![2], true, false),
                (1, 3, 4, 0, vec![3, 4], false, false),
                (1, 5, 6, 2, vec![], true, false),
                (3, 7, 7, 0, vec![7], true, true),
            ]
        );
        assert_eq!(chunks[2].places, [Place { row: 5, line: 6 }, Place { row: 6, line: 7 }]);
        let message = chunks[2].message();
        assert_eq!((message.first_row, message.people.len(), message.last), (1, 2, false));
    }

    #[test]
    fn a_file_that_ends_with_a_chunk_has_an_empty_one_after_it() {
        let (chunks, _) = chunks("email\na@example.com\n", 1);
        let outlines: Vec<_> = chunks.iter().map(outline).collect();
        assert_eq!(outlines[0], (0, 1, 1, 1, vec![], true, false));
        assert_eq!(outlines[1..], [(1, 2, 1, 0, vec![], true, true)]);
    }

    #[test]
    fn a_header_alone_is_an_empty_import() {
        assert_eq!(
            chunks("email\n", 5).0.iter().map(outline).collect::<Vec<_>>(),
            [(0, 1, 0, 0, vec![], true, true)]
        );
    }

    #[test]
    fn large_rows_make_small_chunks() {
        let name = "x".repeat(900_000);
        let text = format!("email,first_name\n{}", format!("a@example.com,{name}\n").repeat(20));
        let (chunks, _) = chunks(&text, 5_000);
        let sizes: Vec<usize> = chunks.iter().map(|chunk| chunk.places.len()).collect();
        assert_eq!(sizes, [10, 10, 0]);
    }
}
