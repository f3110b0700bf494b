//! Importing people: chunks in order, each one transaction with its place and its answer, so that a chunk
//! sent again is answered again and not applied again.

use serde::{Deserialize, Serialize};

use super::create::record_set;
use super::{Batch, Outcome, People, sight_for_writing};
use crate::clock::now;
use crate::context::Context;
use crate::domain::person::PersonInput;
use crate::entity::Import;
use crate::entity::import::{LookupField, Mode};
use crate::entity::person::Source;
use crate::error::{Error, Noun, OnUnique, Reason, Refusal, Result};
use crate::id::{ImportId, PartitionId, WorkspaceId};
use crate::repository::{Answer, Tx, import};
use crate::service::access::{self, At};

/// What all chunks of an import have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The import, named by its client.
    pub import: ImportId,
    /// The workspace through which it goes.
    pub workspace: WorkspaceId,
    /// The partition that it names.
    pub partition: Option<PartitionId>,
    /// What it may do.
    pub mode: Mode,
    /// By what it finds people.
    pub lookup: LookupField,
    /// How its people come in.
    pub source: Source,
}

/// One chunk.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The place of its first row in the import.
    pub first_row: i64,
    /// Its rows.
    pub rows: Vec<Result<PersonInput, Box<Refusal>>>,
    /// The import is complete after it.
    pub last: bool,
    /// Hash of the chunk as it came.
    pub body: [u8; 32],
}

/// What a committed chunk did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ChunkDone {
    /// Rows of the import that are in or refused for good.
    pub committed_rows: i64,
    /// The place of the chunk's first row.
    pub first_row: i64,
    /// Rows that made a person.
    pub created: i64,
    /// Rows that changed one.
    pub updated: i64,
    /// Rows that said what was there.
    pub unchanged: i64,
    /// Rows about people of a partition that the workspace may only read.
    #[serde(default)]
    pub withheld: i64,
    /// The rows that were refused, by their place in the import.
    pub errors: Vec<(i64, Box<Refusal>)>,
    /// The chunk was in already.
    pub replayed: bool,
}

// === impl People ===

impl People {
    /// Opens an import, or goes on with one that has the same header.
    pub async fn begin_import(&self, ctx: &Context, header: &Header) -> Result<Answer<Import>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(header.workspace)).await?;
                let sight = sight_for_writing(tx, header.workspace).await?;
                if let Some(named) = header.partition {
                    sight.narrow(&[named])?;
                }
                match import::lock(tx, header.import).await? {
                    Some(known) if header.matches(&known) => Ok(known),
                    Some(_) => Err(changed("header").with("import_id", header.import)),
                    None => {
                        let new = header.open(tx);
                        let made = tx.insert(&new).await;
                        made.on_unique("import_pkey", || Error::Contended)?;
                        Ok(new)
                    }
                }
            })
            .await
    }

    /// Applies a chunk, or answers again what it did.
    pub async fn import_chunk(
        &self,
        ctx: &Context,
        header: &Header,
        chunk: &Chunk,
    ) -> Result<Answer<ChunkDone>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(header.workspace)).await?;
                let import = import::lock(tx, header.import).await?;
                let import = import.ok_or_else(|| not_found(header.import))?;
                if let Some((body, answer)) = import::chunk(tx, import.id, chunk.first_row).await? {
                    return replay(import.id, chunk, &body, &answer);
                }
                in_order(&import, chunk)?;
                let batch = header.batch(chunk.rows.clone());
                let done = self.write_set(tx, &batch).await?;
                record_set(tx, "people.imported", header.workspace, &done);
                commit_chunk(tx, import, chunk, done.outcomes).await
            })
            .await
    }

    /// How far an import is.
    pub async fn get_import(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Answer<Import>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let found = import::get(&scope, id).await?;
        let found = found.filter(|import| import.workspace_id == workspace);
        let found = found.ok_or_else(|| not_found(id))?;
        Ok(scope.answer(found))
    }
}

async fn commit_chunk(
    tx: &Tx,
    mut import: Import,
    chunk: &Chunk,
    outcomes: Vec<Outcome>,
) -> Result<ChunkDone> {
    let rows = i64::try_from(outcomes.len()).unwrap_or(i64::MAX);
    let mut done = ChunkDone {
        committed_rows: chunk.first_row + rows,
        first_row: chunk.first_row,
        ..ChunkDone::default()
    };
    for (place, outcome) in (chunk.first_row..).zip(outcomes) {
        done.add(place, outcome);
    }
    import.committed_rows = done.committed_rows;
    import.created += done.created;
    import.updated += done.updated;
    import.unchanged += done.unchanged;
    import.withheld += done.withheld;
    import.failed += i64::try_from(done.errors.len()).unwrap_or(i64::MAX);
    import.complete = chunk.last;
    import.update_time = now();
    import::advance(tx, &import).await?;
    let answer = serde_json::to_string(&done).map_err(Error::internal)?;
    import::keep_chunk(tx, import.id, chunk.first_row, chunk.body, answer).await?;
    Ok(done)
}

fn replay(import: ImportId, chunk: &Chunk, body: &[u8], answer: &str) -> Result<ChunkDone> {
    if body != chunk.body {
        return Err(changed("chunk").with("import_id", import).with("first_row", chunk.first_row));
    }
    let done: ChunkDone = serde_json::from_str(answer).map_err(Error::internal)?;
    Ok(ChunkDone { replayed: true, ..done })
}

fn in_order(import: &Import, chunk: &Chunk) -> Result<()> {
    if chunk.first_row == import.committed_rows && !import.complete {
        return Ok(());
    }
    let message = if import.complete {
        "the import is complete; start another one".to_owned()
    } else {
        format!("the next chunk starts at row {}", import.committed_rows)
    };
    Err(Error::new(Reason::ImportChunkOutOfOrder, message)
        .with("import_id", import.id)
        .with("first_row", chunk.first_row)
        .with("next_row", import.committed_rows))
}

fn changed(what: &str) -> Error {
    let message = format!("the {what} of this import was sent before with other content");
    Error::new(Reason::ImportChanged, message).field(what)
}

fn not_found(id: ImportId) -> Error {
    Error::not_found(Noun::Import, id)
}

// === impl ChunkDone ===

impl ChunkDone {
    fn add(&mut self, place: i64, outcome: Outcome) {
        match outcome {
            Outcome::Created(_) => self.created += 1,
            Outcome::Updated(_) => self.updated += 1,
            Outcome::Unchanged(_) => self.unchanged += 1,
            Outcome::Withheld { .. } => self.withheld += 1,
            Outcome::Failed(refusal) => self.errors.push((place, refusal)),
            Outcome::Hidden(one) => self.add(place, *one),
        }
    }
}

// === impl Header ===

impl Header {
    fn matches(&self, known: &Import) -> bool {
        *self
            == Self {
                import: known.id,
                workspace: known.workspace_id,
                partition: known.partition_id,
                mode: known.mode,
                lookup: known.lookup_field,
                source: known.source,
            }
    }

    fn open(&self, tx: &Tx) -> Import {
        let time = now();
        Import {
            tenant_id: tx.tenant(),
            id: self.import,
            workspace_id: self.workspace,
            partition_id: self.partition,
            mode: self.mode,
            lookup_field: self.lookup,
            source: self.source,
            complete: false,
            committed_rows: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            withheld: 0,
            failed: 0,
            create_time: time,
            update_time: time,
        }
    }

    fn batch(&self, rows: Vec<Result<PersonInput, Box<Refusal>>>) -> Batch {
        Batch {
            workspace: self.workspace,
            partition: self.partition,
            mode: self.mode,
            lookup: self.lookup,
            source: self.source,
            atomic: false,
            rows,
        }
    }
}
