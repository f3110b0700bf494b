//! Whether an entry shows: judged when it is read, by what its reader sees now (K-04, V-06, A-06).

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::access::rpc::{Need, need};
use crate::domain::activity::{About, Named, Subject, is_end, noun};
use crate::domain::asset::Type;
use crate::domain::visibility::{Index, Reach, account_name, group_name};
use crate::id::{FolderId, GroupId, PartitionId, ServiceAccountId, WorkspaceId};
use crate::repository::audit::Record;
use crate::repository::thing::Thing;
use crate::service::access::{At, Permission, Sight};

/// Somebody who reads, with what is there of the things that the entries are about.
pub(super) struct Judge<'a> {
    pub(super) sight: &'a Sight,
    /// The workspace that they look through; nothing: all of theirs.
    pub(super) through: Option<WorkspaceId>,
    pub(super) things: HashMap<Uuid, Thing>,
}

// === impl Judge ===

impl Judge<'_> {
    /// Whether the reader now sees what a record is about, through one of its workspaces, or as somebody who may see all.
    pub(super) fn shows(&self, record: &Record, about: &About) -> bool {
        let Some(subject) = Subject::of(&record.kind) else { return false };
        let reads = subject.reads();
        if self.through.is_none() && self.sight.holds(reads, At::Tenant) {
            return self.sees(subject, record, about, None);
        }
        let places =
            about.workspaces.iter().filter(|id| self.through.is_none_or(|one| one == **id));
        let mut held = places.filter(|id| self.sight.holds(reads, At::Workspace(**id)));
        held.any(|id| self.sees(subject, record, about, Some(*id)))
    }

    /// The same through one workspace, or, without one, for who may see all such things.
    fn sees(
        &self,
        subject: Subject,
        record: &Record,
        about: &About,
        at: Option<WorkspaceId>,
    ) -> bool {
        let index = &self.sight.snapshot().index;
        let thing = record.resource_id.and_then(|id| self.things.get(&id));
        let ended = thing.is_none() && is_end(&record.kind);
        // Nobody can say where it was: it is told to who may see all such things, and to nobody else.
        let told = ended && at.is_none();
        let seen = |id: Uuid| match at {
            Some(workspace) => index.workspace_sees(workspace, PartitionId(id)),
            None => self.sight.sees_partition(PartitionId(id)),
        };
        match subject {
            Subject::Workspace => thing.map_or(told, |one| match at {
                Some(_) => self.sight.sees_workspace(WorkspaceId(one.id)),
                None => true,
            }),
            Subject::Partition => thing.map_or(told, |one| at.is_none() || seen(one.id)),
            // What became of several is told where they are.
            Subject::Asset if record.resource_id.is_none() => {
                at.is_none() || at == record.workspace_id.map(WorkspaceId)
            }
            Subject::Asset => thing.map_or(ended, |one| reaches(index, at, one)),
            Subject::Folder => {
                thing.map_or(ended, |one| reach(index, at, FolderId(one.id)).is_some())
            }
            Subject::Person => thing.map_or(told, |one| seen(one.place)),
            Subject::People => told || about.partitions.iter().any(|id| seen(id.0)),
            Subject::Access => {
                ended || thing.is_some_and(|one| at.is_none() || self.knows(record, one))
            }
            Subject::Operation => {
                record.actor == self.sight.principal() || self.may(&record.action, at)
            }
            Subject::Routing | Subject::Field | Subject::Tenant => at.is_none(),
        }
    }

    /// Whether the reader may know of a group or an account.
    fn knows(&self, record: &Record, thing: &Thing) -> bool {
        let principal = match noun(&record.kind) {
            "group" => group_name(GroupId(thing.id)),
            "service_account" => account_name(ServiceAccountId(thing.id)),
            _ => return true,
        };
        self.sight.snapshot().index.knows(self.sight.principal(), &principal)
    }

    /// Whether the reader may do what started some work, where it goes on.
    fn may(&self, rpc: &str, at: Option<WorkspaceId>) -> bool {
        let Some(Need::Permission(permission, _)) = need(rpc) else { return false };
        self.sight.holds(permission, at.map_or(At::Tenant, At::Workspace))
    }

    /// The workspaces of a record that the reader sees.
    pub(super) fn workspaces(&self, about: &About) -> Vec<WorkspaceId> {
        let seen = |id: &&WorkspaceId| self.names(Named::Workspace, id.0);
        about.workspaces.iter().filter(seen).copied().collect()
    }

    /// Whether the reader may be told an id. Who may see all may be told of what is gone too.
    pub(super) fn names(&self, named: Named, id: Uuid) -> bool {
        let (sight, index) = (self.sight, &self.sight.snapshot().index);
        match named {
            Named::Workspace => {
                sight.sees_workspace(WorkspaceId(id))
                    || sight.holds(Permission::WorkspacesRead, At::Tenant)
            }
            Named::Partition => {
                sight.sees_partition(PartitionId(id))
                    || sight.holds(Permission::PartitionsRead, At::Tenant)
            }
            Named::Folder => {
                let reads = |at| sight.holds(Permission::AssetsRead, at);
                let mut viewers = index.viewers_of(FolderId(id)).into_iter();
                reads(At::Tenant) || viewers.any(|viewer| reads(At::Workspace(viewer)))
            }
        }
    }
}

/// How a folder is seen: through a workspace, or by who sees all.
fn reach(index: &Index, at: Option<WorkspaceId>, folder: FolderId) -> Option<Reach> {
    match at {
        Some(workspace) => index.reach(workspace, folder),
        None => index.owner_of(folder).map(|_| Reach::Own { shared: false }),
    }
}

/// Whether an asset is seen: one's own always, one that is shared only if something of it is live (S-07).
fn reaches(index: &Index, at: Option<WorkspaceId>, asset: &Thing) -> bool {
    let approvable = || Type::named(&asset.kind).is_some_and(|kind| kind.traits().approvable);
    match reach(index, at, FolderId(asset.place)) {
        Some(Reach::Own { .. }) => true,
        Some(Reach::Received { .. }) => asset.version > 0 || !approvable(),
        None => false,
    }
}
