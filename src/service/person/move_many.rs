//! Moving all people of partitions: an operation, slice by slice, with the very rules of `MovePeople` (M-06).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::People;
use super::moves::{Move, MoveOutcome, Moved, Run};
use crate::clock::Micros;
use crate::context::Context;
use crate::domain::filter::Filter;
use crate::domain::plan::Transfer;
use crate::entity::operation::Kind;
use crate::entity::{Operation, Person};
use crate::error::{Error, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Tx, person};
use crate::service::access::{self, At};
use crate::service::filter::Resolved;
use crate::service::operation::{self, New, Progress, Step};
use crate::service::plan::{self, Planned};

/// Most refusals that are kept with the result.
pub(super) const FAILURES: usize = 100;

/// Whom a caller moves, and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MoveMany {
    /// The workspace that must see and be able to write both sides.
    pub workspace: WorkspaceId,
    /// From where; none: from all that it sees.
    pub partitions: Vec<PartitionId>,
    /// Only those for whom it holds.
    pub filter: Option<Filter>,
    /// Where to.
    pub target: PartitionId,
    /// Why, for the record.
    pub reason: String,
    /// Where the target holds a person's key, make one of the two (M-04).
    #[serde(default)]
    pub merge: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MovedMany {
    /// How many are in the target now.
    pub moved: i64,
    /// How many are one with somebody of the target.
    #[serde(default)]
    pub merged: i64,
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
pub(super) struct Cursor {
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
    ) -> Result<Answer<Planned<Operation>>> {
        let request = &request;
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::demand(tx, ctx, At::Workspace(request.workspace)).await?;
            request.movement(Vec::new()).demand_merge(tx, ctx).await?;
            let run = Run::begin(tx, request.workspace, request.target).await?;
            let mut partitions = run.sight().narrow(&request.partitions)?;
            run.admit_target().await?;
            partitions.retain(|partition| *partition != request.target);
            partitions.sort_unstable();
            let filter = self.filter_of(tx, &run, request).await?;
            let predicate = filter.as_ref().map(|filter| &filter.predicate);
            let counted = person::count(tx, &partitions, predicate).await?;
            let going = |from: &PartitionId| {
                let may_go = run.admit_from(*from).is_ok();
                let found = counted.iter().find(|one| may_go && one.0 == *from);
                let people = found.map(|one| one.1).unwrap_or_default();
                Transfer { from: *from, to: Some(request.target), people }
            };
            tx.people_transferred(partitions.iter().map(going));
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
        ctx: &Context,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let request: MoveMany =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let mut state: Option<State> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let mut state = state.take().unwrap_or_else(State::new);
        let run = Run::begin(tx, request.workspace, request.target).await?;
        let filter = self.filter_of(tx, &run, &request).await?;
        let (after, until) = (state.after.as_ref(), operation.create_time);
        let looked_at =
            next_people(tx, run.sight(), &request.partitions, after, until, size).await?;
        let mut people: Vec<PersonId> = looked_at.iter().map(|person| person.id).collect();
        if let Some(filter) = &filter {
            let matching = person::matching(tx, &people, &filter.predicate).await?;
            let matching: HashSet<PersonId> = matching.into_iter().collect();
            people.retain(|id| matching.contains(id));
        }
        let dealt_with = i64::try_from(people.len()).unwrap_or_default();
        let movement = request.movement(people);
        movement.demand_merge(tx, ctx).await?;
        let results = self.move_all(&run, &movement).await?;
        run.record(&movement, &results);
        results.into_iter().for_each(|one| state.result.add(one));
        let before = Progress::of(operation);
        let failed = state.result.failed;
        let progress = Progress { done: before.done + dealt_with, failed, ..before };
        match looked_at.last() {
            Some(last) if i64::try_from(looked_at.len()) == Ok(size) => {
                state.after = Some(Cursor::after(last));
                Step::more(progress, &state)
            }
            _ => Step::done(progress, &state.result),
        }
    }

    /// The filter of a request, resolved.
    async fn filter_of(
        &self,
        tx: &Tx,
        run: &Run<'_>,
        request: &MoveMany,
    ) -> Result<Option<Resolved>> {
        self.filter(tx, run.sight(), request.workspace, request.filter.as_ref()).await
    }
}

/// The next people: of partitions that the workspace still sees, and there since before the operation.
pub(super) async fn next_people(
    tx: &Tx,
    sight: &Sight,
    partitions: &[PartitionId],
    after: Option<&Cursor>,
    until: Micros,
    size: i64,
) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for partition in partitions {
        let start = match after {
            Some(after) if *partition < after.partition => continue,
            Some(after) if *partition == after.partition => (after.time, after.person),
            _ => (Micros::MIN, PersonId(Uuid::nil())),
        };
        let room = size - i64::try_from(people.len()).unwrap_or(size);
        if room > 0 && sight.seen(*partition).is_some() {
            let found = person::walk(tx, *partition, start, room).await?;
            people.extend(found.into_iter().take_while(|one| one.create_time <= until));
        }
    }
    Ok(people)
}

// === impl MoveMany ===

impl MoveMany {
    /// The move of some.
    fn movement(&self, people: Vec<PersonId>) -> Move {
        Move {
            workspace: self.workspace,
            people,
            target: self.target,
            reason: self.reason.clone(),
            merge: self.merge,
            atomic: false,
        }
    }
}

// === impl State ===

impl State {
    fn new() -> Self {
        Self { after: None, result: MovedMany::default() }
    }
}

// === impl Cursor ===

impl Cursor {
    pub(super) fn after(last: &Person) -> Self {
        Self { partition: last.partition_id, time: last.create_time, person: last.id }
    }
}

// === impl MovedMany ===

impl MovedMany {
    fn add(&mut self, one: Moved) {
        match one.outcome {
            MoveOutcome::Moved => self.moved += 1,
            MoveOutcome::Merged(_) => self.merged += 1,
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
