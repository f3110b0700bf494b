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
use crate::cli::client::{Error, Result};
use crate::cli::csv::io_error;
use crate::domain::formula::escape;

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
            Some(path) => is_rejects(path).map_err(|error| Error::file(path, error))?,
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
        let (file, rows) = open(path, self.found, row).map_err(|error| Error::file(path, error))?;
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
                .map_err(|error| Error::file(path, error))?;
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
    reader.headers().map_err(io_error)?;
    let mut record = StringRecord::new();
    let (mut rows, mut last) = (0, 0);
    loop {
        let at = reader.position().byte();
        let more = reader.read_record(&mut record).map_err(io_error)?;
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
        writer.write_record(record).map_err(io_error)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn directory() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rejects.csv");
        (directory, path)
    }

    fn reject(row: u64, message: &str) -> Reject {
        let place = Place { row, line: row + 1 };
        Reject {
            place,
            column: "Age".into(),
            reason: "INVALID_FIELD".into(),
            message: message.into(),
        }
    }

    /// A file of the rejected rows 2, 5 (twice) and 9.
    fn written(path: &Path) {
        let mut rejects = Rejects::look(Some(path)).unwrap();
        rejects.open_at(1).unwrap();
        rejects.settle(4, &[reject(2, "no, \"really\"")]).unwrap();
        rejects.settle(10, &[reject(5, "a"), reject(5, "b\nc"), reject(9, "=x")]).unwrap();
        assert_eq!(rejects.rows(), 3);
    }

    const TITLE: &str = "row,line,column,reason,message\n";
    const ROW_2: &str = "2,3,Age,INVALID_FIELD,\"no, \"\"really\"\"\"\n";
    const ROW_5: &str = "5,6,Age,INVALID_FIELD,a\n5,6,Age,INVALID_FIELD,\"b\nc\"\n";
    const ROW_9: &str = "9,10,Age,INVALID_FIELD,'=x\n";

    #[test]
    fn rejects_are_written_in_order_and_without_formulas() {
        let (_directory, path) = directory();
        written(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), [TITLE, ROW_2, ROW_5, ROW_9].concat());
    }

    #[test]
    fn a_resumed_import_neither_loses_nor_doubles_rejects() {
        let (_directory, path) = directory();
        let new = "101,102,Age,INVALID_FIELD,new\n";
        for (cut, kept) in [
            (1, &[TITLE][..]),
            (2, &[TITLE]),
            (5, &[TITLE, ROW_2]),
            (6, &[TITLE, ROW_2, ROW_5]),
            (100, &[TITLE, ROW_2, ROW_5, ROW_9]),
        ] {
            fs::remove_file(&path).unwrap_or_default();
            written(&path);
            let mut rejects = Rejects::look(Some(&path)).unwrap();
            rejects.open_at(cut).unwrap();
            rejects.settle(110, &[reject(101, "new")]).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), kept.concat() + new, "cut at {cut}");
            assert_eq!(rejects.rows(), kept.len() as u64, "cut at {cut}");
        }
    }

    #[test]
    fn what_a_kill_has_cut_off_is_dropped() {
        let (_directory, path) = directory();
        written(&path);
        let whole = fs::read_to_string(&path).unwrap();
        let row_9 = whole.len() - ROW_9.len();
        for end in row_9..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let mut rejects = Rejects::look(Some(&path)).unwrap();
            rejects.open_at(6).unwrap();
            rejects.settle(10, &[reject(9, "=x")]).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), whole, "cut at {end}");
        }
    }

    #[test]
    fn a_chunk_that_is_settled_again_after_a_break_is_not_written_again() {
        let (_directory, path) = directory();
        written(&path);
        let mut rejects = Rejects::look(Some(&path)).unwrap();
        rejects.open_at(10).unwrap();
        let new = rejects.settle(12, &[reject(9, "=x"), reject(11, "z")]).unwrap().len();
        assert_eq!((new, rejects.rows()), (1, 4));
    }

    #[test]
    fn how_much_is_sent_again_depends_on_what_was_written() {
        let (_directory, path) = directory();
        assert_eq!(Rejects::look(None).unwrap().resume_from(1_000, 40), 1_000);
        assert_eq!(Rejects::look(Some(&path)).unwrap().resume_from(1_000, 40), 0);
        written(&path);
        assert_eq!(Rejects::look(Some(&path)).unwrap().resume_from(1_000, 40), 960);
        assert_eq!(Rejects::look(Some(&path)).unwrap().resume_from(10, 40), 0);
    }

    #[test]
    fn a_file_of_another_kind_is_not_overwritten() {
        let (_directory, path) = directory();
        fs::write(&path, "email\na@example.com\n").unwrap();
        let error = Rejects::look(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("is no file of rejects"), "{error}");
    }
}
