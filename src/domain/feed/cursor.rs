//! Positions in the feed, as callers keep them: `revision.ordinal.epoch`.

use std::fmt;
use std::str::FromStr;

/// A position: everything up to a change has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The revision of the change.
    pub revision: i64,
    /// Its place in the revision.
    pub ordinal: i32,
    /// The mark of the history that the revision is of: where a backup was restored, it has another.
    pub epoch: i64,
}

// === impl Cursor ===

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{:016x}", self.revision, self.ordinal, self.epoch)
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text).ok_or_else(|| "must be the cursor of a message of this rpc".into())
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let mut parts = text.splitn(3, '.').filter(|part| !part.starts_with(['+', '-']));
    let (revision, ordinal) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let epoch = parts.next().filter(|part| part.len() == 16)?;
    let epoch = u64::from_str_radix(epoch, 16).ok()?.cast_signed();
    Some(Cursor { revision, ordinal, epoch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_07_cursors_are_read_as_they_are_written() {
        for epoch in [0, 1, -1, i64::MIN, i64::MAX] {
            let cursor = Cursor { revision: 4_211, ordinal: 7, epoch };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        assert_eq!(Cursor::default().to_string(), "0.0.0000000000000000");
        let zero = "0000000000000000";
        for none in [
            "",
            "1",
            "1.0",
            "1.0.",
            "-1.0.{}",
            "1.-1.{}",
            "1.0.{}0",
            "1.0.+0000000000000{}",
            "a.0.{}",
        ] {
            assert!(none.replace("{}", zero).parse::<Cursor>().is_err(), "{none}");
        }
    }
}
