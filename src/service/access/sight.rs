//! What the caller sees of the tenant's topology.

use std::sync::Arc;

use super::{At, Permission};
use crate::context::Context;
use crate::domain::visibility::Seen;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::Scope;
use crate::repository::index::Snapshot;

/// The sight of the caller, as of the scope.
pub struct Sight {
    snapshot: Arc<Snapshot>,
    /// An operator is somebody of whom no fact tells: they look into no tenant.
    principal: String,
}

// === impl Sight ===

impl Sight {
    /// What the caller sees.
    pub async fn of(scope: &Scope, ctx: &Context) -> Result<Self> {
        Ok(Self::at(scope.index().await?, ctx))
    }

    /// What the caller sees by an index in memory.
    pub(super) fn at(snapshot: Arc<Snapshot>, ctx: &Context) -> Self {
        Self { snapshot, principal: ctx.caller.to_string() }
    }

    /// The caller, as a principal.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// The index behind it.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Whether the caller holds a permission somewhere.
    pub fn holds(&self, permission: Permission, at: At) -> bool {
        self.snapshot.index.holds(&self.principal, permission, at)
    }

    /// Whether the caller sees that a workspace is there.
    pub fn sees_workspace(&self, id: WorkspaceId) -> bool {
        self.holds(Permission::WorkspacesRead, At::Workspace(id))
    }

    /// Whether the caller sees that a partition is there.
    pub fn sees_partition(&self, id: PartitionId) -> bool {
        self.snapshot.index.sees_partition(&self.principal, id)
    }

    /// The workspaces where the caller holds a permission.
    pub fn workspaces_with(&self, permission: Permission) -> Seen<WorkspaceId> {
        self.snapshot.index.workspaces_with(&self.principal, permission)
    }

    /// The partitions that the caller sees.
    pub fn partitions(&self) -> Seen<PartitionId> {
        self.snapshot.index.partitions_of(&self.principal)
    }
}
