//! Applying today's rules to people who are there already: an operation, slice by slice, with the very rules of
//! `MovePeople`, or a trial that only counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::move_many::{Cursor, FAILURES, next_people};
use super::moves::{Move, MoveOutcome, Moved, Run};
use super::{People, refuse, sight_for_writing};
use crate::context::Context;
use crate::domain::upsert::Reach;
use crate::entity::operation::Kind;
use crate::entity::person::Source;
use crate::entity::{Operation, Person};
use crate::error::{Error, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Tx, person};
use crate::service::access::{self, At};
use crate::service::operation::{self, New, Progress, Step};
use crate::service::routing::{Router, Way};

/// Whom a caller wants to be where the rules lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reroute {
    /// The workspace that must see and be able to write both sides.
    pub workspace: WorkspaceId,
    /// From where; none: from all that it may write.
    pub partitions: Vec<PartitionId>,
    /// Only count.
    pub dry_run: bool,
    /// Why, for the record.
    pub reason: String,
}

/// What came of it, or would.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rerouted {
    /// It was a trial.
    pub dry_run: bool,
    /// How many were moved.
    pub moved: i64,
    /// How many were refused.
    pub failed: i64,
    /// The first of those.
    pub failures: Vec<Moved>,
    /// Those who were moved, by where from and where to.
    pub routes: Vec<Route>,
}

/// How many go one way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// From where.
    pub from: PartitionId,
    /// Where to.
    pub to: PartitionId,
    /// How many.
    pub people: i64,
}

/// The place to go on, and what came of those before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    after: Option<Cursor>,
    result: Rerouted,
}

// === impl Run ===

impl Run<'_> {
    /// What would come of moving one person, as far as no key is in the way.
    fn trial(&self, person: &Person) -> Moved {
        let outcome = match self.admit(Some(person), person.id) {
            Ok(Some(_)) => MoveOutcome::Moved,
            Ok(None) => MoveOutcome::Unchanged,
            Err(error) => MoveOutcome::Failed(error.into_refusal()),
        };
        Moved { id: person.id, from: Some(person.partition_id), outcome }
    }
}

// === impl People ===

impl People {
    /// Starts to apply today's rules to people who are there already.
    pub async fn reroute(&self, ctx: &Context, request: Reroute) -> Result<Answer<Operation>> {
        let request = &request;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(request.workspace)).await?;
                let sight = sight_for_writing(tx, request.workspace).await?;
                let mut partitions = writable(&sight, &request.partitions)?;
                partitions.sort_unstable();
                let counted = person::count(tx, &partitions, None).await?;
                let new = New {
                    kind: Kind::ReroutePeople,
                    workspace: Some(request.workspace),
                    resource: None,
                    total: counted.iter().map(|(_, people)| people).sum(),
                    request: serde_json::to_value(Reroute { partitions, ..request.clone() })
                        .map_err(Error::internal)?,
                };
                operation::start(tx, ctx, new).await
            })
            .await
    }

    /// Applies the rules to the next people of an operation.
    pub(in crate::service) async fn reroute_slice(
        &self,
        tx: &Tx,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let request: Reroute =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let state: Option<State> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let mut state = state.unwrap_or_default();
        state.result.dry_run = request.dry_run;
        let sight = sight_for_writing(tx, request.workspace).await?;
        let (after, until) = (state.after.as_ref(), operation.create_time);
        let people = next_people(tx, &sight, &request.partitions, after, until, size).await?;
        self.lead(tx, &sight, &request, &people, &mut state.result).await?;
        let before = Progress::of(operation);
        let looked_at = i64::try_from(people.len()).unwrap_or_default();
        // Who was moved on to one of the partitions is met again there, and stays.
        let done = (before.done + looked_at).min(before.total);
        let progress = Progress { done, failed: state.result.failed, ..before };
        match people.last() {
            Some(last) if looked_at == size => {
                state.after = Some(Cursor::after(last));
                Step::more(progress, &state)
            }
            _ => Step::done(progress, &state.result),
        }
    }

    async fn lead(
        &self,
        tx: &Tx,
        sight: &Sight,
        request: &Reroute,
        people: &[Person],
        result: &mut Rerouted,
    ) -> Result<()> {
        let way = Way { sight, named: None, source: Source::default() };
        let router = Router::new(tx, way).await?;
        let mut going: BTreeMap<PartitionId, Vec<&Person>> = BTreeMap::new();
        let both = |from, to| sight.reach(from) == Reach::Write && sight.reach(to) == Reach::Write;
        for person in people {
            let target = router.leads(person).filter(|to| both(person.partition_id, *to));
            if let Some(target) = target.filter(|target| *target != person.partition_id) {
                going.entry(target).or_default().push(person);
            }
        }
        for (target, people) in going {
            let run = Run::of(tx, sight.clone(), target);
            let results = if request.dry_run {
                people.iter().map(|person| run.trial(person)).collect()
            } else {
                let movement = request.movement(target, &people);
                let results = self.move_all(&run, &movement).await?;
                run.record(&movement, &results);
                results
            };
            results.into_iter().for_each(|one| result.add(one, target));
        }
        Ok(())
    }
}

/// The partitions that a request names, each writable; all such that the workspace sees if it names none.
fn writable(sight: &Sight, named: &[PartitionId]) -> Result<Vec<PartitionId>> {
    let mut partitions = sight.narrow(named)?;
    if let Some(read_only) = named.iter().find(|one| sight.reach(**one) != Reach::Write) {
        return Err(refuse::read_only(*read_only));
    }
    partitions.retain(|one| sight.reach(*one) == Reach::Write);
    Ok(partitions)
}

// === impl Reroute ===

impl Reroute {
    fn movement(&self, target: PartitionId, people: &[&Person]) -> Move {
        let people: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let reason = self.reason.clone();
        Move { workspace: self.workspace, people, target, reason, merge: false, atomic: false }
    }
}

// === impl Rerouted ===

impl Rerouted {
    fn add(&mut self, one: Moved, to: PartitionId) {
        match (&one.outcome, one.from) {
            (MoveOutcome::Moved, Some(from)) => {
                self.moved += 1;
                match self.routes.iter_mut().find(|known| (known.from, known.to) == (from, to)) {
                    Some(known) => known.people += 1,
                    None => self.routes.push(Route { from, to, people: 1 }),
                }
            }
            (MoveOutcome::Failed(_), _) => {
                self.failed += 1;
                if self.failures.len() < FAILURES {
                    self.failures.push(one);
                }
            }
            (MoveOutcome::Moved | MoveOutcome::Merged(_) | MoveOutcome::Unchanged, _) => {}
        }
    }
}
