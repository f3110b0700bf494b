//! Moving all people of partitions: an operation, slice by slice, with the very rules of `MovePeople` (M-06).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::People;
use super::moves::{Move, MoveOutcome, Moved, Run};
use crate::clock::Micros;
use crate::context::Context;
use crate::entity::operation::Kind;
use crate::entity::{Operation, Person};
use crate::error::{Error, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::{Answer, Tx, person};
use crate::service::access::{self, At};
use crate::service::operation::{self, New, Progress, Step};

/// Most refusals that are kept with the result.
const FAILURES: usize = 100;

/// Whom a caller moves, and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MoveMany {
    /// The workspace that must see and be able to write both sides.
    pub workspace: WorkspaceId,
    /// From where; none: from all that it sees.
    pub partitions: Vec<PartitionId>,
    /// Where to.
    pub target: PartitionId,
    /// Why, for the record.
    pub reason: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MovedMany {
    /// How many are in the target now.
    pub moved: i64,
    /// How many were there already when their turn came.
    pub unchanged: i64,
    /// How many were refused.
    pub failed: i64,
    /// The first of those.
    pub failures: Vec<Moved>,
}

/// Where a slice left off: after a person, in order of partition and creation. Moving changes neither time nor id, so
/// the place holds although those before it have left the partition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Cursor {
    partition: PartitionId,
    time: Micros,
    person: PersonId,
}

/// The place to go on, and what came of those before it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    after: Option<Cursor>,
    result: MovedMany,
}

// === impl People ===

impl People {
    /// Starts to move people.
    pub async fn relocate_many(
        &self,
        ctx: &Context,
        request: MoveMany,
    ) -> Result<Answer<Operation>> {
        let request = &request;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(request.workspace)).await?;
                let run = Run::begin(tx, request.workspace, request.target).await?;
                let mut partitions = run.sight().narrow(&request.partitions)?;
                run.admit_target().await?;
                partitions.retain(|partition| *partition != request.target);
                partitions.sort_unstable();
                let counted = person::count(tx, &partitions, None).await?;
                let new = New {
                    kind: Kind::MovePeople,
                    workspace: Some(request.workspace),
                    resource: None,
                    total: counted.iter().map(|(_, people)| people).sum(),
                    request: serde_json::to_value(MoveMany { partitions, ..request.clone() })
                        .map_err(Error::internal)?,
                };
                operation::start(tx, ctx, new).await
            })
            .await
    }

    /// Moves the next people of an operation.
    pub(in crate::service) async fn move_slice(
        &self,
        tx: &Tx,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let request: MoveMany =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let mut state: Option<State> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let mut state = state.take().unwrap_or_else(State::new);
        let run = Run::begin(tx, request.workspace, request.target).await?;
        let people = state.next(tx, &run, &request, operation.create_time, size).await?;
        let movement = Move {
            workspace: request.workspace,
            people: people.iter().map(|person| person.id).collect(),
            target: request.target,
            reason: request.reason,
            atomic: false,
        };
        let results = run.all(&movement).await?;
        run.record(&movement, &results);
        results.into_iter().for_each(|one| state.result.add(one));
        let before = Progress::of(operation);
        let looked_at = i64::try_from(people.len()).unwrap_or_default();
        let failed = state.result.failed;
        let progress = Progress { done: before.done + looked_at, failed, ..before };
        match people.last() {
            Some(last) if looked_at == size => {
                state.after = Some(Cursor::after(last));
                Step::more(progress, &state)
            }
            _ => Step::done(progress, &state.result),
        }
    }
}

// === impl State ===

impl State {
    fn new() -> Self {
        Self { after: None, result: MovedMany::default() }
    }

    /// The next people: of partitions that the workspace still sees, and there since before the operation.
    async fn next(
        &self,
        tx: &Tx,
        run: &Run<'_>,
        request: &MoveMany,
        until: Micros,
        size: i64,
    ) -> Result<Vec<Person>> {
        let mut people = Vec::new();
        for partition in &request.partitions {
            let start = match &self.after {
                Some(after) if *partition < after.partition => continue,
                Some(after) if *partition == after.partition => (after.time, after.person),
                _ => (Micros::MIN, PersonId(Uuid::nil())),
            };
            let room = size - i64::try_from(people.len()).unwrap_or(size);
            if room > 0 && run.sight().seen(*partition).is_some() {
                let found = person::walk(tx, *partition, start, room).await?;
                people.extend(found.into_iter().take_while(|one| one.create_time <= until));
            }
        }
        Ok(people)
    }
}

// === impl Cursor ===

impl Cursor {
    fn after(last: &Person) -> Self {
        Self { partition: last.partition_id, time: last.create_time, person: last.id }
    }
}

// === impl MovedMany ===

impl MovedMany {
    fn add(&mut self, one: Moved) {
        match one.outcome {
            MoveOutcome::Moved => self.moved += 1,
            MoveOutcome::Unchanged => self.unchanged += 1,
            MoveOutcome::Failed(_) => {
                self.failed += 1;
                if self.failures.len() < FAILURES {
                    self.failures.push(one);
                }
            }
        }
    }
}
