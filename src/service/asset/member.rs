//! The people in programs and static lists (V-02, V-07, L-05), with a result for each (H-05).
//!
//! Members are put in often, so a call does not wait for the tenant's trees of folders: it holds the workspace against
//! archiving, and the asset against deletion and against a move to another workspace.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::whom::{Whom, by_request, of_smart_list};
use super::{Assets, not_found};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::feed::by_partition;
use crate::domain::filter::Filter;
use crate::domain::visibility::Reach;
use crate::entity::Asset;
use crate::error::{Error, Noun, Refusal, Result};
use crate::id::{AssetId, PartitionId, PersonId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset_member::{self, Count, Member};
use crate::repository::{Answer, Change, Scope, Tx, asset, person, visibility, workspace};
use crate::service::access::{self, At, Permission};
use crate::service::{content, refuse};

/// A program or static list, through a workspace.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The program or list.
    pub id: AssetId,
    /// Which of the two.
    pub kind: Type,
}

/// Whom to put in.
#[derive(Clone, Debug)]
pub enum Coming {
    /// These.
    These(Vec<PersonId>),
    /// Those whom the workspace sees and for whom this holds.
    Matching(Filter),
}

/// Whom to take out.
#[derive(Clone, Debug)]
pub enum Leaving {
    /// These.
    These(Vec<PersonId>),
    /// Those who are in, whom the workspace sees and for whom this holds.
    Matching(Filter),
    /// All whom the workspace does not see.
    Hidden,
}

/// What became of one person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MemberOutcome {
    /// Put in, or taken out.
    Done,
    /// It was so already.
    Unchanged,
    /// Refused.
    Failed(Box<Refusal>),
}

/// What became of each person.
pub type Outcomes = Vec<(PersonId, MemberOutcome)>;

/// Who was taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Left {
    /// What became of each who was named, or for whom the filter holds.
    pub outcomes: Outcomes,
    /// How many were taken out.
    pub removed: i64,
}

/// What is recorded of members.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Added,
    Removed,
}

// === impl Assets ===

impl Assets {
    /// Puts people whom the workspace sees into a program or list.
    pub async fn add_members(
        &self,
        ctx: &Context,
        which: Which,
        coming: &Coming,
        atomic: bool,
    ) -> Result<Answer<Outcomes>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let partitions = which.hold(tx, ctx).await?;
                let people = match coming {
                    Coming::These(people) => people.clone(),
                    Coming::Matching(filter) => {
                        by_request(self, tx, which.workspace, filter).await?.some(tx).await?
                    }
                };
                let seen = asset_member::seen(tx, &partitions, &people).await?;
                let added = asset_member::add(tx, which.id, &seen, now()).await?;
                let outcomes = outcomes(&people, seen, &added);
                if atomic {
                    refuse_first(&outcomes)?;
                }
                if !added.is_empty() {
                    which.record_added(tx, &added).await?;
                }
                Ok(outcomes)
            })
            .await
    }

    /// Takes people out of a program or list.
    pub async fn remove_members(
        &self,
        ctx: &Context,
        which: Which,
        leaving: &Leaving,
    ) -> Result<Answer<Left>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let partitions = which.hold(tx, ctx).await?;
                match leaving {
                    Leaving::These(people) => remove(tx, which, &partitions, people).await,
                    Leaving::Matching(filter) => {
                        let whom = by_request(self, tx, which.workspace, filter).await?;
                        let people = whom.some_of(tx, which.id).await?;
                        remove(tx, which, &partitions, &people).await
                    }
                    Leaving::Hidden => remove_hidden(tx, which, &partitions).await,
                }
            })
            .await
    }

    /// Lists the people in a program or list whom the workspace sees, by id. A smart list is worked out.
    pub async fn list_members(
        &self,
        ctx: &Context,
        which: Which,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Member>>> {
        let tokens =
            Tokens::new(&self.secrets, ctx, &[&format!("{} {}", which.workspace, which.id)]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let (asset, _) = which.look(&scope, ctx).await?;
        let partitions = sight(&scope, which.workspace).await?;
        let (after, limit) = (page.after, page.limit());
        let rows = match asset.kind {
            Type::SmartList => {
                let resolved = of_smart_list(self, &scope, &asset).await?;
                Whom::new(partitions, resolved).members(&scope, after, limit).await?
            }
            _ => asset_member::list(&scope, which.id, &partitions, after, limit).await?,
        };
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.person_id)))
    }

    /// Counts the people in a program or list whom the workspace sees and, for its owner, the others (V-07); with the
    /// day that a smart list depends on.
    pub async fn count_members(
        &self,
        ctx: &Context,
        which: Which,
    ) -> Result<Answer<(Count, String)>> {
        let scope = self.store.read(ctx).await?;
        let (asset, owned) = which.look(&scope, ctx).await?;
        let partitions = sight(&scope, which.workspace).await?;
        if asset.kind == Type::SmartList {
            let resolved = of_smart_list(self, &scope, &asset).await?;
            let whom = Whom::new(partitions, resolved);
            let count = Count { shown: whom.tally(&scope).await?.people, hidden: 0 };
            return Ok(scope.answer((count, whom.as_of())));
        }
        let count = asset_member::count(&scope, which.id, &partitions).await?;
        let hidden = if owned { count.hidden } else { 0 };
        Ok(scope.answer((Count { hidden, ..count }, String::new())))
    }
}

async fn remove(
    tx: &Tx,
    which: Which,
    partitions: &[PartitionId],
    people: &[PersonId],
) -> Result<Left> {
    let seen = asset_member::seen(tx, partitions, people).await?;
    let removed = asset_member::remove(tx, which.id, &seen).await?;
    let outcomes = outcomes(people, seen, &removed);
    let count = removed.len();
    if count > 0 {
        let after = json!({ "removed": count });
        let homes = person::homes(tx, &removed).await?;
        which.record(tx, Verb::Removed, json!({ "removed": by_partition(homes) }), after);
    }
    Ok(Left::new(outcomes, count))
}

async fn remove_hidden(tx: &Tx, which: Which, partitions: &[PartitionId]) -> Result<Left> {
    let removed = asset_member::remove_hidden(tx, which.id, partitions).await?;
    if removed > 0 {
        // Who they were is nothing that the workspace may know (V-07).
        let count = json!({ "hidden": removed });
        which.record(tx, Verb::Removed, count.clone(), count);
    }
    Ok(Left::new(Vec::new(), removed))
}

// === impl Left ===

impl Left {
    fn new(outcomes: Outcomes, removed: impl TryInto<i64>) -> Self {
        // More rows than that no database has.
        Self { outcomes, removed: removed.try_into().unwrap_or(i64::MAX) }
    }
}

// === impl Which ===

impl Which {
    /// Asks for the rights, and holds what members are put into: the workspace's own, or SHARED_READ_ONLY (S-06). The
    /// partitions that the workspace sees.
    pub(super) async fn hold(self, tx: &Tx, ctx: &Context) -> Result<Vec<PartitionId>> {
        self.demand(tx, ctx).await?;
        let held = workspace::hold(tx, &[self.workspace]).await?;
        match held.first() {
            Some(one) if one.archive_time.is_some() => return Err(refuse::archived(one.id)),
            Some(_) => {}
            None => return Err(Error::not_found(Noun::Workspace, self.workspace)),
        }
        let asset = self.of_kind(asset_member::hold(tx, self.id).await?)?;
        match self.reach(tx, &asset).await? {
            Reach::Own { .. } => sight(tx, self.workspace).await,
            Reach::Received { owner } => Err(content::shared_read_only(asset.folder_id, owner)),
        }
    }

    /// Asks for the rights; what the workspace looks at, and whether it owns it. Smart lists are looked at as lists are.
    async fn look(self, scope: &Scope, ctx: &Context) -> Result<(Asset, bool)> {
        self.demand(scope, ctx).await?;
        let found = asset::get(scope, self.id).await?;
        let asset = match found {
            Some(one) if one.kind == Type::SmartList && self.kind == Type::StaticList => one,
            other => self.of_kind(other)?,
        };
        let owned = matches!(self.reach(scope, &asset).await?, Reach::Own { .. });
        Ok((asset, owned))
    }

    /// Assets are one thing, the people in them another: both are needed.
    async fn demand(self, scope: &Scope, ctx: &Context) -> Result<()> {
        access::demand(scope, ctx, At::Workspace(self.workspace)).await?;
        access::demand_in(scope, ctx, Permission::PeopleRead, self.workspace).await
    }

    /// The asset, or ASSET_NOT_FOUND if it is another thing than was asked for.
    fn of_kind(self, found: Option<Asset>) -> Result<Asset> {
        found.filter(|one| one.kind == self.kind).ok_or_else(|| not_found(self.id))
    }

    /// How the workspace sees the asset, or ASSET_NOT_FOUND. The row decides what is its own: only it is held.
    async fn reach(self, scope: &Scope, asset: &Asset) -> Result<Reach> {
        let reach = scope.index().await?.index.reach(self.workspace, asset.folder_id);
        let own = asset.workspace_id == self.workspace;
        reach
            .filter(|reach| own == matches!(reach, Reach::Own { .. }))
            .ok_or_else(|| not_found(self.id))
    }

    /// Records who was put in.
    pub(super) async fn record_added(self, tx: &Tx, added: &[PersonId]) -> Result<()> {
        let after = json!({ "added": added.len() });
        let homes = person::homes(tx, added).await?;
        self.record(tx, Verb::Added, json!({ "added": by_partition(homes) }), after);
        Ok(())
    }

    fn record(self, tx: &Tx, verb: Verb, detail: Json, after: Json) {
        let kind = match (self.kind == Type::Program, verb) {
            (true, Verb::Added) => "program.members_added",
            (true, Verb::Removed) => "program.members_removed",
            (false, Verb::Added) => "list.members_added",
            (false, Verb::Removed) => "list.members_removed",
        };
        tx.record(Change {
            kind,
            resource_id: Some(self.id.0),
            workspace_id: Some(self.workspace),
            detail,
            after,
            ..Change::default()
        });
    }
}

/// The partitions that a workspace sees, or WORKSPACE_NOT_FOUND.
pub(super) async fn sight(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<PartitionId>> {
    let sight = visibility::sight(scope, workspace).await?;
    Ok(sight.ok_or_else(|| Error::not_found(Noun::Workspace, workspace))?.ids())
}

/// What became of each: whom the workspace does not see is PERSON_NOT_FOUND, as who never was.
fn outcomes(people: &[PersonId], seen: Vec<PersonId>, done: &[PersonId]) -> Outcomes {
    let (seen, done): (HashSet<PersonId>, HashSet<&PersonId>) =
        (seen.into_iter().collect(), done.iter().collect());
    let outcome = |id: &PersonId| {
        if !seen.contains(id) {
            MemberOutcome::Failed(Error::not_found(Noun::Person, id).into_refusal())
        } else if done.contains(id) {
            MemberOutcome::Done
        } else {
            MemberOutcome::Unchanged
        }
    };
    people.iter().map(|id| (*id, outcome(id))).collect()
}

/// The first refusal, as that of the whole call.
fn refuse_first(outcomes: &[(PersonId, MemberOutcome)]) -> Result<()> {
    for (at, (_, one)) in outcomes.iter().enumerate() {
        if let MemberOutcome::Failed(refusal) = one {
            return Err(Error::Refused(refusal.clone()).with("index", at));
        }
    }
    Ok(())
}
