//! Moving people between partitions, the only way that they change one (M-02).

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::create::item;
use super::merge::Merger;
use super::{People, known, refuse, sight_for_writing};
use crate::clock::now;
use crate::context::Context;
use crate::domain::plan::Transfer;
use crate::domain::region;
use crate::domain::upsert::{Candidate, Reach};
use crate::entity::Person;
use crate::entity::tenant::{ConsentScope, Settings};
use crate::error::{Error, Refusal, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::consent::{self, Address};
use crate::repository::person::{self, Located};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Change, Tx};
use crate::service::access::{self, At, Permission};
use crate::service::plan::{self, Planned};
use crate::service::refuse as shared;

/// What a caller moves.
#[derive(Clone, Debug)]
pub struct Move {
    /// The workspace that must see and be able to write both sides.
    pub workspace: WorkspaceId,
    /// Who.
    pub people: Vec<PersonId>,
    /// Where to.
    pub target: PartitionId,
    /// Why, for the record.
    pub reason: String,
    /// Where the target holds a person's key, make one of the two (M-04).
    pub merge: bool,
    /// All or nothing.
    pub atomic: bool,
}

/// What became of one person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Moved {
    /// Who.
    pub id: PersonId,
    /// Where the person was.
    pub from: Option<PartitionId>,
    /// How it ended.
    pub outcome: MoveOutcome,
}

/// How the move of one person ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MoveOutcome {
    /// The person is in the target.
    Moved,
    /// The person is one with another of the target, who answers for it.
    Merged(PersonId),
    /// The person was there already.
    Unchanged,
    /// The move was refused.
    Failed(Box<Refusal>),
}

/// One call, while it runs.
pub(super) struct Run<'a> {
    tx: &'a Tx,
    sight: Sight,
    target: PartitionId,
    settings: Settings,
}

// === impl People ===

impl People {
    /// Moves people; a result for each, in order (M-06).
    pub async fn relocate(
        &self,
        ctx: &Context,
        request: Move,
    ) -> Result<Answer<Planned<Vec<Moved>>>> {
        let request = &request;
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::demand(tx, ctx, At::Workspace(request.workspace)).await?;
            request.demand_merge(tx, ctx).await?;
            let run = Run::begin(tx, request.workspace, request.target).await?;
            let results = self.move_all(&run, request).await?;
            if request.atomic {
                refuse_first(&results)?;
            }
            run.record(request, &results);
            run.foresee(&results);
            Ok(results)
        })
        .await
    }

    /// Moves all that can go, and merges who cannot, if asked to; a result for each, in order.
    pub(super) async fn move_all(&self, run: &Run<'_>, request: &Move) -> Result<Vec<Moved>> {
        let (mut results, found) = run.all(request).await?;
        if !request.merge {
            return Ok(results);
        }
        let merger = self.merger(run.tx, run.sight(), request.workspace).await?;
        let mut tried: HashMap<PersonId, MoveOutcome> = HashMap::new();
        for one in &mut results {
            if let (MoveOutcome::Failed(_), Some(person)) = (&one.outcome, found.get(&one.id)) {
                if !tried.contains_key(&one.id)
                    && let Some(outcome) = run.merge(&merger, person).await?
                {
                    tried.insert(one.id, outcome);
                }
                if let Some(outcome) = tried.get(&one.id) {
                    one.outcome = outcome.clone();
                }
            }
        }
        Ok(results)
    }
}

// === impl Move ===

impl Move {
    /// Merging changes people: it needs the right for that.
    pub(super) async fn demand_merge(&self, tx: &Tx, ctx: &Context) -> Result<()> {
        match self.merge {
            true => access::demand_in(tx, ctx, Permission::PeopleWrite, self.workspace).await,
            false => Ok(()),
        }
    }
}

// === impl Run ===

impl<'a> Run<'a> {
    /// What a workspace may move to a partition.
    pub(super) async fn begin(
        tx: &'a Tx,
        workspace: WorkspaceId,
        target: PartitionId,
    ) -> Result<Self> {
        Ok(Self::of(tx, sight_for_writing(tx, workspace).await?, target))
    }

    /// The same, for who knows what the workspace sees.
    pub(super) fn of(tx: &'a Tx, sight: Sight, target: PartitionId) -> Self {
        Self { tx, sight, target, settings: Settings::from_json(&tx.head().settings) }
    }

    /// What the workspace sees.
    pub(super) fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Refuses a target that the workspace does not see or may not write, and holds it against deletion.
    pub(super) async fn admit_target(&self) -> Result<()> {
        self.sight.narrow(&[self.target])?;
        if self.sight.reach(self.target) != Reach::Write {
            return Err(refuse::read_only(self.target));
        }
        if person::lock_partitions(self.tx, &[self.target]).await?.is_empty() {
            return Err(refuse::partition_not_found(self.target));
        }
        Ok(())
    }

    /// Moves all that can go; a result for each, in order, and the people by id, as they were.
    async fn all(&self, request: &Move) -> Result<(Vec<Moved>, HashMap<PersonId, Person>)> {
        self.admit_target().await?;
        let found = known::lock_living(self.tx, &self.sight, &request.people).await?;
        let mut outcomes: HashMap<PersonId, MoveOutcome> = HashMap::new();
        let (mut going, mut named) = (Vec::new(), HashSet::new());
        for id in &request.people {
            match self.admit(found.get(id), *id) {
                Ok(Some(person)) if named.insert(person.id) => going.push(person),
                Ok(Some(_)) => {}
                Ok(None) => drop(outcomes.insert(found[id].id, MoveOutcome::Unchanged)),
                Err(error) => {
                    drop(outcomes.insert(found.get(id).map_or(*id, |one| one.id), failed(error)));
                }
            }
        }
        self.transfer(&going, &mut outcomes).await?;
        let mut told = HashSet::new();
        let results = request.people.iter().map(|id| {
            let person = found.get(id);
            let moved = Moved {
                id: person.map_or(*id, |one| one.id),
                from: person.map(|one| one.partition_id),
                outcome: MoveOutcome::Moved,
            };
            let outcome = match outcomes.get(&moved.id) {
                Some(outcome) => outcome.clone(),
                None if told.insert(moved.id) => MoveOutcome::Moved,
                // Named by several ids, since they were merged: gone once.
                None => MoveOutcome::Unchanged,
            };
            Moved { outcome, ..moved }
        });
        let results = results.collect();
        Ok((results, found.into_values().map(|person| (person.id, person)).collect()))
    }

    /// Makes one of a person who could not go and whoever in the target has a key of theirs: that one stays. Nothing, if
    /// a key was not the matter.
    async fn merge(&self, merger: &Merger<'_>, person: &Person) -> Result<Option<MoveOutcome>> {
        if !matches!(self.admit(Some(person), person.id), Ok(Some(_))) {
            return Ok(None);
        }
        let Some(other) = self.holder(person).await? else { return Ok(None) };
        let found = known::lock_living(self.tx, &self.sight, &[other.id]).await?;
        let winner = found.get(&other.id).filter(|one| one.partition_id == self.target);
        let Some(winner) = winner else { return Ok(None) };
        match merger.unite(winner, std::slice::from_ref(person)).await {
            Ok(after) => Ok(Some(MoveOutcome::Merged(after.id))),
            Err(Error::Refused(refusal)) => Ok(Some(MoveOutcome::Failed(refusal))),
            Err(error) => Err(error),
        }
    }

    /// Whether a person may go; nothing if there is nowhere to go.
    pub(super) fn admit<'p>(
        &self,
        person: Option<&'p Person>,
        id: PersonId,
    ) -> Result<Option<&'p Person>> {
        let person = person.ok_or_else(|| refuse::person_not_found(Some(id)))?;
        if person.partition_id == self.target {
            return Ok(None);
        }
        self.admit_from(person.partition_id).map(|()| Some(person))
    }

    /// Whether people of a partition may go.
    pub(super) fn admit_from(&self, partition: PartitionId) -> Result<()> {
        if self.sight.reach(partition) != Reach::Write {
            return Err(refuse::read_only(partition));
        }
        let region = |id| self.sight.seen(id).map(|seen| seen.region.as_str()).unwrap_or_default();
        let (from, to) = (region(partition), region(self.target));
        match region::compatible(from, to, &self.settings.allowed_region_pairs) {
            true => Ok(()),
            false => Err(shared::region_mismatch(from, to)),
        }
    }

    /// Puts people into the target, each for itself if their keys are in the way of each other; outcomes are given to
    /// those who could not go.
    pub(super) async fn transfer(
        &self,
        going: &[&Person],
        outcomes: &mut HashMap<PersonId, MoveOutcome>,
    ) -> Result<()> {
        // Of two with one key, the first goes: both in one statement would only make the index refuse all.
        let mut keys = HashSet::new();
        let (first, twins): (Vec<&Person>, Vec<&Person>) = going.iter().partition(|person| {
            let email =
                person.email_key.is_empty() || keys.insert(("email", person.email_key.as_str()));
            let external =
                person.external_id.as_deref().is_none_or(|id| keys.insert(("external", id)));
            email && external
        });
        let ids: Vec<PersonId> = first.iter().map(|person| person.id).collect();
        let moved = match self.attempt(&ids).await? {
            Ok(moved) => moved,
            // Somebody took a key while we looked: each for itself.
            Err(_) => self.one_by_one(&ids).await?,
        };
        let moved: HashSet<PersonId> = moved.into_iter().collect();
        let (gone, stuck): (Vec<&Person>, Vec<&Person>) =
            first.into_iter().partition(|person| moved.contains(&person.id));
        self.carry_consent(&gone).await?;
        for person in &gone {
            self.tx.people_flowed(Some(person.partition_id), Some(self.target), 1);
        }
        for person in stuck.into_iter().chain(twins) {
            outcomes.insert(person.id, failed(self.taken(person).await?));
        }
        self.tx.people_written(moved);
        Ok(())
    }

    async fn attempt(&self, ids: &[PersonId]) -> Result<Result<Vec<PersonId>>> {
        if ids.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let scope = refuse::uniqueness_scope(&self.settings, self.target);
        self.tx
            .savepoint(async || person::transfer(self.tx, ids, self.target, scope, now()).await)
            .await
    }

    async fn one_by_one(&self, ids: &[PersonId]) -> Result<Vec<PersonId>> {
        let mut moved = Vec::new();
        for id in ids {
            moved.extend(self.attempt(&[*id]).await?.unwrap_or_default());
        }
        Ok(moved)
    }

    /// Who in the target has the key of a person who could not go there (M-04).
    async fn taken(&self, person: &Person) -> Result<Error> {
        let other = self.holder(person).await?.ok_or(Error::Contended)?;
        let field = if other.email_key == person.email_key { "email" } else { "external_id" };
        let candidate = Candidate {
            id: other.id,
            partition: other.partition_id,
            reach: self.sight.reach(other.partition_id),
        };
        Ok(refuse::key_taken(field, self.target, &candidate))
    }

    /// Another person who has a key of this one where it would go: the one with the email first.
    async fn holder(&self, person: &Person) -> Result<Option<Located>> {
        let scope = refuse::uniqueness_scope(&self.settings, self.target);
        let mut found =
            person::by_email(self.tx, vec![scope], vec![person.email_key.clone()]).await?;
        let external = person.external_id.clone().into_iter().collect();
        found.extend(person::by_external_id(self.tx, &[self.target], external).await?);
        Ok(found.into_iter().find(|one| one.id != person.id))
    }

    /// Where consent is the partition's own, an unsubscription moves along, and holds if either side had it.
    async fn carry_consent(&self, gone: &[&Person]) -> Result<()> {
        if self.settings.consent_scope == ConsentScope::Tenant {
            return Ok(());
        }
        let address = |person: &&Person| (self.target, person.email_key.clone());
        let addressed = || gone.iter().filter(|person| !person.email_key.is_empty());
        let carried: Vec<Address> =
            addressed().filter(|person| person.unsubscribed).map(address).collect();
        if !carried.is_empty() {
            consent::withdraw(self.tx, &carried).await?;
        }
        let ids: Vec<PersonId> = addressed().map(|person| person.id).collect();
        consent::settle(self.tx, &ids).await
    }

    /// Says where people went, for a plan: from each partition that the workspace sees, if only nobody.
    fn foresee(&self, results: &[Moved]) {
        let gone = |from, how: fn(&MoveOutcome) -> bool| {
            let gone = results.iter().filter(|one| one.from == Some(from) && how(&one.outcome));
            // Somebody may be named by several ids.
            let gone: HashSet<PersonId> = gone.map(|one| one.id).collect();
            i64::try_from(gone.len()).unwrap_or_default()
        };
        let moved = |from| gone(from, |one| matches!(one, MoveOutcome::Moved));
        let merged = |from| gone(from, |one| matches!(one, MoveOutcome::Merged(_)));
        let transfers = |from| {
            let arrive = Transfer { from, to: Some(self.target), people: moved(from) };
            [arrive, Transfer { from, to: None, people: merged(from) }]
        };
        self.tx.people_transferred(self.sight.ids().into_iter().flat_map(transfers));
    }

    /// Records who was moved.
    pub(super) fn record(&self, request: &Move, results: &[Moved]) {
        let gone = results.iter().filter(|one| matches!(one.outcome, MoveOutcome::Moved));
        let told = |one: &Moved| json!({ "person_id": one.id, "from": one.from });
        let moved: Vec<_> = gone.clone().map(told).collect();
        if moved.is_empty() {
            return;
        }
        let partitions: BTreeSet<PartitionId> =
            gone.filter_map(|one| one.from).chain([self.target]).collect();
        self.tx.record(Change {
            kind: "people.moved",
            workspace_id: Some(request.workspace),
            before: json!(moved),
            after: json!({ "to": self.target, "reason": request.reason }),
            detail: json!({ "moved": moved, "to": self.target, "partition_ids": partitions }),
            ..Change::default()
        });
    }
}

fn refuse_first(results: &[Moved]) -> Result<()> {
    for (at, one) in results.iter().enumerate() {
        if let MoveOutcome::Failed(refusal) = &one.outcome {
            return Err(item(at, refusal.clone()));
        }
    }
    Ok(())
}

fn failed(error: Error) -> MoveOutcome {
    MoveOutcome::Failed(error.into_refusal())
}
