//! Records of a CSV file, with the row and the line at which a person finds them.

use std::io::{self, BufRead, Read};

use clap::Args;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::decode::{Decoded, Encoding};

/// Most bytes of one record; more means a quote that is never closed, or no CSV at all.
const RECORD_BYTES: usize = 1024 * 1024;
/// The delimiters that are told apart by themselves.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// How a CSV file is written.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Dialect {
    /// What separates the cells: one character, or "tab" [default: , ; or tab, as the header has it].
    #[arg(long, value_name = "CHAR", value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,

    /// How the file is encoded. A byte order mark, UTF-16's too, goes first.
    #[arg(long, value_enum, default_value_t)]
    pub encoding: Encoding,
}

/// A CSV file: its header, and its records one by one.
pub struct Table<R> {
    header: Vec<String>,
    records: Records<R>,
}

/// One record. Rows count the records after the header, from 1; lines are those of the file, from 1.
#[derive(Debug)]
pub struct Record<'a> {
    /// The number of the record.
    pub row: u64,
    /// The line on which it begins.
    pub line: u64,
    text: &'a str,
    ends: &'a [usize],
}

struct Records<R> {
    source: Decoded<R>,
    core: Reader,
    bytes: Vec<u8>,
    /// How many of `bytes` the record has.
    size: usize,
    ends: Vec<usize>,
    /// How many of `ends` the record has.
    columns: usize,
    /// Records read so far, the header included.
    read: u64,
    line: u64,
    /// Line breaks between records, which `core` has not seen.
    breaks: u64,
}

// === impl Table ===

impl<R: Read> Table<R> {
    /// Reads the header.
    pub fn open(source: R, dialect: Dialect) -> io::Result<Self> {
        let mut source = Decoded::new(source, dialect.encoding);
        let start = source.fill_buf()?;
        if start.contains(&0) {
            return Err(invalid(
                "is not text in UTF-8: it has zero bytes; save it as CSV in UTF-8",
            ));
        }
        let delimiter = dialect.delimiter.unwrap_or_else(|| sniff(start));
        let mut records = Records::new(source, delimiter);
        if !records.advance()? {
            return Err(invalid("is empty: it has not even a header"));
        }
        let header = records.current().cells().map(str::to_owned).collect();
        Ok(Self { header, records })
    }

    /// The names of the columns, as they are written.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next record that is not blank.
    pub fn read(&mut self) -> io::Result<Option<Record<'_>>> {
        // A loop that returns the borrowed record would borrow `records` for ever: look, then lend.
        while self.records.advance()? {
            if !self.records.current().is_blank() {
                return Ok(Some(self.records.current()));
            }
        }
        Ok(None)
    }
}

// === impl Record ===

impl<'a> Record<'a> {
    /// How many cells it has.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// Whether no cell holds anything, as spreadsheets write below their last row.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        let (text, ends) = (self.text, self.ends);
        let starts = std::iter::once(&0).chain(ends);
        starts.zip(ends).map(move |(start, end)| &text[*start..*end])
    }
}

// === impl Records ===

impl<R: Read> Records<R> {
    fn new(source: Decoded<R>, delimiter: u8) -> Self {
        Self {
            source,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            bytes: vec![0; 1024],
            ends: vec![0; 32],
            size: 0,
            columns: 0,
            read: 0,
            line: 0,
            breaks: 0,
        }
    }

    /// Reads one record; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.skip_line_breaks()?;
        self.line = self.core.line() + self.breaks;
        (self.size, self.columns) = (0, 0);
        loop {
            let input = self.source.fill_buf()?;
            let (result, read, written, ended) = self.core.read_record(
                input,
                &mut self.bytes[self.size..],
                &mut self.ends[self.columns..],
            );
            self.source.consume(read);
            self.size += written;
            self.columns += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow()?,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(false),
            }
        }
        self.read += 1;
        Ok(true)
    }

    /// The record read last.
    fn current(&self) -> Record<'_> {
        let text = std::str::from_utf8(&self.bytes[..self.size])
            .expect("UTF-8 stays UTF-8 when ASCII delimiters and quotes are taken out");
        Record { row: self.read - 1, line: self.line, text, ends: &self.ends[..self.columns] }
    }

    /// Skips what `core` would skip as well, so that the line on which the next record begins is known.
    fn skip_line_breaks(&mut self) -> io::Result<()> {
        loop {
            let input = self.source.fill_buf()?;
            let breaks = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.breaks += input[..breaks].iter().filter(|byte| **byte == b'\n').count() as u64;
            let more = breaks > 0 && breaks == input.len();
            self.source.consume(breaks);
            if !more {
                return Ok(());
            }
        }
    }

    fn grow(&mut self) -> io::Result<()> {
        if self.bytes.len() >= RECORD_BYTES {
            return Err(invalid(&format!(
                "has more than {RECORD_BYTES} bytes in the record that begins on line {}; is a quote \
                 not closed?",
                self.line
            )));
        }
        self.bytes.resize(self.bytes.len() * 2, 0);
        Ok(())
    }
}

/// The delimiter that the header uses most, outside of quotes.
fn sniff(text: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(i) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[i] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most).unwrap_or_default();
    DELIMITERS[first]
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(*byte),
        _ => Err("must be one ASCII character, or \"tab\"".into()),
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = (u64, u64, Vec<String>);

    fn read(bytes: &[u8], dialect: Dialect) -> Result<(Vec<String>, Vec<Found>), String> {
        let read = || {
            let mut table = Table::open(bytes, dialect)?;
            let mut found = Vec::new();
            while let Some(record) = table.read()? {
                let cells = record.cells().map(str::to_owned).collect();
                found.push((record.row, record.line, cells));
            }
            Ok((table.header().to_vec(), found))
        };
        read().map_err(|error: io::Error| error.to_string())
    }

    fn records(text: &str) -> Vec<Found> {
        read(text.as_bytes(), Dialect::default()).unwrap().1
    }

    fn found(row: u64, line: u64, cells: &[&str]) -> Found {
        (row, line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn rows_and_lines_are_those_that_a_person_counts() {
        for line_break in ["\n", "\r\n"] {
            let text = ["a,b", "1,2", "", "\"x", "y\",3", "4,\"\"\"\"", "", "5,6"].join(line_break);
            let quoted = format!("x{line_break}y");
            assert_eq!(
                records(&text),
                [
                    found(1, 2, &["1", "2"]),
                    found(2, 4, &[&quoted, "3"]),
                    found(3, 6, &["4", "\""]),
                    found(4, 8, &["5", "6"]),
                ]
            );
        }
    }

    #[test]
    fn mixed_line_breaks_do_not_disturb_the_count() {
        let expected =
            [found(1, 2, &["1"]), found(2, 3, &["2"]), found(3, 5, &["3"]), found(4, 6, &["4"])];
        assert_eq!(records("a\n1\r\n2\n\r\n3\r\n4"), expected);
    }

    #[test]
    fn blank_records_are_counted_and_left_out() {
        assert_eq!(records("a,b\n,\n1,2\n , \n"), [found(2, 3, &["1", "2"])]);
    }

    #[test]
    fn records_may_have_another_number_of_cells_than_the_header() {
        assert_eq!(records("a,b\n1\n1,2,3\n")[1], found(2, 3, &["1", "2", "3"]));
    }

    #[test]
    fn the_delimiter_is_the_one_of_the_header() {
        for (text, cells) in [
            ("a,b;c\n1,2\n", ["1", "2"]),
            ("a;b;\"c,d,e\"\n1;2\n", ["1", "2"]),
            ("a\tb\n1,5\t2\n", ["1,5", "2"]),
        ] {
            assert_eq!(records(text)[0].2, cells, "{text:?}");
        }
        assert_eq!(records("a\n1;2\n")[0].2, ["1;2"], "a single column");
        let pipe = Dialect { delimiter: Some(b'|'), ..Dialect::default() };
        assert_eq!(read(b"a|b\n1|2\n", pipe).unwrap().1[0].2, ["1", "2"]);
    }

    #[test]
    fn delimiters_as_flags() {
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter("\\t"), Ok(b'\t'));
        assert_eq!(parse_delimiter(";"), Ok(b';'));
        for text in ["", "ab", "\"", "\n", "é"] {
            assert!(parse_delimiter(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_empty_file_is_refused_and_a_header_alone_is_a_table() {
        for text in ["", "\n\r\n", "\u{FEFF}"] {
            assert!(read(text.as_bytes(), Dialect::default()).unwrap_err().contains("empty"));
        }
        let (header, rows) =
            read(b"\xEF\xBB\xBFEmail,\"First\nName\"", Dialect::default()).unwrap();
        assert_eq!(header, ["Email", "First\nName"]);
        assert!(rows.is_empty());
    }

    #[test]
    fn utf_16_without_a_mark_is_refused_and_with_one_is_read() {
        let utf_16 =
            |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let error = read(&utf_16("a\tb\n"), Dialect::default()).unwrap_err();
        assert!(error.contains("zero bytes"), "{error}");
        let rows = read(&utf_16("\u{FEFF}a\tb\r\n1\tZoë\r\n"), Dialect::default()).unwrap().1;
        assert_eq!(rows, [found(1, 2, &["1", "Zoë"])]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found_before_memory_is_full() {
        let text = format!("a\n1\n\"{}", "x\n".repeat(RECORD_BYTES));
        let error = read(text.as_bytes(), Dialect::default()).unwrap_err();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn records_longer_than_the_first_buffers_are_whole() {
        let cells: Vec<String> = (0..1_000).map(|i| format!("cell {i}")).collect();
        let line = cells.join(",");
        assert_eq!(records(&format!("{line}\n{line}\n"))[0].2, cells);
    }
}
