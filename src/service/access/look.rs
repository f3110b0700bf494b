//! Why a workspace sees a person, an asset, or a person in an asset, or does not (X-01, V-01, V-02, G-04, L-04).

use std::collections::BTreeSet;

use super::explain::{may_be_bound, to_share};
use super::{Access, At, Permission, Sight, demand, demand_in};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::filter::Reads;
use crate::domain::visibility::{Change, Item, Look, Membership, Sorted, Step};
use crate::entity::{Asset, Person};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PartitionId, PersonId, SegmentId, WorkspaceId};
use crate::repository::filter::{facts, filters};
use crate::repository::segmentation::member;
use crate::repository::{Answer, Scope, asset, person};
use crate::service::filter::{From, Resolved, Source, resolve};
use crate::service::segmentation;

/// What a caller asks about: a person, an asset, or both.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The workspace that looks.
    pub workspace: WorkspaceId,
    /// The person.
    pub person: Option<PersonId>,
    /// The asset; with a person: what the person is, or is not, in.
    pub asset: Option<AssetId>,
    /// The segment; nothing: any.
    pub segment: Option<SegmentId>,
}

/// What a workspace sees, and why, as far as the caller may know.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The facts, in order; the first that does not hold is the last.
    pub steps: Vec<Step>,
    /// The first single change that would turn the answer no.
    pub change: Option<Change>,
}

impl Access {
    /// Answers whether a workspace sees something, with the reasons; the answer is always that of the reads.
    pub async fn look(&self, ctx: &Context, asked: &Asked) -> Result<Answer<Seen>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Workspace(asked.workspace)).await?;
        if asked.person.is_some() {
            demand_in(&scope, ctx, Permission::PeopleRead, asked.workspace).await?;
        }
        if asked.asset.is_some() {
            demand_in(&scope, ctx, Permission::AssetsRead, asked.workspace).await?;
        }
        let looker = Looker { scope: &scope, sight: Sight::of(&scope, ctx).await? };
        let seen = looker.look(asked).await?;
        Ok(scope.answer(seen))
    }
}

/// A caller who asks what a workspace sees.
struct Looker<'a> {
    scope: &'a Scope,
    sight: Sight,
}

// === impl Looker ===

impl Looker<'_> {
    async fn look(&self, asked: &Asked) -> Result<Seen> {
        let home = match asked.person {
            Some(id) => Some(self.home(id).await?),
            None => None,
        };
        let asset = match asked.asset {
            Some(id) => Some(self.asset(id).await?),
            None => None,
        };
        let mut look = Look { workspace: asked.workspace, home, item: None, membership: None };
        if let Some(asset) = &asset {
            look.item = Some(Item { folder: asset.folder_id, live: asset.is_live() });
            if let (Some(person), Some(home)) = (asked.person, home) {
                let person = self.person(person, home).await?;
                look.membership = self.membership(asset, &person, asked.segment).await?;
            }
        }
        let sighting = self.sight.snapshot().index.look(&look);
        let sighting =
            sighting.ok_or_else(|| Error::not_found(Noun::Workspace, asked.workspace))?;
        let mut seen = Seen { steps: sighting.steps, change: None };
        if self.may_know(&look) {
            for change in sighting.changes {
                seen.change = self.possible(change).await?;
                if seen.change.is_some() {
                    break;
                }
            }
        }
        Ok(seen)
    }

    /// Where a living person is, whom the caller may know of through whatever workspace; or PERSON_NOT_FOUND, as of who
    /// never was.
    async fn home(&self, id: PersonId) -> Result<PartitionId> {
        let found = person::homes(self.scope, &[id]).await?.pop().map(|(_, home)| home);
        let (index, who) = (&self.sight.snapshot().index, self.sight.principal());
        found
            .filter(|home| index.sees_through(who, Permission::PeopleRead, *home))
            .ok_or_else(|| Error::not_found(Noun::Person, id))
    }

    async fn person(&self, id: PersonId, home: PartitionId) -> Result<Person> {
        let found = person::by_ids(self.scope, &[home], &[id]).await?.pop();
        found.ok_or_else(|| Error::not_found(Noun::Person, id))
    }

    /// An asset that the caller sees through whatever workspace: what is not live through its own only; or
    /// ASSET_NOT_FOUND.
    async fn asset(&self, id: AssetId) -> Result<Asset> {
        let found = asset::get(self.scope, id).await?;
        let seen = found.filter(|one| {
            let index = &self.sight.snapshot().index;
            let viewers = match one.is_live() {
                true => index.viewers_of(one.folder_id),
                false => index.owner_of(one.folder_id).into_iter().collect(),
            };
            viewers.iter().any(|id| self.sight.holds(Permission::AssetsRead, At::Workspace(*id)))
        });
        seen.ok_or_else(|| Error::not_found(Noun::Asset, id))
    }

    /// How a person stands to an asset; nothing: nothing of it is live.
    async fn membership(
        &self,
        asset: &Asset,
        person: &Person,
        segment: Option<SegmentId>,
    ) -> Result<Option<Membership>> {
        if let Some(id) = segment
            && asset.kind != Type::Segmentation
        {
            return Err(Error::not_found(Noun::Segment, id));
        }
        Ok(Some(match asset.kind {
            Type::Program | Type::StaticList => Membership::Put(self.is_put(asset, person).await?),
            Type::SmartList => Membership::Filtered(self.is_held(asset, person).await?),
            Type::Segmentation if asset.approved_version.is_none() => return Ok(None),
            Type::Segmentation => Membership::Sorted(self.sorted(asset, person, segment).await?),
            other => {
                let text =
                    format!("must be something that people are in, and is of the type {other}");
                return Err(Error::invalid("asset_id", text));
            }
        }))
    }

    async fn is_put(&self, asset: &Asset, person: &Person) -> Result<bool> {
        let reads = Reads { members: BTreeSet::from([asset.id]), ..Reads::default() };
        let known = facts(self.scope, std::slice::from_ref(person), &reads).await?;
        Ok(known.values().any(|one| one.members.contains(&asset.id)))
    }

    /// Whether the filter of a smart list holds, followed as its owner's (L-08); nothing: a reference is broken.
    async fn is_held(&self, list: &Asset, person: &Person) -> Result<Option<bool>> {
        let Some(filter) = filters(self.scope, [list.id]).await?.remove(&list.id).flatten() else {
            return Ok(Some(false));
        };
        let fields = self.scope.fields().await?;
        let (workspace, from) = (list.workspace_id, From::Asset(list.id));
        let source = Source { filter: &filter, workspace, from };
        let resolved = match resolve(self.scope, &fields, &[source]).await {
            Err(error) if error.reason() == Some(Reason::BrokenReference) => return Ok(None),
            other => other?,
        };
        let Some(Resolved { predicate, .. }) = resolved.first() else { return Ok(None) };
        let known = facts(self.scope, std::slice::from_ref(person), predicate.reads()).await?;
        Ok(Some(known.values().any(|one| predicate.holds(one))))
    }

    /// How a person stands to the approved version of a segmentation, or SEGMENT_NOT_FOUND.
    async fn sorted(
        &self,
        asset: &Asset,
        person: &Person,
        wanted: Option<SegmentId>,
    ) -> Result<Sorted> {
        let said = segmentation::current(self.scope, asset.id, person).await?;
        if let Some(id) = wanted.filter(|id| said.outline.name(*id).is_none()) {
            return Err(Error::not_found(Noun::Segment, id));
        }
        let stored = member::of_person(self.scope, person.id, &[asset.id]).await?.pop();
        Ok(Sorted {
            owner: asset.workspace_id,
            coverage: said.coverage,
            stored: stored.map(|(_, segment)| segment),
            now: said.segment,
            wanted,
        })
    }

    /// Whether the caller may know all that a change is worked out from: that a person is in an asset is known through a
    /// workspace that sees both (V-06).
    fn may_know(&self, look: &Look) -> bool {
        let (Some(home), Some(item)) = (look.home, look.item) else { return true };
        let knows = |at: At| {
            let needed = [Permission::PeopleRead, Permission::AssetsRead];
            needed.into_iter().all(|one| self.sight.holds(one, at))
        };
        let index = &self.sight.snapshot().index;
        let sees = |id: &WorkspaceId| index.workspace_sees(*id, home) && knows(At::Workspace(*id));
        knows(At::Tenant) || index.viewers_of(item.folder).iter().any(sees)
    }

    /// A change that would not be refused, and that names only what the caller sees.
    async fn possible(&self, change: Change) -> Result<Option<Change>> {
        Ok(match change {
            Change::BindReadOnly(workspace, partition) => {
                let seen =
                    self.sight.sees_workspace(workspace) && self.sight.sees_partition(partition);
                let possible = seen && may_be_bound(self.scope, workspace, partition).await?;
                possible.then_some(change)
            }
            Change::Share { owner, folder, target } if self.sight.sees_workspace(owner) => {
                let shared = to_share(self.scope, &self.sight, folder).await?;
                shared.map(|folder| Change::Share { owner, folder, target })
            }
            _ => None,
        })
    }
}
