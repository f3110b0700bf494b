//! The file of rejected rows.
//!
//! It is written in the order of the rows, a chunk at a time and only once the chunk is committed, so that
//! at any moment it is whole up to some row. A resumed import cuts it back to where it goes on and sends
//! the last chunks before that again, whose answers the service kept: no reject is lost, none comes twice.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ::csv::{ReaderBuilder, StringRecord, Writer};

use super::row::Place;
use crate::cli::csv::formula::escape;
use crate::cli::failure::{Failure, Result};

const HEADER: [&str; 5] = ["row", "line", "column", "reason", "message"];

/// Why a row, or one cell of it, was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where the row stands in the file.
    pub place: Place,
    /// The heading of the column at fault; empty if it is the whole row.
    pub column: String,
    /// The reason, for machines.
    pub reason: String,
    /// The reason, for people.
    pub message: String,
}

/// The file of rejected rows, if one is wanted.
#[derive(Debug)]
pub struct Rejects {
    path: Option<PathBuf>,
    /// An earlier run has written it.
    found: bool,
    file: Option<File>,
    /// The last row of the import that it accounts for.
    settled: u64,
    /// How many rows it holds; a row may have several lines.
    rows: u64,
}

// === impl Rejects ===

impl Rejects {
    /// Looks at what is there; refuses a file of another kind rather than overwrite it.
    pub fn look(path: Option<&Path>) -> Result<Self> {
        let found = match path {
            Some(path) => is_rejects(path).map_err(|error| Failure::file(path, error))?,
            None => false,
        };
        let path = path.map(Path::to_path_buf);
        Ok(Self { path, found, file: None, settled: 0, rows: 0 })
    }

    /// The person from whom on the import must be sent for the file to become whole, where `committed` are
    /// in and the replies to the last `window` of them may not have arrived. A file that was not there
    /// before takes all of them.
    pub fn resume_from(&self, committed: i64, window: i64) -> i64 {
        match self.path {
            None => committed,
            Some(_) if self.found => (committed - window).max(0),
            Some(_) => 0,
        }
    }

    /// Opens the file and drops what it has of `row` and later ones.
    pub fn open_at(&mut self, row: u64) -> Result<()> {
        self.settled = row - 1;
        let Some(path) = &self.path else { return Ok(()) };
        let (file, rows) =
            open(path, self.found, row).map_err(|error| Failure::file(path, error))?;
        (self.file, self.rows) = (Some(file), rows);
        Ok(())
    }

    /// Writes the rejects among the rows up to `end`, which are in the order of the file, and returns those
    /// that were not settled before.
    pub fn settle<'a>(&mut self, end: u64, rejects: &'a [Reject]) -> Result<&'a [Reject]> {
        let known = rejects.partition_point(|reject| reject.place.row <= self.settled);
        let new = &rejects[known..];
        if let (Some(file), Some(path)) = (&mut self.file, &self.path) {
            lines(new.iter().map(Reject::cells))
                .and_then(|lines| file.write_all(&lines))
                .map_err(|error| Failure::file(path, error))?;
        }
        self.rows += new.chunk_by(|one, other| one.place.row == other.place.row).count() as u64;
        self.settled = self.settled.max(end);
        Ok(new)
    }

    /// Where they are written.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// How many rows the file holds; without one, how many were rejected since this run began.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

fn is_rejects(path: &Path) -> io::Result<bool> {
    let mut first = String::new();
    match File::open(path) {
        Ok(file) => BufReader::new(file).read_line(&mut first)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match first.trim_end() {
        "" => Ok(false),
        line if line == HEADER.join(",") => Ok(true),
        _ => Err(io::Error::other("exists and is no file of rejects; name another one")),
    }
}

/// The file, cut back to what it has before `row`, and how many rows that is.
fn open(path: &Path, found: bool, row: u64) -> io::Result<(File, u64)> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    if !found {
        file.write_all(&lines(std::iter::once(HEADER.map(Into::into)))?)?;
        return Ok((file, 0));
    }
    let (rows, bytes) = keep(&file, row)?;
    file.set_len(bytes)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, rows))
}

/// How many rows before `row` the file has, and how many bytes they take. A line that a kill has cut off
/// ends them too.
fn keep(file: &File, row: u64) -> io::Result<(u64, u64)> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    reader.headers()?;
    let mut record = StringRecord::new();
    let (mut rows, mut last) = (0, 0);
    loop {
        let at = reader.position().byte();
        let more = reader.read_record(&mut record)?;
        let number = record.get(0).and_then(|cell| cell.parse().ok());
        match number.filter(|n| more && record.len() == HEADER.len() && (last..row).contains(n)) {
            Some(number) => {
                rows += u64::from(number != last);
                last = number;
            }
            None => return Ok((rows, at)),
        }
    }
}

fn lines(records: impl Iterator<Item = [String; 5]>) -> io::Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record)?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

// === impl Reject ===

impl Reject {
    fn cells(&self) -> [String; 5] {
        [
            self.place.row.to_string(),
            self.place.line.to_string(),
            escape(&self.column).into_owned(),
            self.reason.clone(),
            escape(&self.message).into_owned(),
        ]
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { row, line } = self.place;
        let column = if self.column.is_empty() { "" } else { &format!(", {}", self.column) };
        write!(f, "row {row} (line {line}){column}: {}: {}", self.reason, self.message)
    }
}
