//! What a question may be about in a workspace, and how the workspace sees it (V-01, P-03, S-06, S-07).

use super::answer::Verdict;
use super::explain::Link;
use super::index::Index;
use super::rows::Workspace;
use crate::domain::access::Permission;
use crate::id::{FolderId, PartitionId};

/// Something in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// A partition, or whoever is in it.
    Partition(PartitionId),
    /// A folder.
    Folder(FolderId),
    /// What is in a folder; those that it is shared to see it once it is live.
    Asset {
        /// The folder.
        folder: FolderId,
        /// Something of it is live.
        live: bool,
    },
}

// === impl Object ===

impl Object {
    /// The verdict where the workspace does not see it.
    pub(super) fn not_visible(self) -> Verdict {
        match self {
            Self::Partition(_) => Verdict::PartitionNotVisible,
            Self::Folder(_) | Self::Asset { .. } => Verdict::FolderNotVisible,
        }
    }

    /// The verdict where the workspace may only read it.
    pub(super) fn read_only(self) -> Verdict {
        match self {
            Self::Partition(_) => Verdict::PartitionReadOnly,
            Self::Folder(_) | Self::Asset { .. } => Verdict::SharedReadOnly,
        }
    }

    /// That the workspace sees it, or not.
    pub(super) fn visible(self, holds: bool) -> Link {
        match self {
            Self::Partition(_) => Link::VisiblePartition(holds),
            Self::Folder(_) | Self::Asset { .. } => Link::VisibleFolder(holds),
        }
    }

    /// That the workspace may change it, or not.
    pub(super) fn writable(self, holds: bool) -> Link {
        match self {
            Self::Partition(_) => Link::WritablePartition(holds),
            Self::Folder(_) | Self::Asset { .. } => Link::WritableFolder(holds),
        }
    }

    /// Whether a permission is one to change it.
    pub(super) fn is_changed_by(self, permission: Permission) -> bool {
        match self {
            Self::Partition(_) => permission.changes_people(),
            Self::Folder(_) | Self::Asset { .. } => permission.changes_content(),
        }
    }
}

// === impl Index ===

impl Index {
    /// How a living workspace sees something: whether it may change it; nothing if it does not see it.
    pub(super) fn writable(
        &self,
        (place, workspace): (u32, &Workspace),
        object: Object,
    ) -> Option<bool> {
        match object {
            Object::Partition(id) => {
                let partition = self.place_of_partition(id)?;
                let seen = self.sees(workspace, partition);
                seen.then(|| !workspace.read_only.has(partition))
            }
            Object::Folder(folder) => self.owns(place, folder),
            Object::Asset { folder, live } => self.owns(place, folder).filter(|own| *own || live),
        }
    }
}
