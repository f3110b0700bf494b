//! The folders of an index, and which workspace sees which (S-02, S-05, S-10).
//!
//! A folder belongs to the workspace of its root, so that a move to another workspace is one fact. A workspace
//! sees its own folders, and those at or below one that is shared to it, while both ends live.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::index::Index;
use crate::domain::access::Permission;
use crate::id::{FolderId, WorkspaceId};

/// No place.
const NONE: u32 = u32::MAX;
/// More steps than any tree is deep: facts that run in a circle end here.
const STEPS: usize = 64;

/// The folders of a tenant.
#[derive(Clone, Debug, Default)]
pub(super) struct Folders {
    places: HashMap<FolderId, u32>,
    rows: Vec<Row>,
    /// The workspaces that a folder is shared to, by itself.
    targets: HashMap<u32, Arc<[u32]>>,
}

/// A folder; it has a place from the first fact that names it, there or not.
#[derive(Clone, Copy, Debug)]
struct Row {
    id: FolderId,
    parent: u32,
    /// Of a root.
    workspace: u32,
    living: bool,
}

/// How a workspace sees a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// As its own.
    Own {
        /// Others see it too.
        shared: bool,
    },
    /// It is shared to it.
    Received {
        /// By whom.
        owner: WorkspaceId,
    },
}

/// Why a workspace does not see a folder that it once saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// It is not shared to it.
    NotShared,
    /// It is shared to it, by a workspace that is deleted.
    OwnerDeleted,
}

// === impl Folders ===

impl Folders {
    pub(super) fn bytes(&self) -> usize {
        let shares: usize = self.targets.values().map(|one| size_of_val(&**one) + 32).sum();
        let entry = size_of::<FolderId>() + size_of::<u32>() + 1;
        shares + self.places.capacity() * entry + self.rows.capacity() * size_of::<Row>()
    }

    pub(super) fn take_root(&mut self, id: FolderId, workspace: u32) {
        let place = self.place(id);
        self.rows[place as usize] = Row { id, parent: NONE, workspace, living: true };
    }

    pub(super) fn take(&mut self, id: FolderId, parent: Option<FolderId>, targets: Vec<u32>) {
        let place = self.place(id);
        let row = match parent {
            Some(parent) => {
                let parent = self.place(parent);
                Row { id, parent, workspace: NONE, living: true }
            }
            None => Row { id, parent: NONE, workspace: NONE, living: false },
        };
        self.rows[place as usize] = row;
        match targets.is_empty() {
            true => self.targets.remove(&place),
            false => self.targets.insert(place, targets.into()),
        };
    }

    fn place(&mut self, id: FolderId) -> u32 {
        let next = super::index::number(self.rows.len());
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.rows.push(Row { id, parent: NONE, workspace: NONE, living: false });
        }
        place
    }

    /// A folder that is there, and those above it, up to the root.
    fn above(&self, id: FolderId) -> impl Iterator<Item = u32> {
        let first = self.places.get(&id).copied();
        let living = move |place: &u32| self.rows[*place as usize].living;
        let parent = move |place: &u32| {
            let parent = self.rows[*place as usize].parent;
            (parent != NONE).then_some(parent).filter(living)
        };
        std::iter::successors(first.filter(living), parent).take(STEPS)
    }

    /// The workspace that a folder belongs to.
    fn owner(&self, id: FolderId) -> Option<u32> {
        let root = self.above(id).last()?;
        let workspace = self.rows[root as usize].workspace;
        (workspace != NONE).then_some(workspace)
    }

    /// The workspaces that a folder is shared to, by itself or by one above.
    fn targets(&self, id: FolderId) -> impl Iterator<Item = u32> {
        let shared = self.above(id).filter_map(|place| self.targets.get(&place));
        shared.flat_map(|targets| targets.iter().copied())
    }

    /// The folders of living workspaces that one of some workspaces sees. Each folder is looked at once: what is
    /// known of the one above it holds for it too.
    pub(super) fn seen(
        &self,
        sees: impl Fn(u32) -> bool,
        living: impl Fn(u32) -> bool,
    ) -> Vec<FolderId> {
        let shared = |place: u32| {
            let targets = self.targets.get(&place);
            targets.is_some_and(|all| all.iter().any(|one| living(*one) && sees(*one)))
        };
        // The workspace that a folder belongs to, and whether it is shared to one that counts.
        let mut known: Vec<Option<(u32, bool)>> = vec![None; self.rows.len()];
        let mut path = Vec::new();
        for first in 0..super::index::number(self.rows.len()) {
            let mut next = first;
            let mut above = loop {
                let row = self.rows[next as usize];
                match known[next as usize] {
                    Some(known) => break known,
                    None if !row.living || path.len() > STEPS => break (NONE, false),
                    None => path.push(next),
                }
                match row.parent {
                    NONE => break (row.workspace, false),
                    parent => next = parent,
                }
            };
            while let Some(place) = path.pop() {
                above.1 |= shared(place);
                known[place as usize] = Some(above);
            }
        }
        let counts = |(owner, shared): (u32, bool)| {
            owner != NONE && living(owner) && (shared || sees(owner))
        };
        let rows = self.rows.iter().zip(known);
        let seen = rows.filter(|(row, known)| row.living && known.is_some_and(counts));
        seen.map(|(row, _)| row.id).collect()
    }

    fn is_shared_to(&self, id: FolderId, workspace: u32) -> bool {
        !self.targets.is_empty() && self.targets(id).any(|target| target == workspace)
    }
}

// === impl Index ===

impl Index {
    /// How a workspace sees a folder; nothing if it does not.
    pub fn reach(&self, workspace: WorkspaceId, folder: FolderId) -> Option<Reach> {
        let (place, _) = self.living_workspace(workspace)?;
        if self.owns(place, folder)? {
            let others = self.folders.targets(folder).filter(|target| *target != place);
            let shared = others.map(|other| self.workspace_at(other)).any(|other| other.living);
            return Some(Reach::Own { shared });
        }
        self.owner_of(folder).map(|owner| Reach::Received { owner })
    }

    /// Whether a folder that a living workspace sees is its own; nothing if it does not see it.
    pub(super) fn owns(&self, workspace: u32, folder: FolderId) -> Option<bool> {
        let owner = self.folders.owner(folder)?;
        let own = owner == workspace;
        let shared =
            || self.workspace_at(owner).living && self.folders.is_shared_to(folder, workspace);
        (own || shared()).then_some(own)
    }

    /// Whether a folder is the root of an area.
    pub(super) fn is_root(&self, folder: FolderId) -> bool {
        self.above(folder, 1).is_none()
    }

    /// The folder that lies some steps above another.
    pub fn above(&self, folder: FolderId, steps: usize) -> Option<FolderId> {
        let place = self.folders.above(folder).nth(steps)?;
        Some(self.folders.rows[place as usize].id)
    }

    /// Why a workspace does not see a folder; nothing if it does.
    pub fn unseen(&self, workspace: WorkspaceId, folder: FolderId) -> Option<Unseen> {
        if self.reach(workspace, folder).is_some() {
            return None;
        }
        let shared = self.living_workspace(workspace).is_some_and(|(place, _)| {
            let owner = self.folders.owner(folder);
            owner.is_some_and(|owner| !self.workspace_at(owner).living)
                && self.folders.is_shared_to(folder, place)
        });
        Some(if shared { Unseen::OwnerDeleted } else { Unseen::NotShared })
    }

    /// Whether a folder is another, or lies below it.
    pub fn is_within(&self, folder: FolderId, other: FolderId) -> bool {
        let above = self.folders.above(folder);
        above.into_iter().any(|place| self.folders.rows[place as usize].id == other)
    }

    /// The living workspace that a folder belongs to.
    pub fn owner_of(&self, folder: FolderId) -> Option<WorkspaceId> {
        let owner = self.workspace_at(self.folders.owner(folder)?);
        owner.living.then_some(owner.id)
    }

    /// The living workspaces that see a folder: its own, and those that it is shared to.
    pub fn viewers_of(&self, folder: FolderId) -> Vec<WorkspaceId> {
        let Some(owner) = self.owner_of(folder) else { return Vec::new() };
        let targets = self.folders.targets(folder).map(|target| self.workspace_at(target));
        let living = targets.filter(|target| target.living).map(|target| target.id);
        let mut viewers: Vec<WorkspaceId> = std::iter::once(owner).chain(living).collect();
        viewers.sort_unstable();
        viewers.dedup();
        viewers
    }

    /// The workspaces that a folder is shared to by itself, whether or not they live.
    pub fn targets_of(&self, folder: FolderId) -> Vec<WorkspaceId> {
        let place = self.folders.places.get(&folder);
        let targets = place.and_then(|place| self.folders.targets.get(place));
        targets
            .iter()
            .flat_map(|all| all.iter())
            .map(|place| self.workspace_at(*place).id)
            .collect()
    }

    /// The shares between living workspaces.
    pub(super) fn shares(&self) -> BTreeSet<(FolderId, WorkspaceId)> {
        let mut shares = BTreeSet::new();
        for (place, targets) in &self.folders.targets {
            let id = self.folders.rows[*place as usize].id;
            let living = targets.iter().map(|one| self.workspace_at(*one)).filter(|one| one.living);
            if self.owner_of(id).is_some() {
                shares.extend(living.map(|target| (id, target.id)));
            }
        }
        shares
    }

    /// The folders that there are, in living workspaces or not.
    pub(super) fn folder_ids(&self) -> Vec<FolderId> {
        let living = self.folders.rows.iter().filter(|row| row.living);
        living.map(|row| row.id).collect()
    }

    /// The folders at or above a folder that are shared by themselves, nearest first.
    pub fn shared_above(&self, folder: FolderId) -> Vec<FolderId> {
        let above = self.folders.above(folder);
        let shared = above.filter(|place| self.folders.targets.contains_key(place));
        shared.map(|place| self.folders.rows[place as usize].id).collect()
    }

    /// The folders that are shared to a workspace: where what it receives begins.
    pub fn received(&self, workspace: WorkspaceId) -> Vec<FolderId> {
        let Some((place, _)) = self.living_workspace(workspace) else { return Vec::new() };
        let shared = self.folders.targets.iter().filter(|(_, targets)| targets.contains(&place));
        let ids = shared.map(|(folder, _)| self.folders.rows[*folder as usize].id);
        let from_another =
            |id: &FolderId| self.owner_of(*id).is_some_and(|owner| owner != workspace);
        let mut received: Vec<FolderId> = ids.filter(from_another).collect();
        received.sort_unstable();
        received
    }

    /// The folders that a principal sees, in whatever workspace.
    pub fn folders_of(&self, principal: &str) -> Vec<FolderId> {
        let Some(slot) = self.active(principal) else { return Vec::new() };
        let permission = Permission::AssetsRead;
        let wide = self.holders(slot).any(|rights| rights.tenant.has(permission));
        let seen = (!wide).then(|| self.places_with(slot, permission));
        let sees = |workspace: u32| seen.as_ref().is_none_or(|seen| seen.has(workspace));
        self.folders.seen(sees, |workspace| self.workspace_at(workspace).living)
    }
}
