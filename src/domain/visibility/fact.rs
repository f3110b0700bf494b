//! What an index is made of: the rows that decide access, each as it stands now.

use crate::domain::access::Permissions;
use crate::id::{FolderId, GrantId, GroupId, PartitionId, RoleId, ServiceAccountId, WorkspaceId};

/// How one thing stands; nothing: it is gone.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A workspace, with its bindings.
    Workspace(WorkspaceId, Option<Workspace>),
    /// A partition.
    Partition(PartitionId, Option<()>),
    /// A custom role, with what its permissions imply.
    Role(RoleId, Option<Permissions>),
    /// A service account.
    ServiceAccount(ServiceAccountId, Option<ServiceAccount>),
    /// A group, with its direct members.
    Group(GroupId, Option<Vec<String>>),
    /// A grant.
    Grant(GrantId, Option<Grant>),
    /// The root of an area, and its workspace, living or not: a root never changes.
    Root(FolderId, WorkspaceId),
    /// A folder that is no root.
    Folder(FolderId, Option<Folder>),
}

/// A living workspace.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// It sees all partitions, those without a binding READ_WRITE.
    pub all_partitions: bool,
    /// It refuses what changes it.
    pub archived: bool,
    /// Its bindings.
    pub bindings: Vec<Binding>,
    /// The partition where its new people land.
    pub primary: Option<PartitionId>,
}

/// A folder that is no root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The folder that it is in.
    pub parent: FolderId,
    /// The workspaces that it is shared to.
    pub targets: Vec<WorkspaceId>,
}

/// A partition that a workspace may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The partition.
    pub partition: PartitionId,
    /// Its people can be seen, and not changed.
    pub read_only: bool,
}

/// A service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// It may do nothing.
    pub disabled: bool,
}

/// A role that a principal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub principal: String,
    /// What.
    pub role: RoleId,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
}
