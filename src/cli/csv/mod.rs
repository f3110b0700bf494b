//! CSV as the world has it: read with its encodings, delimiters and headings, written so that no
//! spreadsheet runs it.

pub mod columns;
pub mod decode;
pub mod read;
pub mod value;
pub mod vocabulary;

use std::io;

use ::csv::{Error, ErrorKind};

/// The error of the file behind a CSV reader or writer, which would otherwise lose its kind.
pub fn io_error(error: Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}
