//! What lies between an index and one that was made from it: who sees and may do other than before.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, Sub};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::index::{Index, number};
use super::rows::Principal;
use crate::domain::access::Permissions;
use crate::id::{FolderId, PartitionId, WorkspaceId};

/// What is other than before.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The workspaces that begin, end or change their state.
    pub states: Vec<(WorkspaceId, State, State)>,
    /// The partitions that workspaces see otherwise.
    pub sights: Vec<Sight>,
    /// The workspaces whose new people land elsewhere.
    pub primaries: Vec<Primary>,
    /// What users and service accounts may do that they could not, or no longer: tenant-wide, and in workspaces where they
    /// hold anything beside that, or that begin or end.
    pub rights: Vec<Rights>,
    /// How many gain and lose permissions in all workspaces that stay, since they do so tenant-wide.
    pub wide: Turnout,
    /// Those of them who are in `rights` for a workspace, which says for itself what they gain and lose there.
    pub apart: BTreeMap<WorkspaceId, Turnout>,
    /// The folders that other workspaces see, or that belong to another.
    pub folders: Vec<FolderId>,
    /// The shares that begin, between living workspaces.
    pub begun: Vec<(FolderId, WorkspaceId)>,
    /// The shares that end or are suspended.
    pub ended: Vec<(FolderId, WorkspaceId)>,
}

/// How many gain permissions, and how many lose some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Turnout {
    pub gain: i64,
    pub lose: i64,
}

/// What a workspace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Not there, or deleted.
    Gone,
    /// In use.
    Active,
    /// Archived.
    Archived,
}

/// How far a workspace reaches in a partition that it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Its people can be seen, and not changed.
    ReadOnly,
    /// Its people can be changed.
    ReadWrite,
}

/// A partition that a workspace sees otherwise; nothing: not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Sight {
    pub workspace: WorkspaceId,
    pub partition: PartitionId,
    pub before: Option<Standing>,
    pub after: Option<Standing>,
}

/// The primary partition of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Primary {
    pub workspace: WorkspaceId,
    pub before: Option<PartitionId>,
    pub after: Option<PartitionId>,
}

/// What a user or service account gains and loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Who.
    pub principal: Arc<str>,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
    /// What it may do that it could not.
    pub gained: Permissions,
    /// What it can no longer do.
    pub lost: Permissions,
}

// === impl Turnout ===

impl Turnout {
    /// Somebody's, of what counts in workspaces.
    fn of(before: Permissions, now: Permissions) -> Self {
        let here = |all: Permissions| all & Permissions::of_workspaces();
        let (before, now) = (here(before), here(now));
        Self {
            gain: i64::from(!now.without(before).is_empty()),
            lose: i64::from(!before.without(now).is_empty()),
        }
    }
}

impl AddAssign for Turnout {
    fn add_assign(&mut self, other: Self) {
        self.gain += other.gain;
        self.lose += other.lose;
    }
}

impl Sub for Turnout {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { gain: self.gain - other.gain, lose: self.lose - other.lose }
    }
}

// === impl Sight ===

impl Sight {
    /// Whether people come into sight or go out of it.
    pub fn is_turned(&self) -> bool {
        self.before.is_some() != self.after.is_some()
    }
}

// === impl Index ===

impl Index {
    /// What another index, made from this one by [`Index::with`], has other than this one.
    pub fn until(&self, after: &Self) -> Changes {
        let places = 0..number(after.workspaces.len());
        let turned: Vec<u32> =
            places.clone().filter(|at| self.lives(*at) != after.lives(*at)).collect();
        let mut changes = Changes::default();
        self.rights_until(after, &turned, &mut changes);
        let mut all = self.living.clone();
        all.add(&after.living);
        let come_or_gone: Vec<u32> =
            all.iter().filter(|at| self.living.has(*at) != after.living.has(*at)).collect();
        for place in places {
            let new = &after.workspaces[place as usize];
            match self.workspaces.get(place as usize) {
                Some(old) if Arc::ptr_eq(old, new) => {
                    self.sights_until(after, place, come_or_gone.iter().copied(), &mut changes);
                }
                old => {
                    self.workspace_until(after, place, old.map(|one| one.primary), &mut changes);
                    self.sights_until(after, place, all.iter(), &mut changes);
                }
            }
        }
        if !turned.is_empty() || !Arc::ptr_eq(&self.folders, &after.folders) {
            let (old, new) = (self.shares(), after.shares());
            changes.begun = new.difference(&old).copied().collect();
            changes.ended = old.difference(&new).copied().collect();
            changes.folders = after.folder_ids();
            // A folder that is gone was empty.
            let seen = |index: &Self, id| (index.owner_of(id), index.viewers_of(id));
            changes.folders.retain(|id| seen(self, *id) != seen(after, *id));
        }
        changes
    }

    /// The living workspaces.
    pub fn living_workspaces(&self) -> Vec<WorkspaceId> {
        self.all_living().map(|(_, one)| one.id).collect()
    }

    /// The living workspaces that see a partition.
    pub fn seers_of(&self, partition: PartitionId) -> Vec<WorkspaceId> {
        let Some(place) = self.place_of_partition(partition) else { return Vec::new() };
        let living = self.workspaces.iter().filter(|one| one.living);
        living.filter(|one| self.sees(one, place)).map(|one| one.id).collect()
    }

    /// The partitions that a workspace sees.
    pub fn partitions_seen_by(&self, workspace: WorkspaceId) -> Vec<PartitionId> {
        let Some((place, _)) = self.living_workspace(workspace) else { return Vec::new() };
        let living = self.living.iter().filter(|at| self.standing(place, *at).is_some());
        living.map(|at| self.partition_at(at)).collect()
    }

    fn lives(&self, place: u32) -> bool {
        self.workspaces.get(place as usize).is_some_and(|one| one.living)
    }

    fn state(&self, place: u32) -> State {
        match self.workspaces.get(place as usize) {
            Some(one) if one.living && one.archived => State::Archived,
            Some(one) if one.living => State::Active,
            _ => State::Gone,
        }
    }

    /// How far the workspace in a place reaches in the partition in another.
    fn standing(&self, place: u32, partition: u32) -> Option<Standing> {
        let workspace = self.workspaces.get(place as usize).filter(|one| one.living)?;
        let seen = self.living.has(partition) && self.sees(workspace, partition);
        seen.then(|| match workspace.read_only.has(partition) {
            true => Standing::ReadOnly,
            false => Standing::ReadWrite,
        })
    }

    /// What has become of a workspace that was written.
    fn workspace_until(
        &self,
        after: &Self,
        place: u32,
        primary: Option<Option<PartitionId>>,
        changes: &mut Changes,
    ) {
        let new = after.workspace_at(place);
        let (before, now) = (self.state(place), after.state(place));
        if before != now {
            changes.states.push((new.id, before, now));
        }
        let while_there =
            |state: State, one: Option<PartitionId>| one.filter(|_| state != State::Gone);
        let before = while_there(before, primary.flatten());
        let now = while_there(now, new.primary);
        if before != now {
            changes.primaries.push(Primary { workspace: new.id, before, after: now });
        }
    }

    /// Which of some partitions a workspace sees otherwise.
    fn sights_until(
        &self,
        after: &Self,
        place: u32,
        partitions: impl Iterator<Item = u32>,
        changes: &mut Changes,
    ) {
        let workspace = after.workspace_at(place).id;
        for at in partitions {
            let (before, now) = (self.standing(place, at), after.standing(place, at));
            if before != now {
                let partition = after.partition_at(at);
                changes.sights.push(Sight { workspace, partition, before, after: now });
            }
        }
    }

    /// What users and service accounts gain and lose; `turned` are the places of workspaces that begin or end.
    fn rights_until(&self, after: &Self, turned: &[u32], changes: &mut Changes) {
        for slot in 0..number(after.principals.len()) {
            let principal = after.principals[slot as usize].name.clone();
            if principal.starts_with("group:") {
                continue;
            }
            let same = self.holds_the_same(after, slot);
            if same && turned.is_empty() {
                continue;
            }
            let mut push = |workspace, before: Permissions, now: Permissions| {
                if before != now {
                    let (gained, lost) = (now.without(before), before.without(now));
                    let principal = principal.clone();
                    changes.rights.push(Rights { principal, workspace, gained, lost });
                }
            };
            let (before, now) = (self.tenant_rights(slot), after.tenant_rights(slot));
            push(None, before, now);
            let mut places: BTreeSet<u32> = turned.iter().copied().collect();
            if !same {
                places.extend(self.local_places(slot).chain(after.local_places(slot)));
            }
            for place in &places {
                let workspace = after.workspace_at(*place).id;
                push(Some(workspace), self.rights_in(slot, *place), after.rights_in(slot, *place));
            }
            let turnout = Turnout::of(before, now);
            if turnout != Turnout::default() {
                changes.wide += turnout;
                for place in places {
                    *changes.apart.entry(after.workspace_at(place).id).or_default() += turnout;
                }
            }
        }
    }

    /// Whether a principal certainly holds what it held: nothing that it rests on was written.
    fn holds_the_same(&self, after: &Self, slot: u32) -> bool {
        let one = |index: &Self, slot: u32| index.principals.get(slot as usize).cloned();
        let same = |slot: u32| match (one(self, slot), one(after, slot)) {
            (Some(old), Some(new)) => Arc::ptr_eq(&old, &new),
            _ => false,
        };
        after.principals[slot as usize].holders.iter().all(|holder| same(*holder))
    }

    fn acting(&self, slot: u32) -> Option<&Principal> {
        let found = self.principals.get(slot as usize)?;
        found.active.then_some(&**found)
    }

    fn tenant_rights(&self, slot: u32) -> Permissions {
        let Some(_) = self.acting(slot) else { return Permissions::NONE };
        self.holders(slot).fold(Permissions::NONE, |all, one| all | one.tenant)
    }

    /// What a principal may do in a workspace, of what counts in one.
    fn rights_in(&self, slot: u32, place: u32) -> Permissions {
        if self.acting(slot).is_none() || !self.lives(place) {
            return Permissions::NONE;
        }
        let held = self.holders(slot).fold(Permissions::NONE, |all, one| all | one.at(place));
        held & Permissions::of_workspaces()
    }

    fn local_places(&self, slot: u32) -> impl Iterator<Item = u32> {
        let holders = self.acting(slot).map(|_| self.holders(slot));
        holders.into_iter().flatten().flat_map(|one| one.local.iter().map(|(place, _)| *place))
    }
}
