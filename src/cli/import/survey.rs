//! A first look at the whole file: whether it can be read to its end, how long it is, and which file it is.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cli::csv::columns::Columns;
use crate::cli::csv::read::{Dialect, Table};
use crate::cli::csv::vocabulary::Target;
use crate::pb::ImportHeader;

/// The namespace of import ids. The number at its end stands for how the file is cut into chunks: a change
/// of that needs another.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0d_2f3c_5a0e_5d0b_9b7e_0000_0000_0001);

/// What is known of a file.
#[derive(Debug)]
pub struct Survey {
    /// Its header.
    pub headings: Vec<String>,
    /// How many rows it has, blank ones aside.
    pub rows: u64,
    hash: [u8; 32],
}

struct Hashed<R> {
    source: R,
    hash: Sha256,
}

// === impl Survey ===

impl Survey {
    /// Reads the file once.
    pub fn take(path: &Path, dialect: Dialect) -> io::Result<Self> {
        let mut source = Hashed { source: File::open(path)?, hash: Sha256::new() };
        let mut table = Table::open(&mut source, dialect)?;
        let mut rows = 0;
        while let Some(record) = table.read()? {
            rows = record.row;
        }
        let headings = table.header().to_vec();
        Ok(Self { headings, rows, hash: source.hash.finalize().into() })
    }

    /// The id of the import of this file: the same whenever the same rows go to the same place in the same
    /// chunks, so that the same command goes on where it was stopped.
    pub fn import_id(
        &self,
        header: &ImportHeader,
        columns: &Columns,
        dialect: Dialect,
        chunk: u16,
    ) -> Uuid {
        let mut parts = vec![
            header.workspace_id.clone(),
            header.partition_id.clone(),
            header.mode().as_str_name().to_owned(),
            header.lookup_field().as_str_name().to_owned(),
            header.source().as_str_name().to_owned(),
            format!("{dialect:?}"),
            chunk.to_string(),
        ];
        parts.extend(columns.iter().map(|column| match &column.target {
            Target::Attribute { kind, .. } => format!("{} {}", column.target, kind.as_str_name()),
            target => target.to_string(),
        }));
        let file = Uuid::new_v5(&NAMESPACE, &self.hash);
        Uuid::new_v5(&file, parts.join("\n").as_bytes())
    }
}

// === impl Hashed ===

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}
