//! Making one of several people (D-08): the winner keeps its id and partition, and answers for the others' ids.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::moves::Run;
use super::remove::taken_meanwhile;
use super::{People, View, known, refuse, sight_for_writing};
use crate::clock::now;
use crate::context::Context;
use crate::domain::feed::by_partition;
use crate::entity::Person;
use crate::error::{Error, Noun, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::field_set::FieldSet;
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Change, Tx, consent, person};
use crate::service::access::{self, At, Permission};
use crate::service::refuse as shared;

/// Who is one.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The workspace that must see all and be able to write them.
    pub workspace: WorkspaceId,
    /// Who stays.
    pub winner: PersonId,
    /// Who goes into the winner, in the order in which they fill what it lacks.
    pub losers: Vec<PersonId>,
    /// The etag of the winner that the caller read; empty: any.
    pub etag: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Merged {
    /// The winner.
    pub winner: View,
    /// How many were merged now; the others were before.
    pub merged: usize,
}

/// Merges, within a write.
pub(super) struct Merger<'a> {
    pub(super) tx: &'a Tx,
    pub(super) sight: &'a Sight,
    pub(super) fields: Arc<FieldSet>,
    pub(super) workspace: WorkspaceId,
}

// === impl People ===

impl People {
    /// Makes one of several people. Done before, it changes nothing.
    pub async fn merge(&self, ctx: &Context, merge: Merge) -> Result<Answer<Merged>> {
        let merge = &merge;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(merge.workspace)).await?;
                let sight = sight_for_writing(tx, merge.workspace).await?;
                let (winner, losers) = merge.find(tx, &sight).await?;
                shared::stale_etag(&merge.etag, winner.version, Noun::Person, winner.id)?;
                let run = Run::of(tx, sight.clone(), winner.partition_id);
                run.admit_target().await?;
                for loser in &losers {
                    if run.admit(Some(loser), loser.id)?.is_some() {
                        let workspace = merge.workspace;
                        access::demand_in(tx, ctx, Permission::PeopleMove, workspace).await?;
                    }
                }
                let after = match losers.is_empty() {
                    true => winner,
                    false => {
                        self.merger(tx, &sight, merge.workspace)
                            .await?
                            .unite(&winner, &losers)
                            .await?
                    }
                };
                Ok(Merged { winner: self.view(tx, after).await?, merged: losers.len() })
            })
            .await
    }

    /// What merges within a write.
    pub(super) async fn merger<'a>(
        &self,
        tx: &'a Tx,
        sight: &'a Sight,
        workspace: WorkspaceId,
    ) -> Result<Merger<'a>> {
        Ok(Merger { tx, sight, fields: tx.fields().await?, workspace })
    }
}

// === impl Merge ===

impl Merge {
    /// The winner, and those who are not yet one with it, each once.
    async fn find(&self, tx: &Tx, sight: &Sight) -> Result<(Person, Vec<Person>)> {
        let ids = [&[self.winner], &self.losers[..]].concat();
        // All are locked at once, in order: merges in a ring would else wait for each other.
        let winners = person::merge::winners(tx, &ids).await?;
        let meant = |id: &PersonId| *winners.get(id).unwrap_or(id);
        let people: Vec<PersonId> = ids.iter().map(meant).collect();
        let found = known::lock_living(tx, sight, &people).await?;
        let find = |id: &PersonId| {
            let person = found.get(&meant(id)).cloned();
            person.ok_or_else(|| refuse::person_not_found(Some(*id)))
        };
        let winner = find(&self.winner)?;
        let mut losers = self.losers.iter().map(find).collect::<Result<Vec<Person>>>()?;
        let mut seen = HashSet::from([winner.id]);
        losers.retain(|loser| seen.insert(loser.id));
        Ok((winner, losers))
    }
}

// === impl Merger ===

impl Merger<'_> {
    /// Makes one of living people who are locked and whom the workspace may write; a refusal leaves them as they were.
    pub(super) async fn unite(&self, winner: &Person, losers: &[Person]) -> Result<Person> {
        let mut values = winner.values();
        losers.iter().for_each(|loser| values.fill(loser.values()));
        let wanted = winner.clone().with_values(values);
        let joined = self.tx.savepoint(async || self.join(winner, losers, wanted.clone()).await);
        let after = match joined.await? {
            // Somebody else has the key that the winner would take over.
            Err(Error::Unique(_)) => {
                // The losers live again, as nothing was merged, and it is not they who refuse it.
                let ids: Vec<PersonId> = losers.iter().map(|loser| loser.id).collect();
                return Err(taken_meanwhile(self.tx, self.sight, &wanted, &ids).await?);
            }
            joined => joined?,
        };
        self.keep_consent(winner, &after).await?;
        self.tx.people_written(losers.iter().map(|loser| loser.id).chain([winner.id]));
        for loser in losers {
            self.tx.people_flowed(Some(loser.partition_id), None, 1);
        }
        self.record(winner, losers, &after);
        Ok(after)
    }

    async fn join(&self, winner: &Person, losers: &[Person], mut after: Person) -> Result<Person> {
        let time = now();
        let ids: Vec<PersonId> = losers.iter().map(|loser| loser.id).collect();
        person::merge::retire(self.tx, &ids, winner.id, time).await?;
        person::merge::join_members(self.tx, &ids, winner.id).await?;
        if after.email_key != winner.email_key {
            let address = (after.partition_id, after.email_key.clone());
            after.unsubscribed |= !consent::unsubscribed(self.tx, &[address]).await?.is_empty();
        }
        if after != *winner {
            after.version += 1;
            after.update_time = time;
            self.tx.update(&after).await?;
        }
        Ok(after)
    }

    /// Unsubscribed wins, and holds for the address of the winner (D-09).
    async fn keep_consent(&self, before: &Person, after: &Person) -> Result<()> {
        let as_before = before.unsubscribed && before.email_key == after.email_key;
        if !after.unsubscribed || after.email_key.is_empty() || as_before {
            return Ok(());
        }
        consent::withdraw(self.tx, &[(after.partition_id, after.email_key.clone())]).await
    }

    fn record(&self, winner: &Person, losers: &[Person], after: &Person) {
        let view = |person: &Person| View::new(person.clone(), &self.fields).audit();
        let homes = || losers.iter().map(|loser| (loser.id, loser.partition_id));
        let partitions: BTreeSet<PartitionId> =
            homes().map(|one| one.1).chain([after.partition_id]).collect();
        self.tx.record(Change {
            kind: "person.merged",
            resource_id: Some(winner.id.0),
            workspace_id: Some(self.workspace),
            detail: json!({
                "partition_id": after.partition_id,
                "partition_ids": partitions,
                "deleted": by_partition(homes()),
            }),
            before: std::iter::once(winner).chain(losers).map(view).collect(),
            after: view(after),
            ..Change::default()
        });
    }
}
