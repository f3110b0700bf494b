//! `precinct import`: people from a CSV file.

mod args;
mod chunk;
mod rejects;
pub(super) mod row;
mod stream;
mod survey;

use std::path::Path;

use indicatif::HumanCount;
use uuid::Uuid;

pub(super) use self::args::Import;
use self::rejects::Rejects;
use self::stream::{Job, Ledger};
use self::survey::Survey;
use super::Failure;
use super::client::{Client, Error, Result, persist};
use super::csv::columns::{Columns, Wishes};
use super::progress::Progress;
use crate::error::Reason;
use crate::pb::{self, Field, GetImportRequest, ImportHeader, ImportState};

// === impl Import ===

impl Import {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = self.server.client().await?;
        let (job, rows) = self.job(&client.fields().await?)?;
        let known = find(&client, &job.header).await?;
        let rejects = Rejects::look(self.rejects.as_deref())?;
        let progress = Progress::new(Some(rows));
        introduce(&job, &known, &progress);
        let mut ledger = Ledger::new(known.committed_rows, job.chunk, rejects, progress);
        while let Err(error) = job.stream(&client, &mut ledger).await {
            ledger.patience.wait(explain(error, &job.header), &ledger.progress).await?;
        }
        ledger.progress.finish();
        let done = persist(&ledger.progress, async || find(&client, &job.header).await).await?;
        report(&done, &ledger)
    }

    /// What there is to do, and how many rows the file has.
    fn job(&self, fields: &[Field]) -> Result<(Job, u64)> {
        let file = |error| Error::file(&self.file, error);
        let survey = Survey::take(&self.file, self.dialect).map_err(file)?;
        let lookup = self.lookup.into();
        let wishes = Wishes { map: &self.map, ignore_unknown: self.ignore_unknown, lookup };
        let columns = Columns::resolve(&survey.headings, fields, &wishes)
            .map_err(|problems| file(std::io::Error::other(problems)))?;
        let mut header = self.header();
        let id = match self.import_id {
            _ if self.restart => Uuid::now_v7(),
            Some(id) => id,
            None => survey.import_id(&header, &columns, self.dialect, self.chunk),
        };
        header.import_id = id.to_string();
        let (path, dialect, chunk) = (self.file.clone(), self.dialect, self.chunk);
        Ok((Job { path, dialect, columns, chunk, header }, survey.rows))
    }
}

/// How far the import is; one that the service does not know has not begun.
async fn find(client: &Client, header: &ImportHeader) -> Result<pb::Import> {
    let request = GetImportRequest {
        workspace_id: header.workspace_id.clone(),
        import_id: header.import_id.clone(),
    };
    match client.people().get_import(request).await.map_err(Error::from) {
        Ok(reply) => Ok(reply.into_inner().import.unwrap_or_default()),
        Err(error) if error.is(Reason::ImportNotFound) => Ok(pb::Import::default()),
        Err(error) => Err(error),
    }
}

/// Says what is going to happen.
fn introduce(job: &Job, known: &pb::Import, progress: &Progress) {
    progress.note(&format!("import {}", job.header.import_id));
    let ignored = job.columns.ignored();
    if !ignored.is_empty() {
        progress.note(&format!("columns left out: {}", ignored.join(", ")));
    }
    if known.state() == ImportState::Complete {
        progress.note("it is complete already; say --restart to import the file anew");
    } else if known.committed_rows > 0 {
        progress.note(&format!("{} rows are in already", HumanCount(count(known.committed_rows))));
    }
}

/// Says what to do about a refusal that only an import meets.
fn explain(error: Error, header: &ImportHeader) -> Error {
    if error.is(Reason::ImportChanged) || error.is(Reason::ImportChunkOutOfOrder) {
        return Error::Input(format!(
            "import {} began with another file, --chunk or columns; run it as it began, or say --restart \
             ({error})",
            header.import_id
        ));
    }
    error
}

/// Says what came of it.
fn report(import: &pb::Import, ledger: &Ledger) -> Result<(), Failure> {
    let rejected = count(import.failed) + ledger.unsent;
    let mut counts = vec![
        (count(import.created), "created"),
        (count(import.updated), "updated"),
        (count(import.unchanged), "unchanged"),
        (rejected, "rejected"),
    ];
    if import.withheld > 0 {
        counts.push((count(import.withheld), "withheld"));
    }
    let total = counts.iter().map(|(count, _)| count).sum();
    let counts: Vec<String> =
        counts.iter().map(|(count, what)| format!("{} {what}", HumanCount(*count))).collect();
    println!("{} rows: {}; {}", HumanCount(total), counts.join(", "), ledger.progress.pace());
    if rejected == 0 {
        return Ok(());
    }
    let written = HumanCount(ledger.rejects.rows());
    Err(Failure::Rejected(match ledger.rejects.path().map(Path::display) {
        None => {
            "some rows were rejected; name a file with --rejects, and they are all written to it"
                .into()
        }
        Some(path) if ledger.rejects.rows() == rejected => {
            format!("some rows were rejected; they are in {path}")
        }
        Some(path) => format!(
            "some rows were rejected; {path} has {written} of them only, since it was changed or is of \
             another import: remove it, run the same command again, and they are all written"
        ),
    }))
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or_default()
}
