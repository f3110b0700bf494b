//! `precinct export`: all people whom a workspace sees, into a file.

pub(super) mod format;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::HumanCount;
use tonic::Status;
use uuid::Uuid;

use self::format::{Format, Output};
use super::Failure;
use super::client::{Client, Error, Patience, Result, Server};
use super::progress::Progress;
use crate::pb::{ExportPeopleRequest, Person};

const STANDARD_OUTPUT: &str = "-";

/// Export the people whom a workspace sees, as CSV or JSON lines.
///
/// As CSV, text that a spreadsheet would run as a formula gets an apostrophe before it, which `precinct
/// import` takes off again. Numbers stay as they are. What the service sets itself (the partition, the
/// source, the times) is written too; an import leaves it out.
#[derive(Args, Debug)]
pub(super) struct Export {
    /// The workspace through which to look.
    #[arg(long)]
    pub workspace: Uuid,

    /// Only the people of this partition; may be given several times [default: all that the workspace sees].
    #[arg(long)]
    pub partition: Vec<Uuid>,

    /// Where to write; the file is there once it is whole. "-" is the standard output.
    #[arg(long, value_name = "FILE", default_value = STANDARD_OUTPUT)]
    pub output: PathBuf,

    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// The service.
    #[command(flatten)]
    pub server: Server,
}

/// An export under way.
struct Run<'a> {
    path: &'a Path,
    output: Output<Box<dyn Write>>,
    rows: u64,
    progress: Progress,
    patience: Patience,
}

/// What is written until it is whole: the file's name and `.part`; nothing for the standard output.
fn part(output: &Path) -> Option<PathBuf> {
    let file = Some(output).filter(|output| *output != Path::new(STANDARD_OUTPUT))?;
    let mut name = OsString::from(file);
    name.push(".part");
    Some(name.into())
}

fn open(path: Option<&Path>) -> io::Result<Box<dyn Write>> {
    Ok(match path {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    })
}

// === impl Export ===

impl Export {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.all().await {
            // Whoever reads has enough, as in `precinct export | head`.
            Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => Ok(done?),
        }
    }

    async fn all(&self) -> Result<()> {
        let client = self.server.client().await?;
        let fields = client.fields().await?;
        let part = part(&self.output);
        let path = part.as_deref().unwrap_or(&self.output);
        let file = |error| Error::file(path, error);
        let output = open(part.as_deref()).and_then(|to| Output::new(to, self.format, &fields));
        let mut run = Run {
            path,
            output: output.map_err(file)?,
            rows: 0,
            progress: Progress::new(None),
            patience: Patience::default(),
        };
        run.all(&client, self.request()).await?;
        if part.is_some() {
            std::fs::rename(path, &self.output).map_err(file)?;
        }
        run.progress.finish();
        eprintln!("{} people exported; {}", HumanCount(run.rows), run.progress.pace());
        Ok(())
    }

    fn request(&self) -> ExportPeopleRequest {
        ExportPeopleRequest {
            workspace_id: self.workspace.to_string(),
            partition_ids: self.partition.iter().map(Uuid::to_string).collect(),
            resume_token: String::new(),
        }
    }
}

// === impl Run ===

impl Run<'_> {
    /// Writes everybody, going on after a break where it was.
    async fn all(&mut self, client: &Client, mut request: ExportPeopleRequest) -> Result<()> {
        while let Err(error) = self.stream(client, &mut request).await {
            self.patience.wait(error, &self.progress).await?;
        }
        self.output.flush().map_err(|error| Error::file(self.path, error))
    }

    /// Writes what one stream brings, and keeps in the request where to go on.
    async fn stream(&mut self, client: &Client, request: &mut ExportPeopleRequest) -> Result<()> {
        let mut messages = client.people().export_people(request.clone()).await?.into_inner();
        while let Some(message) = messages.message().await? {
            self.write(&message.people)?;
            self.patience.restore();
            request.resume_token = message.resume_token;
            if request.resume_token.is_empty() {
                return Ok(());
            }
        }
        Err(Status::unavailable("the stream ended before its last message").into())
    }

    fn write(&mut self, people: &[Person]) -> Result<()> {
        for person in people {
            self.output.write(person).map_err(|error| Error::file(self.path, error))?;
        }
        self.rows += people.len() as u64;
        self.progress.update(self.rows, "");
        Ok(())
    }
}
