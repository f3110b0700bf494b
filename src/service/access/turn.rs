//! The change that turns what a workspace sees: one that would not be refused for its matter, and that names only
//! what the caller sees.

use super::Permission;
use super::explain::{may_be_bound, to_share};
use super::look::{Asked, Looker};
use crate::domain::region::compatible;
use crate::domain::visibility::{Change, Fact, Sighting, fact};
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::{FolderId, PartitionId, PersonId, WorkspaceId};
use crate::repository::{effect, folder, partition, person, tree, workspace};
use crate::service::plan::Effects;

// === impl Looker ===

impl Looker<'_> {
    /// The first change that turns an answer: bind, share, move.
    pub(super) async fn turn(
        &self,
        asked: &Asked,
        home: Option<PartitionId>,
        sighting: &Sighting,
    ) -> Result<Option<Change>> {
        let (moves, others): (Vec<Change>, Vec<Change>) =
            sighting.changes.iter().partition(|one| matches!(one, Change::MoveFolder { .. }));
        for change in others {
            if let Some(change) = self.possible(change).await? {
                return Ok(Some(change));
            }
        }
        if let Some((person, home)) = asked.person.zip(home)
            && let Some(change) = self.move_person(person, home, &sighting.homes).await?
        {
            return Ok(Some(change));
        }
        for change in moves {
            if let Some(change) = self.possible(change).await? {
                return Ok(Some(change));
            }
        }
        Ok(None)
    }

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
            Change::MoveFolder { owner, folder, target } if self.sight.sees_workspace(owner) => {
                let possible = self.may_move_folder(folder, owner, target).await?;
                possible.then_some(change)
            }
            _ => None,
        })
    }

    /// A move of a person to the first of some partitions that it could be to: the regions let it, and nobody there has
    /// the same key (M-03, M-04).
    async fn move_person(
        &self,
        person: PersonId,
        home: PartitionId,
        homes: &[PartitionId],
    ) -> Result<Option<Change>> {
        if homes.is_empty() {
            return Ok(None);
        }
        let settings = Settings::from_json(&self.scope.head().settings);
        let mut ids = homes.to_vec();
        ids.push(home);
        let found = partition::by_ids(self.scope, &ids).await?;
        let region = |id| found.iter().find(|one| one.id == id).map(|one| one.region.as_str());
        let from = region(home).unwrap_or_default();
        let taken =
            person::with_key_of(self.scope, homes, &self.person(person, home).await?).await?;
        let index = &self.sight.snapshot().index;
        let possible = |to: &PartitionId| {
            let region = region(*to).unwrap_or_default();
            let seen = index.sees_through(self.sight.principal(), Permission::PeopleRead, *to);
            if !seen
                || taken.contains(to)
                || !compatible(from, region, &settings.allowed_region_pairs)
            {
                return None;
            }
            let mut through = index.movers(home, *to).into_iter();
            let through = through.find(|id| self.sight.sees_workspace(*id))?;
            Some(Change::MovePerson { through, to: *to })
        };
        Ok(homes.iter().find_map(possible))
    }

    async fn regions_let(&self, from: WorkspaceId, to: WorkspaceId) -> Result<bool> {
        let settings = Settings::from_json(&self.scope.head().settings);
        let found = workspace::by_ids(self.scope, &[from, to]).await?;
        let region = |id| {
            let one = found.iter().find(|one| one.workspace.id == id);
            one.map(|one| one.workspace.region.as_str()).unwrap_or_default()
        };
        Ok(compatible(region(from), region(to), &settings.allowed_region_pairs))
    }

    /// Whether a folder could move to the root of its area in another workspace: the regions let it, nobody is in its
    /// programs, no reference breaks, and no name is taken (C-05, F-02, K-01).
    async fn may_move_folder(
        &self,
        id: FolderId,
        owner: WorkspaceId,
        target: WorkspaceId,
    ) -> Result<bool> {
        let index = &self.sight.snapshot().index;
        if !self.regions_let(owner, target).await? {
            return Ok(false);
        }
        let Some(found) = folder::get(self.scope, id).await? else { return Ok(false) };
        let root = folder::root(self.scope, target, found.area).await?;
        let targets = index.targets_of(id).into_iter().filter(|one| *one != target).collect();
        let moved = fact::Folder { parent: root.id, targets };
        let after = index.with([Fact::Folder(id, Some(moved))]);
        let matter = effect::below(self.scope, &[id]).await?;
        let effects = Effects::new(index, &after, matter, |_, folder| folder);
        Ok(effects.broken(None).is_empty()
            && !folder::is_name_taken(self.scope, root.id, &found.name_key).await?
            && effect::programs_filled(self.scope, id).await?.is_empty()
            && tree::program_names_taken(self.scope, id, target).await?.is_empty())
    }
}
