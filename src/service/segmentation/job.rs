//! Computing segmentations, slice by slice (G-03, G-08). What is left to do is read from their state, so whoever is
//! killed loses nothing: people in partitions that are not whole, then the turn to the new generation, then what was
//! dropped and what is past.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Segmentations;
use super::approve::make_live;
use crate::clock::now;
use crate::context::Context;
use crate::domain::segmentation::coverage::Stale;
use crate::entity::operation::Kind;
use crate::entity::{Operation, Segmentation};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PartitionId};
use crate::repository::segmentation::coverage::Covered;
use crate::repository::segmentation::definitions::{Bound, Computed};
use crate::repository::segmentation::{self, Place, Slice, coverage, member};
use crate::repository::{Change, Tx};
use crate::service::operation::{Progress, Step};

/// How many people's rows are looked at or removed, for each who is evaluated: looking is cheaper than writing.
const LOOKED_AT: i64 = 4;

/// Where a computing stands.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Cursor {
    /// The generation.
    generation: i64,
    /// The partition, and how often it was covered anew.
    partition: Option<(PartitionId, i64)>,
    /// Behind whom to go on there.
    after: Option<Place>,
    /// How many people are elsewhere than before.
    changed: i64,
}

/// What became of a computing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The approved version that was computed.
    pub version: i64,
    /// How many people were looked at.
    pub people: i64,
    /// How many of them are elsewhere than before.
    pub changed: i64,
    /// The tenant's revision from which the results are read.
    pub revision: i64,
}

/// One slice of the work on a segmentation.
struct Work<'a> {
    tx: &'a Tx,
    ctx: &'a Context,
    operation: &'a Operation,
    /// People to evaluate at once.
    size: i64,
    cursor: Cursor,
    progress: Progress,
}

// === impl Segmentations ===

impl Segmentations {
    /// Does the next slice of computing a segmentation.
    pub async fn slice(
        &self,
        tx: &Tx,
        ctx: &Context,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let cursor: Option<Cursor> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let (cursor, progress) = (cursor.unwrap_or_default(), Progress::of(operation));
        Work { tx, ctx, operation, size, cursor, progress }.slice().await
    }

    /// Takes back what was computed beside what is live, when its operation is stopped or fails: results that nobody
    /// read go with the next turn.
    pub async fn abandon(&self, tx: &Tx, operation: &Operation) -> Result<()> {
        let id = AssetId(operation.resource_id.unwrap_or_default());
        segmentation::hold(tx).await?;
        let found = segmentation::get(tx, id).await?;
        let Some(mut row) = found.filter(|row| row.operation_id == Some(operation.id.0)) else {
            return Ok(());
        };
        (row.next_generation, row.next_version, row.operation_id) = (None, None, None);
        if row.stale_reason == Stale::ListChanged.name()
            && operation.kind != Kind::FollowSegmentation
        {
            segmentation::anew(&mut row);
        }
        segmentation::save(tx, &row).await?;
        coverage::follow(tx).await?;
        if operation.kind != Kind::FollowSegmentation {
            segmentation::schedule(tx, row).await?;
        }
        Ok(())
    }
}

// === impl Work ===

impl Work<'_> {
    async fn slice(self) -> Result<Step> {
        let id = AssetId(self.operation.resource_id.unwrap_or_default());
        let all = self.tx.segmentations().await?;
        let computed = all.iter().find(|one| one.row.id == id);
        if let Some(one) = computed.filter(|one| self.computes(one))
            && let Some(bound) = one.target()
        {
            let open = one.covered.values().find(|here| here.generation != Some(bound.generation));
            match open {
                Some(here) => return self.people(one, bound, here).await,
                None if one.next.is_some() => return self.turn(one, bound).await,
                None => {}
            }
        }
        match (self.operation.kind, computed) {
            (Kind::FollowSegmentation, _) => self.clear(id, computed).await,
            (_, Some(one)) if one.is_broken() => Err(broken(id)),
            // Somebody took the results back, or computes something newer.
            _ => Err(gone(id)),
        }
    }

    /// Whether this operation is the one that computes now. What is live and broken is not computed, but kept (L-07).
    fn computes(&self, one: &Computed) -> bool {
        match one.row.next_generation {
            Some(_) => one.row.operation_id == Some(self.operation.id.0),
            None => !one.is_broken(),
        }
    }

    /// Some people of a partition; then the partition is whole, if they were the last.
    async fn people(mut self, one: &Computed, bound: &Bound, here: &Covered) -> Result<Step> {
        self.begin(bound.generation, here);
        let partition = here.partition_id;
        let fresh = here.generation.is_none();
        // What is there from before is read by nobody, and may be of people who left while nobody looked.
        if fresh
            && self.cursor.after.is_none()
            && member::remove(self.tx, one.row.id, partition, self.size * LOOKED_AT).await? > 0
        {
            return Step::more(self.progress, &self.cursor);
        }
        let limit = if fresh { self.size } else { self.size * LOOKED_AT };
        let slice = Slice { partition, after: self.cursor.after, limit };
        let end = segmentation::end(self.tx, slice).await?;
        let people = end.map_or(0, |end| end.people);
        if let Some(end) = end {
            self.cursor.changed += segmentation::slice(self.tx, one, bound, slice, end).await?;
            self.cursor.after = Some(end.place());
        }
        self.progress.done += people;
        if people < limit {
            self.whole(one, bound, partition).await?;
        }
        Step::more(self.progress, &self.cursor)
    }

    /// Goes on in a partition, or begins there.
    fn begin(&mut self, generation: i64, here: &Covered) {
        let there = Some((here.partition_id, here.rounds));
        if self.cursor.generation != generation {
            self.progress.done = 0;
            self.cursor = Cursor { generation, ..Cursor::default() };
        }
        if self.cursor.partition != there {
            self.cursor = Cursor { partition: there, after: None, ..self.cursor };
        }
    }

    /// A partition is whole: read at once, if its generation is.
    async fn whole(&mut self, one: &Computed, bound: &Bound, partition: PartitionId) -> Result<()> {
        segmentation::hold(self.tx).await?;
        let read_since = one.next.is_none().then(now);
        coverage::whole(self.tx, one.row.id, partition, bound.generation, read_since).await?;
        self.tx.record(Change {
            kind: "segmentation.partition_computed",
            resource_id: Some(one.row.id.0),
            workspace_id: self.operation.workspace_id,
            detail: json!({ "partition_id": partition, "read": read_since.is_some() }),
            after: json!({ "partition_id": partition, "generation": bound.generation }),
            ..Change::default()
        });
        Ok(())
    }

    /// All is computed: from here on the new generation is read, whole (G-03).
    async fn turn(self, one: &Computed, bound: &Bound) -> Result<Step> {
        let version = match one.row.next_version {
            Some(0) => make_live(self.tx, self.ctx, one.row.id).await?,
            other => other.unwrap_or_default(),
        };
        let revision = segmentation::hold(self.tx).await? + 1;
        if segmentation::broken(self.tx).await?.contains(&(one.row.id, true)) {
            return Err(broken(one.row.id));
        }
        let row = Segmentation {
            live_generation: Some(bound.generation),
            live_version: Some(version),
            next_generation: None,
            next_version: None,
            operation_id: None,
            stale_time: None,
            stale_reason: String::new(),
            ..one.row.clone()
        };
        coverage::turn(self.tx, row.id, bound.generation, now()).await?;
        self.tx.record(Change {
            kind: "segmentation.computed",
            resource_id: Some(row.id.0),
            workspace_id: self.operation.workspace_id,
            detail: json!({ "version": version, "generation": bound.generation, "changed": self.cursor.changed }),
            before: json!({ "version": one.row.live_version, "generation": one.row.live_generation }),
            after: json!({ "version": version, "generation": bound.generation }),
            ..Change::default()
        });
        let follows = self.operation.kind == Kind::FollowSegmentation;
        let row = Segmentation { operation_id: follows.then_some(self.operation.id.0), ..row };
        segmentation::schedule(self.tx, row).await?;
        if follows {
            return Step::more(self.progress, &Cursor::default());
        }
        let (people, changed) = (self.progress.done, self.cursor.changed);
        Step::done(self.progress, &Outcome { version, people, changed, revision })
    }

    /// What is no longer read goes: partitions that the owner no longer sees, and what is past.
    async fn clear(self, id: AssetId, computed: Option<&Computed>) -> Result<Step> {
        let (limit, from_the_beginning) = (self.size * LOOKED_AT, Cursor::default());
        let covered = coverage::list(self.tx, &[id]).await?;
        if let Some(here) = covered.iter().find(|one| one.dropped) {
            if member::remove(self.tx, id, here.partition_id, limit).await? == 0 {
                segmentation::hold(self.tx).await?;
                coverage::forget(self.tx, id, here.partition_id).await?;
            }
            return Step::more(self.progress, &from_the_beginning);
        }
        if let Some(one) = computed
            && segmentation::announce(self.tx, one, self.size).await?
        {
            return Step::more(self.progress, &from_the_beginning);
        }
        segmentation::hold(self.tx).await?;
        match segmentation::get(self.tx, id).await? {
            Some(row) if row.live_generation.is_none() && row.next_generation.is_none() => {
                segmentation::forget(self.tx, id).await?;
            }
            Some(row) if row.operation_id == Some(self.operation.id.0) => {
                segmentation::save(self.tx, &Segmentation { operation_id: None, ..row }).await?;
            }
            _ => {}
        }
        Step::done(self.progress, &json!({}))
    }
}

/// SEGMENTATION_NOT_FOUND: what was to be computed is not to be computed any more.
fn gone(id: AssetId) -> Error {
    Error::not_found(Noun::Segmentation, id)
}

/// BROKEN_REFERENCE, since the computing began.
fn broken(id: AssetId) -> Error {
    let message = "while the segmentation was computed, something that it reads was deleted or is no longer shared to \
                   its workspace; mend that and approve it again";
    Error::new(Reason::BrokenReference, message)
        .with("asset_id", id)
        .resource(Noun::Segmentation, id.to_string())
}
