//! Who watches, and what they may see of things, by an index.

use crate::domain::access::Permission;
use crate::domain::visibility::{At, Index, Reach};
use crate::id::{FolderId, PartitionId, WorkspaceId};

/// Somebody who watches: all that they see, or the view of one workspace.
#[derive(Clone, Copy, Debug)]
pub struct Watcher<'a> {
    /// Who may do what, as new as the changes.
    pub index: &'a Index,
    /// Who watches.
    pub principal: &'a str,
    /// The workspace whose view it is; nothing: all that the principal sees.
    pub view: Option<WorkspaceId>,
}

// === impl Watcher ===

impl Watcher<'_> {
    /// Whether they hold a permission somewhere.
    fn holds(&self, permission: Permission, at: At) -> bool {
        self.index.holds(self.principal, permission, at)
    }

    /// Whether they hold a permission for the tenant as a whole, which no view of a workspace shows.
    pub(super) fn rules(&self, permission: Permission) -> bool {
        self.view.is_none() && self.holds(permission, At::Tenant)
    }

    /// Whether they hold a permission wherever they look.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.holds(permission, self.view.map_or(At::Anywhere, At::Workspace))
    }

    /// Whether they hold a permission for what is in a workspace; of what is in none, tenant-wide.
    pub(super) fn may_in(&self, permission: Permission, workspace: Option<WorkspaceId>) -> bool {
        if self.rules(permission) {
            return true;
        }
        let looks = |id: &WorkspaceId| self.view.is_none_or(|view| view == *id);
        let workspace = workspace.filter(looks);
        workspace.is_some_and(|id| self.holds(permission, At::Workspace(id)))
    }

    /// Whether they see that a workspace is there.
    pub(super) fn sees_workspace(&self, id: WorkspaceId) -> bool {
        self.view == Some(id)
            || self.holds(Permission::WorkspacesRead, At::Workspace(id))
            || self.rules(Permission::WorkspacesRead)
    }

    /// Whether they hold a permission over a partition, or over the people in it.
    pub(super) fn sees(&self, permission: Permission, partition: PartitionId) -> bool {
        match self.view {
            Some(id) => {
                self.holds(permission, At::Workspace(id))
                    && self.index.workspace_sees(id, partition)
            }
            None => self.index.sees_through(self.principal, permission, partition),
        }
    }

    /// Whether they see a partition that is gone as they would if it were there.
    pub(super) fn saw(&self, permission: Permission, partition: PartitionId) -> bool {
        match self.view {
            Some(id) => {
                self.holds(permission, At::Workspace(id)) && self.index.is_bound(id, partition)
            }
            None => self.index.saw_through(self.principal, permission, partition),
        }
    }

    /// Whether they see a folder: their own, or one that is shared to them.
    pub(super) fn sees_folder(&self, folder: FolderId) -> bool {
        let holds = |id: WorkspaceId| self.holds(Permission::AssetsRead, At::Workspace(id));
        match self.view {
            Some(id) => holds(id) && self.index.reach(id, folder).is_some(),
            None => self.index.viewers_of(folder).into_iter().any(holds),
        }
    }

    /// Whether a folder is shared by itself to where they look.
    pub(super) fn receives(&self, folder: FolderId) -> bool {
        let holds = |id: &WorkspaceId| self.may_in(Permission::AssetsRead, Some(*id));
        self.index.targets_of(folder).iter().any(holds)
            && self.view.is_none_or(|id| {
                matches!(self.index.reach(id, folder), Some(Reach::Received { .. }))
            })
    }

    /// Whether they may know of another principal.
    pub(super) fn knows(&self, principal: &str) -> bool {
        self.may(Permission::AccessRead) && self.index.knows(self.principal, principal)
    }
}
