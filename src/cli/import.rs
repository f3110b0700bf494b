//! `precinct import`: people from a CSV file.

mod args;
mod chunk;
mod rejects;
pub(super) mod row;
mod stream;
mod survey;

use std::process::ExitCode;

use indicatif::HumanCount;
use uuid::Uuid;

pub use self::args::ImportArgs;
use self::rejects::Rejects;
use self::stream::{Job, Ledger};
use self::survey::Survey;
use super::client::Client;
use super::csv::columns::{Columns, Wishes};
use super::failure::{Failure, Result};
use super::patience::persist;
use super::progress::Progress;
use crate::error::Reason;
use crate::pb::{Field, GetImportRequest, Import, ImportHeader, ImportState};

/// The exit code of an import that is complete but for rejected rows.
const REJECTED: u8 = 3;

/// Runs the command.
pub async fn run(args: ImportArgs) -> ExitCode {
    match import(&args).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("precinct: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn import(args: &ImportArgs) -> Result<ExitCode> {
    let client = args.server.client()?;
    let (job, rows) = job(args, &client.fields().await?)?;
    let known = find(&client, &job.header).await?;
    let rejects = Rejects::look(args.rejects.as_deref())?;
    let mut ledger =
        Ledger::new(known.committed_rows, job.chunk, rejects, Progress::new(Some(rows)));
    introduce(&job, &known, &ledger.progress);
    while let Err(failure) = job.stream(&client, &mut ledger).await {
        let failure = explain(failure, &job.header);
        ledger.patience.wait(failure, &ledger.progress).await?;
    }
    ledger.progress.finish();
    let import = persist(&ledger.progress, async || find(&client, &job.header).await).await?;
    Ok(report(&import, &ledger))
}

/// What there is to do, and how many rows the file has.
fn job(args: &ImportArgs, fields: &[Field]) -> Result<(Job, u64)> {
    let file = |error| Failure::file(&args.file, error);
    let survey = Survey::take(&args.file, args.dialect).map_err(file)?;
    let lookup = args.lookup.into();
    let wishes = Wishes { map: &args.map, ignore_unknown: args.ignore_unknown, lookup };
    let columns = Columns::resolve(&survey.headings, fields, &wishes)
        .map_err(|problems| file(std::io::Error::other(problems)))?;
    let mut header = args.header();
    let derived = || survey.import_id(&header, &columns, args.dialect, args.chunk);
    let id = match args.import_id {
        _ if args.restart => Uuid::now_v7(),
        Some(id) => id,
        None => derived(),
    };
    header.import_id = id.to_string();
    let (path, dialect, chunk) = (args.file.clone(), args.dialect, args.chunk);
    Ok((Job { path, dialect, columns, chunk, header }, survey.rows))
}

/// How far the import is; one that the service does not know has not begun.
async fn find(client: &Client, header: &ImportHeader) -> Result<Import> {
    let request = GetImportRequest {
        workspace_id: header.workspace_id.clone(),
        import_id: header.import_id.clone(),
    };
    match client.people().get_import(request).await.map_err(Failure::from) {
        Ok(reply) => Ok(reply.into_inner().import.unwrap_or_default()),
        Err(failure) if failure.is(Reason::ImportNotFound) => Ok(Import::default()),
        Err(failure) => Err(failure),
    }
}

/// Says what is going to happen.
fn introduce(job: &Job, known: &Import, progress: &Progress) {
    progress.note(&format!("import {}", job.header.import_id));
    let ignored = job.columns.ignored();
    if !ignored.is_empty() {
        progress.note(&format!(
            "left out, since the service sets them or nobody does: {}",
            ignored.join(", ")
        ));
    }
    if known.state() == ImportState::Complete {
        progress.note("it is complete already; say --restart to import the file anew");
    } else if known.committed_rows > 0 {
        progress.note(&format!("{} rows are in already", HumanCount(count(known.committed_rows))));
    }
}

/// Says what to do about a refusal that only an import can meet.
fn explain(failure: Failure, header: &ImportHeader) -> Failure {
    if failure.is(Reason::ImportChanged) || failure.is(Reason::ImportChunkOutOfOrder) {
        return Failure::Input(format!(
            "import {} began with another file, --chunk or columns; run it as it began, or say --restart \
             ({failure})",
            header.import_id
        ));
    }
    failure
}

/// Says what came of it.
fn report(import: &Import, ledger: &Ledger) -> ExitCode {
    let rejected = count(import.failed) + ledger.unsent;
    let counts = [
        (count(import.created), "created"),
        (count(import.updated), "updated"),
        (count(import.unchanged), "unchanged"),
        (rejected, "rejected"),
    ];
    let total = counts.iter().map(|(count, _)| count).sum();
    let counts = counts.map(|(count, what)| format!("{} {what}", HumanCount(count)));
    println!("{} rows: {}; {}", HumanCount(total), counts.join(", "), ledger.progress.pace());
    if let Some(path) = ledger.rejects.path().filter(|_| ledger.rejects.rows() != rejected) {
        eprintln!(
            "{} has {} of the rejected rows only, since it was changed or is of another run; remove it and \
             run the command again, and all are written",
            path.display(),
            HumanCount(ledger.rejects.rows())
        );
    }
    if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(REJECTED) }
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or_default()
}
