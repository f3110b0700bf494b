//! The index: facts in dense tables, and what follows from them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::bits::Bits;
use super::fact::{self, Fact};
use super::folders::Folders;
use super::rows::{Held, Principal, Rights, Workspace};
use crate::domain::access::{Permissions, role};
use crate::id::{FolderId, GrantId, GroupId, PartitionId, RoleId, ServiceAccountId, WorkspaceId};

/// Who may do what in one tenant.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub(super) workspaces: Vec<Arc<Workspace>>,
    workspace_places: Arc<HashMap<WorkspaceId, u32>>,
    partitions: Vec<PartitionId>,
    partition_places: Arc<HashMap<PartitionId, u32>>,
    /// The partitions that are there.
    pub(super) living: Bits,
    roles: Arc<HashMap<RoleId, Permissions>>,
    pub(super) principals: Vec<Arc<Principal>>,
    principal_places: Arc<HashMap<Arc<str>, u32>>,
    pub(super) folders: Arc<Folders>,
}

/// What follows from facts and has to be worked out again.
#[derive(Default)]
struct Stale {
    rights: HashSet<u32>,
    roles: HashSet<RoleId>,
    /// Who joined or left a group.
    memberships: HashSet<u32>,
}

// === impl Index ===

impl Index {
    /// The index with these facts in place of what it knew of the same things.
    #[must_use]
    pub fn with(&self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut next = self.clone();
        let mut stale = Stale::default();
        for fact in facts {
            next.take(fact, &mut stale);
        }
        next.derive(&stale);
        next
    }

    /// Roughly how many bytes it takes, what it shares with the index that it was made from included.
    pub fn bytes(&self) -> usize {
        let entry = |key: usize| key + size_of::<u32>() + 1;
        let workspaces: usize = self.workspaces.iter().map(|one| one.bytes()).sum();
        let principals: usize = self.principals.iter().map(|one| one.bytes()).sum();
        workspaces
            + principals
            + self.workspace_places.capacity() * entry(size_of::<WorkspaceId>())
            + self.partition_places.capacity() * entry(size_of::<PartitionId>())
            + self.principal_places.capacity() * entry(size_of::<Arc<str>>())
            + self.partitions.capacity() * size_of::<PartitionId>()
            + self.living.bytes()
            + self.folders.bytes()
    }

    fn take(&mut self, fact: Fact, stale: &mut Stale) {
        match fact {
            Fact::Workspace(id, workspace) => self.take_workspace(id, workspace),
            Fact::Partition(id, partition) => {
                let place = self.partition_place(id);
                self.living.set(place, partition.is_some());
            }
            Fact::Role(id, permissions) => {
                let roles = Arc::make_mut(&mut self.roles);
                match permissions {
                    Some(permissions) => roles.insert(id, permissions),
                    None => roles.remove(&id),
                };
                stale.roles.insert(id);
            }
            Fact::ServiceAccount(id, account) => {
                let slot = self.slot(&account_name(id));
                self.principal_mut(slot).active = account.is_some_and(|one| !one.disabled);
            }
            Fact::Group(id, members) => self.take_group(id, members, stale),
            Fact::Grant(id, grant) => self.take_grant(id, grant, stale),
            Fact::Root(id, workspace) => {
                let place = self.workspace_place(workspace);
                Arc::make_mut(&mut self.folders).take_root(id, place);
            }
            Fact::Folder(id, folder) => self.take_folder(id, folder),
        }
    }

    fn take_workspace(&mut self, id: WorkspaceId, workspace: Option<fact::Workspace>) {
        let place = self.workspace_place(id);
        let mut next = Workspace::gone(id);
        if let Some(workspace) = workspace {
            next.living = true;
            next.archived = workspace.archived;
            next.all_partitions = workspace.all_partitions;
            next.primary = workspace.primary;
            for binding in workspace.bindings {
                let partition = self.partition_place(binding.partition);
                next.bound.set(partition, true);
                next.read_only.set(partition, binding.read_only);
            }
        }
        self.workspaces[place as usize] = Arc::new(next);
    }

    fn take_folder(&mut self, id: FolderId, folder: Option<fact::Folder>) {
        let targets = folder.iter().flat_map(|one| &one.targets);
        let targets = targets.map(|target| self.workspace_place(*target)).collect();
        Arc::make_mut(&mut self.folders).take(id, folder.map(|one| one.parent), targets);
    }

    fn take_group(&mut self, id: GroupId, members: Option<Vec<String>>, stale: &mut Stale) {
        let slot = self.slot(&group_name(id));
        let new: Vec<u32> = members.iter().flatten().map(|member| self.slot(member)).collect();
        let group = self.principal_mut(slot);
        group.active = members.is_some();
        let old = std::mem::replace(&mut group.members, new.clone());
        let (before, after): (HashSet<u32>, HashSet<u32>) =
            (old.into_iter().collect(), new.into_iter().collect());
        for left in before.difference(&after) {
            self.principal_mut(*left).groups.retain(|group| *group != slot);
        }
        for joined in after.difference(&before) {
            self.principal_mut(*joined).groups.push(slot);
        }
        stale.memberships.extend(before.symmetric_difference(&after));
    }

    fn take_grant(&mut self, id: GrantId, grant: Option<fact::Grant>, stale: &mut Stale) {
        let slot = match grant {
            Some(grant) => {
                let workspace = grant.workspace.map(|id| self.workspace_place(id));
                let slot = self.slot(&grant.principal);
                let held = Held { id, role: grant.role, workspace };
                let grants = &mut self.principal_mut(slot).grants;
                // A grant never changes: one that is there already is the same.
                if let Err(place) = grants.binary_search_by_key(&id, |one| one.id) {
                    grants.insert(place, held);
                }
                Some(slot)
            }
            None => {
                let holds = |one: &Arc<Principal>| {
                    one.grants.binary_search_by_key(&id, |held| held.id).is_ok()
                };
                let slot = self.principals.iter().position(holds).map(number);
                if let Some(slot) = slot {
                    self.principal_mut(slot).grants.retain(|held| held.id != id);
                }
                slot
            }
        };
        stale.rights.extend(slot);
    }

    /// Works out what follows from the facts that have changed.
    fn derive(&mut self, stale: &Stale) {
        let uses = |one: &Principal| one.grants.iter().any(|held| stale.roles.contains(&held.role));
        for slot in 0..number(self.principals.len()) {
            let one = &self.principals[slot as usize];
            if stale.rights.contains(&slot) || (!stale.roles.is_empty() && uses(one)) {
                let rights = self.rights(&one.grants);
                self.principal_mut(slot).rights = rights;
            }
        }
        for slot in self.below(&stale.memberships) {
            let holders = self.ancestry(slot);
            if holders != self.principals[slot as usize].holders {
                self.principal_mut(slot).holders = holders;
            }
        }
    }

    /// Some principals, and all who are in them, directly or through others.
    fn below(&self, slots: &HashSet<u32>) -> HashSet<u32> {
        let mut found = slots.clone();
        let mut next: Vec<u32> = slots.iter().copied().collect();
        while let Some(one) = next.pop() {
            let members = self.principals[one as usize].members.iter();
            next.extend(members.copied().filter(|member| found.insert(*member)));
        }
        found
    }

    fn rights(&self, grants: &[Held]) -> Rights {
        let mut rights = Rights::default();
        let of_workspaces = Permissions::of_workspaces();
        for held in grants {
            let permissions = self.role(held.role);
            match held.workspace {
                None => rights.tenant |= permissions,
                // What counts tenant-wide only has no meaning here, whatever role it came in.
                Some(place) => rights.local.push((place, permissions & of_workspaces)),
            }
        }
        rights.local.sort_unstable_by_key(|(place, _)| *place);
        rights.local.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 |= later.1;
            }
            same
        });
        rights
    }

    /// A principal and all groups above it, each once, also where they run in a circle.
    fn ancestry(&self, slot: u32) -> Vec<u32> {
        let mut found = vec![slot];
        let mut next = 0;
        while let Some(one) = found.get(next) {
            for group in &self.principals[*one as usize].groups {
                if !found.contains(group) {
                    found.push(*group);
                }
            }
            next += 1;
        }
        found
    }

    /// The permissions of a role; of one that is gone, none.
    pub(super) fn role(&self, id: RoleId) -> Permissions {
        let custom = self.roles.get(&id).copied();
        custom.or_else(|| role::permissions(id)).unwrap_or_default()
    }

    /// Somebody who may do something, if granted.
    pub(super) fn active(&self, principal: &str) -> Option<u32> {
        let slot = *self.principal_places.get(principal)?;
        self.principals[slot as usize].active.then_some(slot)
    }

    /// The slot of somebody of whom a fact tells.
    pub(super) fn known(&self, principal: &str) -> Option<&Principal> {
        let slot = *self.principal_places.get(principal)?;
        Some(&self.principals[slot as usize])
    }

    /// The rights that a principal has: its own, and those of its groups.
    pub(super) fn holders(&self, slot: u32) -> impl Iterator<Item = &Rights> {
        let holders = &self.principals[slot as usize].holders;
        let active = holders.iter().map(|one| &self.principals[*one as usize]);
        active.filter(|one| one.active).map(|one| &one.rights)
    }

    pub(super) fn living_workspace(&self, id: WorkspaceId) -> Option<(u32, &Workspace)> {
        let place = *self.workspace_places.get(&id)?;
        let workspace = &*self.workspaces[place as usize];
        workspace.living.then_some((place, workspace))
    }

    /// All living workspaces, with their places.
    pub(super) fn all_living(&self) -> impl Iterator<Item = (u32, &Workspace)> {
        let places = (0..number(self.workspaces.len())).zip(&self.workspaces);
        places.filter(|(_, one)| one.living).map(|(place, one)| (place, &**one))
    }

    pub(super) fn workspace_at(&self, place: u32) -> &Workspace {
        &self.workspaces[place as usize]
    }

    /// The place of a partition, there or not.
    pub(super) fn known_partition(&self, id: PartitionId) -> Option<u32> {
        self.partition_places.get(&id).copied()
    }

    pub(super) fn place_of_partition(&self, id: PartitionId) -> Option<u32> {
        self.known_partition(id).filter(|place| self.living.has(*place))
    }

    pub(super) fn partition_at(&self, place: u32) -> PartitionId {
        self.partitions[place as usize]
    }

    /// Whether a partition that is there is in visible(W).
    pub(super) fn sees(&self, workspace: &Workspace, partition: u32) -> bool {
        workspace.all_partitions || workspace.bound.has(partition)
    }

    fn workspace_place(&mut self, id: WorkspaceId) -> u32 {
        if let Some(place) = self.workspace_places.get(&id) {
            return *place;
        }
        let place = number(self.workspaces.len());
        self.workspaces.push(Arc::new(Workspace::gone(id)));
        Arc::make_mut(&mut self.workspace_places).insert(id, place);
        place
    }

    fn partition_place(&mut self, id: PartitionId) -> u32 {
        if let Some(place) = self.partition_places.get(&id) {
            return *place;
        }
        let place = number(self.partitions.len());
        self.partitions.push(id);
        Arc::make_mut(&mut self.partition_places).insert(id, place);
        place
    }

    fn slot(&mut self, principal: &str) -> u32 {
        if let Some(slot) = self.principal_places.get(principal) {
            return *slot;
        }
        let slot = number(self.principals.len());
        let name: Arc<str> = principal.into();
        self.principals.push(Arc::new(Principal::new(name.clone(), slot)));
        Arc::make_mut(&mut self.principal_places).insert(name, slot);
        slot
    }

    fn principal_mut(&mut self, slot: u32) -> &mut Principal {
        Arc::make_mut(&mut self.principals[slot as usize])
    }
}

/// A group as a principal.
pub fn group_name(id: GroupId) -> String {
    format!("group:{id}")
}

/// A service account as a principal.
pub fn account_name(id: ServiceAccountId) -> String {
    format!("service:{id}")
}

/// A place in a table.
pub(super) fn number(place: usize) -> u32 {
    // Tables of four thousand million rows would not fit into memory.
    u32::try_from(place).unwrap_or(u32::MAX)
}
