//! Reading the file of a package as it comes: nothing of it is believed before all of it is there and whole.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::extent::{VALUES_MAX, values};
use super::write::{Entry, Header, Manifest, digest, hex};
use super::{
    ASSETS_MAX, BYTES_MAX, FOLDERS_MAX, FORMAT, Flaw, Folder, Item, LINE_MAX, Package, Problem,
    VERSION,
};

/// Reads a file, in pieces of any size.
#[derive(Debug, Default)]
pub struct Reader {
    /// The line that is not at its end.
    line: Vec<u8>,
    bytes: usize,
    /// Of all behind the first line.
    hash: Sha256,
    /// What the first line says that it is.
    expected: Option<String>,
    /// What the second line says that follows.
    items: Option<Vec<Entry>>,
    read: usize,
    /// Values in the contents that were read.
    values: usize,
    package: Package,
}

/// An item's line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Folder(Folder),
    Asset(Item),
}

// === impl Reader ===

impl Reader {
    /// Takes the next piece.
    pub fn push(&mut self, mut data: &[u8]) -> Result<(), Flaw> {
        self.bytes += data.len();
        if self.bytes > BYTES_MAX {
            return Err(Flaw::new(Problem::Size, format!("has more than {BYTES_MAX} bytes")));
        }
        while let Some(end) = data.iter().position(|byte| *byte == b'\n') {
            self.append(&data[..end])?;
            let line = std::mem::take(&mut self.line);
            self.take(&line)?;
            data = &data[end + 1..];
        }
        self.append(data)
    }

    /// What was read, once all of it is there.
    pub fn end(self) -> Result<Package, Flaw> {
        let missing = |text: String| Err(Flaw::new(Problem::Missing, text));
        let (Some(expected), Some(items)) = (self.expected, self.items) else {
            return missing("ends before its second line does".into());
        };
        if !self.line.is_empty() || self.read < items.len() {
            let place = self.read + 1;
            return missing(format!("ends before item {place} of {}", items.len()));
        }
        if hex(&self.hash.finalize()) != expected {
            let text = "does not have the checksum that its first line says";
            return Err(Flaw::new(Problem::Checksum, text));
        }
        Ok(self.package)
    }

    fn append(&mut self, part: &[u8]) -> Result<(), Flaw> {
        if self.line.len() + part.len() > LINE_MAX {
            let text = format!("has a line of more than {LINE_MAX} bytes");
            return Err(Flaw::new(Problem::Size, text));
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> Result<(), Flaw> {
        if self.expected.is_none() {
            self.expected = Some(header(line)?);
            return Ok(());
        }
        self.hash.update(line);
        self.hash.update(b"\n");
        match self.items.take() {
            None => self.manifest(line),
            Some(items) => {
                let done = self.item(line, &items);
                self.items = Some(items);
                done
            }
        }
    }

    fn manifest(&mut self, line: &[u8]) -> Result<(), Flaw> {
        let Manifest { needs, folders, assets, items } = parse(line, "line 2")?;
        if folders > FOLDERS_MAX || assets > ASSETS_MAX {
            let text = format!(
                "has {folders} folders and {assets} assets, and may have {FOLDERS_MAX} and {ASSETS_MAX}"
            );
            return Err(Flaw::new(Problem::Size, text));
        }
        let ids: HashSet<Uuid> = items.iter().map(|one| one.id).collect();
        if ids.len() < items.len() || items.len() != folders + assets {
            let text = "line 2 does not list each folder and each asset once";
            return Err(Flaw::new(Problem::Format, text));
        }
        self.package.needs = needs;
        self.items = Some(items);
        Ok(())
    }

    fn item(&mut self, line: &[u8], items: &[Entry]) -> Result<(), Flaw> {
        let place = self.read + 1;
        let Some(entry) = items.get(self.read) else {
            let text = format!("goes on behind item {}, the last", items.len());
            return Err(Flaw::new(Problem::Format, text));
        };
        let sha256 = digest(line);
        if sha256 != entry.sha256 {
            return Err(match items.iter().position(|one| one.sha256 == sha256) {
                Some(other) => {
                    let text = format!("has item {} in the place of item {place}", other + 1);
                    Flaw::new(Problem::Order, text)
                }
                None => {
                    let text = format!("item {place}, {}, was changed", entry.id);
                    Flaw::new(Problem::Checksum, text)
                }
            });
        }
        let id = match parse(line, &format!("item {place}"))? {
            Line::Folder(folder) => {
                self.package.folders.push(folder.clone());
                folder.id.0
            }
            Line::Asset(item) => {
                self.values += values(&item.content);
                if self.values > VALUES_MAX {
                    let text = format!("has more than {VALUES_MAX} values in its contents");
                    return Err(Flaw::new(Problem::Size, text));
                }
                let id = item.id.0;
                self.package.assets.push(item);
                id
            }
        };
        if id != entry.id {
            let text = format!("item {place} is {id}, and line 2 says {}", entry.id);
            return Err(Flaw::new(Problem::Format, text));
        }
        self.read += 1;
        Ok(())
    }
}

/// The checksum that the first line says.
fn header(line: &[u8]) -> Result<String, Flaw> {
    let header: Header = parse(line, "line 1")?;
    if header.format != FORMAT {
        return Err(Flaw::new(Problem::Format, format!("is no {FORMAT}")));
    }
    if header.version != VERSION {
        let text = format!("is of version {}, and known is version {VERSION}", header.version);
        return Err(Flaw::new(Problem::Version, text));
    }
    Ok(header.sha256)
}

fn parse<T: DeserializeOwned>(line: &[u8], what: &str) -> Result<T, Flaw> {
    serde_json::from_slice(line)
        .map_err(|error| Flaw::new(Problem::Format, format!("{what} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::check::tests::sample;
    use super::super::{TEXT_MAX, write};
    use super::*;

    fn read(file: &[u8], piece: usize) -> Result<Package, Flaw> {
        let mut reader = Reader::default();
        file.chunks(piece.max(1)).try_for_each(|data| reader.push(data))?;
        reader.end()
    }

    fn problem(file: &[u8]) -> Problem {
        read(file, 100).expect_err("it is refused").problem
    }

    fn lines(file: &[u8]) -> Vec<Vec<u8>> {
        file.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    }

    /// K-03: what is written is read again, in pieces of any size, and the same content has the same bytes.
    #[test]
    fn k_03_what_is_written_is_read() {
        let package = sample();
        let file = write(&package, "2026-01-01T00:00:00Z");
        for piece in [1, 7, 1_000, file.len()] {
            assert_eq!(read(&file, piece), Ok(package.clone()));
        }
        assert_eq!(file, write(&package, "2026-01-01T00:00:00Z"));
        let later = write(&package, "2027-01-01T00:00:00Z");
        assert_eq!(lines(&file)[1..], lines(&later)[1..]);
        assert_eq!(read(&later, 50), Ok(package), "the time is in no checksum");
    }

    /// K-03: a package that was cut, put in another order, doubled or is of another version is refused for that.
    #[test]
    fn k_03_a_package_that_is_not_whole_is_refused() {
        let file = write(&sample(), "");
        let whole = lines(&file);
        let joined = |lines: &[Vec<u8>]| lines.concat();
        for cut in 0..whole.len() {
            assert_eq!(problem(&joined(&whole[..cut])), Problem::Missing, "{cut} lines");
        }
        assert_eq!(problem(&file[..file.len() - 1]), Problem::Missing);
        let mut other = whole.clone();
        other.swap(2, 3);
        assert_eq!(problem(&joined(&other)), Problem::Order);
        let mut doubled = whole.clone();
        doubled.push(whole[2].clone());
        assert_eq!(problem(&joined(&doubled)), Problem::Format);
        let mut left_out = whole.clone();
        left_out.remove(2);
        assert_eq!(problem(&joined(&left_out)), Problem::Order);
        let newer =
            String::from_utf8(file.clone()).unwrap().replacen("\"version\":1", "\"version\":2", 1);
        assert_eq!(problem(newer.as_bytes()), Problem::Version);
        assert_eq!(problem(b"{}\n"), Problem::Format);
        assert_eq!(problem(&vec![b'x'; LINE_MAX + 1]), Problem::Size);
    }

    /// K-03: however much a file says, little of it is repeated.
    #[test]
    fn k_03_what_is_said_of_a_flaw_is_short() {
        let file = format!("{{\"{}\":1}}\n", "ß".repeat(LINE_MAX / 4));
        let spoilt = String::from_utf8(write(&sample(), "")).unwrap();
        let header = spoilt.split_inclusive('\n').next().unwrap_or_default();
        let flaw = read(&[header.as_bytes(), file.as_bytes()].concat(), 1_000).unwrap_err();
        assert_eq!((flaw.problem, flaw.text.chars().count()), (Problem::Format, TEXT_MAX));
    }

    /// K-03: a file of 16 MiB can hold 8 million numbers, which would take half a GB.
    #[test]
    fn k_03_values_are_counted_as_they_are_read() {
        let mut package = sample();
        let many = serde_json::json!({ "a": vec![0; VALUES_MAX / 4] });
        for asset in &mut package.assets {
            asset.content = many.clone();
        }
        assert_eq!(problem(&write(&package, "")), Problem::Size);
        package.assets[0].content = serde_json::json!({});
        let file = write(&package, "");
        assert_eq!(read(&file, 1_000), Ok(package));
    }

    proptest! {
        /// K-03: whatever byte of a package is changed, it is refused, unless it is of the time.
        #[test]
        fn k_03_a_changed_byte_is_found(at in 0_usize..10_000, to in any::<u8>()) {
            let package = sample();
            let mut file = write(&package, "2026-01-01T00:00:00Z");
            let at = at % file.len();
            prop_assume!(file[at] != to);
            file[at] = to;
            let first = file.iter().position(|byte| *byte == b'\n').unwrap_or_default();
            match read(&file, 1_000) {
                Err(_) => {}
                Ok(read) => prop_assert!(at < first && read == package, "byte {at} to {to}"),
            }
        }
    }
}
