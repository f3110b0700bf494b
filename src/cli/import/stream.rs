//! One stream of an import: chunks go up, replies come down, and what is committed is settled.

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;

use indicatif::HumanCount;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::chunk::{Chunk, Chunks};
use super::rejects::{Reject, Rejects};
use crate::cli::client::{Client, Error, Patience, Result};
use crate::cli::csv::columns::Columns;
use crate::cli::csv::read::{Dialect, Table};
use crate::cli::progress::Progress;
use crate::pb::import_people_request::Part;
use crate::pb::{ImportHeader, ImportPeopleRequest, ImportPeopleResponse};

/// How many chunks may be without their reply: it bounds memory on both sides, and what a resumed import
/// has to send again for its rejects.
const WINDOW: usize = 4;
/// How many rejects are shown where no file is named for them.
const SHOWN: usize = 10;

/// What is imported; the same for every try.
pub struct Job {
    /// The file.
    pub path: PathBuf,
    /// How it is written.
    pub dialect: Dialect,
    /// What its columns stand for.
    pub columns: Columns,
    /// Most rows of a chunk.
    pub chunk: u16,
    /// What the service is told of the import.
    pub header: ImportHeader,
}

/// What has become of the rows so far, over all tries.
pub struct Ledger {
    /// People before this one need not be sent.
    from: i64,
    /// The rejected rows.
    pub rejects: Rejects,
    /// The bar.
    pub progress: Progress,
    /// Breaks without progress.
    pub patience: Patience,
    /// Rows of the file that could not be sent.
    pub unsent: u64,
    begun: bool,
    /// Rejects that no file holds and the caller was shown.
    shown: usize,
}

// === impl Job ===

impl Job {
    /// Sends the rows from `ledger.from` on, until the last is committed or something breaks.
    pub async fn stream(&self, client: &Client, ledger: &mut Ledger) -> Result<()> {
        let mut chunks = self.chunks()?;
        // Room for all that the window admits and the header, so that sending never waits.
        let (outbox, requests) = mpsc::channel(WINDOW + 1);
        send(&outbox, Part::Header(self.header.clone())).await;
        let replies = client.people().import_people(ReceiverStream::new(requests)).await?;
        let mut replies = replies.into_inner();
        let mut pending = VecDeque::with_capacity(WINDOW);
        loop {
            while pending.len() < WINDOW {
                let Some(mut chunk) = chunks.read().map_err(|error| self.file(error))? else {
                    break;
                };
                if ledger.is_settled(&chunk) {
                    continue;
                }
                ledger.begin(chunk.begin)?;
                if chunk.is_sent() {
                    send(&outbox, Part::Chunk(chunk.message())).await;
                }
                pending.push_back(chunk);
            }
            let Some(mut chunk) = pending.pop_front() else { break };
            let mut rejects = std::mem::take(&mut chunk.rejects);
            if chunk.is_sent() {
                rejects.extend(refused(&chunk, next(&mut replies).await?, &self.columns)?);
            }
            ledger.settle(&chunk, rejects)?;
        }
        ledger.unsent = chunks.rejected();
        drop(outbox);
        while replies.message().await?.is_some() {}
        Ok(())
    }

    fn chunks(&self) -> Result<Chunks<'_, File>> {
        let open = || Table::open(File::open(&self.path)?, self.dialect);
        let table = open().map_err(|error| self.file(error))?;
        Ok(Chunks::new(table, &self.columns, self.chunk.into()))
    }

    fn file(&self, error: std::io::Error) -> Error {
        Error::file(&self.path, error)
    }
}

/// Puts a part on its way. If the stream has broken, the next reply says why.
async fn send(outbox: &mpsc::Sender<ImportPeopleRequest>, part: Part) {
    let _ = outbox.send(ImportPeopleRequest { part: Some(part) }).await;
}

async fn next(replies: &mut Streaming<ImportPeopleResponse>) -> Result<ImportPeopleResponse> {
    let reply = replies.message().await?;
    reply.ok_or_else(|| Status::unavailable("the stream ended before its last reply").into())
}

// === impl Ledger ===

impl Ledger {
    /// A ledger before the first try, where so many people are committed, in chunks of at most this size.
    pub fn new(committed: i64, chunk: u16, rejects: Rejects, progress: Progress) -> Self {
        let from = rejects.resume_from(committed, WINDOW as i64 * i64::from(chunk));
        let patience = Patience::default();
        Self { from, rejects, progress, patience, unsent: 0, begun: false, shown: 0 }
    }

    /// Whether a chunk need not be sent. The last one always is: an import ends with it.
    fn is_settled(&self, chunk: &Chunk) -> bool {
        chunk.first_person < self.from && !chunk.last
    }

    /// This row is the first of the first chunk that is not settled.
    fn begin(&mut self, row: u64) -> Result<()> {
        if !self.begun {
            self.begun = true;
            self.progress.resume(row - 1);
            self.rejects.open_at(row)?;
        }
        Ok(())
    }

    /// A chunk is committed, and these are its rejects.
    fn settle(&mut self, chunk: &Chunk, mut rejects: Vec<Reject>) -> Result<()> {
        rejects.sort_by_key(|reject| reject.place.row);
        let new = self.rejects.settle(chunk.end, &rejects)?;
        if self.rejects.path().is_none() {
            for reject in new.iter().take(SHOWN.saturating_sub(self.shown)) {
                self.progress.note(&reject.to_string());
            }
            self.shown += new.len();
        }
        self.from = self.from.max(chunk.next_person());
        self.patience.restore();
        let rejected = HumanCount(self.rejects.rows());
        self.progress.update(chunk.end, &format!("{rejected} rejected"));
        Ok(())
    }
}

/// What the service refused of a chunk.
fn refused(chunk: &Chunk, reply: ImportPeopleResponse, columns: &Columns) -> Result<Vec<Reject>> {
    if reply.first_row != chunk.first_person {
        return Err(Error::protocol("the service replied to another chunk than the next"));
    }
    let mut rejects = Vec::with_capacity(reply.errors.len());
    for error in reply.errors {
        let index = usize::try_from(error.row - chunk.first_person).ok();
        let place = index.and_then(|index| chunk.places.get(index)).ok_or_else(|| {
            Error::protocol("the service refused a row that the chunk does not have")
        })?;
        rejects.extend(place.refused(error.error.unwrap_or_default(), columns));
    }
    Ok(rejects)
}
