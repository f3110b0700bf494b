//! The rows of an index: workspaces and principals, with what follows from their facts.

use std::sync::Arc;

use super::bits::Bits;
use crate::domain::access::{Permission, Permissions};
use crate::id::{GrantId, PartitionId, RoleId, WorkspaceId};

/// A workspace; it has a place from the first fact that names it, there or not.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    pub(super) id: WorkspaceId,
    pub(super) living: bool,
    pub(super) archived: bool,
    pub(super) all_partitions: bool,
    pub(super) bound: Bits,
    pub(super) read_only: Bits,
    pub(super) primary: Option<PartitionId>,
}

/// Somebody of whom a fact tells.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) name: Arc<str>,
    /// A user, a group that is there, or a service account that is there and switched on.
    pub(super) active: bool,
    /// By id.
    pub(super) grants: Vec<Held>,
    /// The groups that it is a direct member of.
    pub(super) groups: Vec<u32>,
    /// Its direct members, if it is a group.
    pub(super) members: Vec<u32>,
    /// What its own grants add up to.
    pub(super) rights: Rights,
    /// Itself, and all groups that it is in: whose rights it has.
    pub(super) holders: Vec<u32>,
}

/// A grant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) id: GrantId,
    pub(super) role: RoleId,
    pub(super) workspace: Option<u32>,
}

/// What grants add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Rights {
    /// Tenant-wide.
    pub(super) tenant: Permissions,
    /// In single workspaces, in the order of their places.
    pub(super) local: Vec<(u32, Permissions)>,
}

// === impl Workspace ===

impl Workspace {
    pub(super) fn gone(id: WorkspaceId) -> Self {
        Self {
            id,
            living: false,
            archived: false,
            all_partitions: false,
            bound: Bits::default(),
            read_only: Bits::default(),
            primary: None,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of::<Arc<Self>>() + self.bound.bytes() + self.read_only.bytes()
    }
}

// === impl Principal ===

impl Principal {
    pub(super) fn new(name: Arc<str>, slot: u32) -> Self {
        Self {
            active: name.starts_with("user:"),
            name,
            grants: Vec::new(),
            groups: Vec::new(),
            members: Vec::new(),
            rights: Rights::default(),
            holders: vec![slot],
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let numbers = self.groups.capacity() + self.members.capacity() + self.holders.capacity();
        size_of::<Self>()
            + size_of::<Arc<Self>>()
            + self.name.len()
            + numbers * size_of::<u32>()
            + self.grants.capacity() * size_of::<Held>()
            + self.rights.local.capacity() * size_of::<(u32, Permissions)>()
    }
}

// === impl Rights ===

impl Rights {
    /// What they allow in a workspace.
    pub(super) fn at(&self, place: u32) -> Permissions {
        let local = self.local.binary_search_by_key(&place, |(place, _)| *place);
        local.map_or(self.tenant, |found| self.tenant | self.local[found].1)
    }

    /// Where they allow something, in single workspaces.
    pub(super) fn places_with(&self, permission: Permission) -> impl Iterator<Item = u32> {
        self.local.iter().filter(move |(_, held)| held.has(permission)).map(|(place, _)| *place)
    }
}
