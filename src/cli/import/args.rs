//! The flags of `precinct import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use uuid::Uuid;

use crate::cli::client::Server;
use crate::cli::csv::read::Dialect;
use crate::config::CHUNK_MAX;
use crate::pb::{ImportHeader, PersonLookupField, PersonSource, PersonWriteMode};

/// Import people from a CSV file.
///
/// The first line names the columns, in any order: email, external ID, first name, last name, unsubscribed,
/// and the tenant's fields. Case, spaces, hyphens and underscores do not matter. An empty cell leaves a value
/// as it is. An apostrophe before what looks like a formula is taken off, as an export puts it there.
///
/// An import that was stopped goes on when the same command is run again. Exit code: 0 if all rows are in, 3
/// if some were rejected, 1 if it failed, 2 if the command is wrong.
#[derive(Args, Debug)]
pub struct Import {
    /// The file.
    pub file: PathBuf,

    /// The workspace through which the people come in.
    #[arg(long)]
    pub workspace: Uuid,

    /// The partition for new people [default: where routing leads].
    #[arg(long)]
    pub partition: Option<Uuid>,

    /// What may be done.
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,

    /// What people are known by.
    #[arg(long, value_enum, default_value_t)]
    pub lookup: Lookup,

    /// How new people come in, for routing rules.
    #[arg(long, value_enum, default_value_t)]
    pub source: Source,

    /// Where to write the rejected rows, as CSV [default: the first ones are shown].
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// Rows that are committed together, at most 10,000; another number makes another import.
    #[arg(long, default_value_t = 5_000, value_name = "ROWS",
        value_parser = clap::value_parser!(u16).range(1..=CHUNK_MAX as i64))]
    pub chunk: u16,

    /// How the file is written.
    #[command(flatten)]
    pub dialect: Dialect,

    /// What a column stands for, if its name does not say it; may be given several times.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = parse_map)]
    pub map: Vec<(String, String)>,

    /// Leave out columns that stand for nothing.
    #[arg(long)]
    pub ignore_unknown: bool,

    /// The id of the import [default: made from the file and what is done with it].
    #[arg(long, value_name = "ID")]
    pub import_id: Option<Uuid>,

    /// Import the file anew, whatever is in already.
    #[arg(long, conflicts_with = "import_id")]
    pub restart: bool,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

/// What an import may do.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Mode {
    /// Update known people, create the others.
    #[default]
    CreateOrUpdate,
    /// Create people; known ones are rejected.
    CreateOnly,
    /// Update people; unknown ones are rejected.
    UpdateOnly,
}

/// What people are known by.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Lookup {
    /// Their email.
    #[default]
    Email,
    /// Their id in your own system.
    ExternalId,
    /// The service's id of them; creates nobody.
    Id,
}

/// How people come in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Source {
    #[default]
    Import,
    Crm,
    Manual,
    Api,
}

// === impl Import ===

impl Import {
    /// What the service is told of the import, but for its id.
    pub fn header(&self) -> ImportHeader {
        ImportHeader {
            import_id: String::new(),
            workspace_id: self.workspace.to_string(),
            partition_id: self.partition.map(|id| id.to_string()).unwrap_or_default(),
            mode: PersonWriteMode::from(self.mode).into(),
            lookup_field: PersonLookupField::from(self.lookup).into(),
            source: PersonSource::from(self.source).into(),
        }
    }
}

impl From<Mode> for PersonWriteMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::CreateOrUpdate => Self::CreateOrUpdate,
            Mode::CreateOnly => Self::CreateOnly,
            Mode::UpdateOnly => Self::UpdateOnly,
        }
    }
}

impl From<Lookup> for PersonLookupField {
    fn from(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Email => Self::Email,
            Lookup::ExternalId => Self::ExternalId,
            Lookup::Id => Self::Id,
        }
    }
}

impl From<Source> for PersonSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Import => Self::Import,
            Source::Crm => Self::Crm,
            Source::Manual => Self::Manual,
            Source::Api => Self::Api,
        }
    }
}

fn parse_map(text: &str) -> Result<(String, String), String> {
    // A heading may have an equals sign in it, a field cannot.
    let (heading, field) = text.rsplit_once('=').ok_or("must be \"Column name=field\"")?;
    Ok((heading.to_owned(), field.to_owned()))
}
