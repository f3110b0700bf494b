//! CSV as the world has it: read with its encodings, delimiters and headings, written so that no
//! spreadsheet runs it.

pub mod columns;
pub mod decode;
pub mod formula;
pub mod read;
pub mod value;
pub mod vocabulary;
