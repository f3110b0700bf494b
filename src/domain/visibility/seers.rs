//! Who sees something, and what somebody sees: the same rule as [`Index::check`], read from both ends.

use std::sync::Arc;

use super::bits::Bits;
use super::index::Index;
use super::object::Object;
use super::rows::{Principal, Workspace};
use super::who::group_of;
use crate::domain::access::{Permission, Permissions};
use crate::id::{FolderId, GrantId, GroupId, PartitionId, RoleId, WorkspaceId};

/// Most grants that are named of one who sees something.
const GRANTS: usize = 100;

/// Who asks who sees something.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// What they must be able to do with it.
    pub permission: Permission,
    /// The workspaces through which it can be done and the one who asks sees it.
    pub through: &'a [WorkspaceId],
    /// Those of them in which the one who asks may know of others.
    pub known: &'a [WorkspaceId],
    /// The one who asks, and may know of themselves anywhere.
    pub caller: &'a str,
}

/// Somebody who sees something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seer {
    /// A user, a group or a service account.
    pub principal: Arc<str>,
    /// The grants that let it; the principal's own first.
    pub grants: Vec<Through>,
    /// There are more of them.
    pub more: bool,
}

/// A grant that lets somebody see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// The grant.
    pub grant: GrantId,
    /// The role.
    pub role: RoleId,
    /// The group that it was granted to, if not to the principal itself.
    pub group: Option<GroupId>,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
}

/// What somebody sees of one thing through one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<T> {
    /// The thing.
    pub thing: T,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What may be done there with the thing, whatever stands against it taken off.
    pub permissions: Permissions,
    /// The workspace may not change it.
    pub read_only: bool,
}

/// A place in a walk over views: behind that of a thing, through a workspace.
pub type Place<T> = (T, WorkspaceId);

/// A workspace in which somebody holds something.
type Held<'a> = (u32, &'a Workspace, Permissions);

// === impl Index ===

impl Index {
    /// The living workspaces through which something may be done with an object, by whoever holds the permission there.
    pub fn through(&self, object: Object, permission: Permission) -> Vec<WorkspaceId> {
        let allows = |(place, workspace): &(u32, &Workspace)| {
            let archived = workspace.archived && permission.changes_content();
            let writable = self.writable((*place, workspace), object);
            !archived
                && writable.is_some_and(|writable| writable || !object.is_changed_by(permission))
        };
        let mut ids: Vec<_> = self.all_living().filter(allows).map(|(_, one)| one.id).collect();
        ids.sort_unstable();
        ids
    }

    /// A page of those who see something, by principal.
    pub fn seers(&self, asking: &Asking<'_>, after: Option<&str>, limit: usize) -> Vec<Seer> {
        let (through, known) = (self.places(asking.through), self.places(asking.known));
        let places = |one: &Principal| if *one.name == *asking.caller { &through } else { &known };
        let sees = |one: &&Arc<Principal>| {
            let places = places(one);
            one.active
                && places.iter().next().is_some()
                && after.is_none_or(|after| *one.name > *after)
                && one.holders.iter().any(|slot| {
                    let holder = &self.principals[*slot as usize];
                    let mut local = holder.rights.places_with(asking.permission);
                    let wide = holder.rights.tenant.has(asking.permission);
                    holder.active && (wide || local.any(|place| places.has(place)))
                })
        };
        let mut seers: Vec<&Arc<Principal>> = self.principals.iter().filter(sees).collect();
        seers.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let seer = |one: &Arc<Principal>| self.seer(one, asking.permission, places(one));
        seers.into_iter().take(limit).map(seer).collect()
    }

    fn seer(&self, one: &Principal, permission: Permission, places: &Bits) -> Seer {
        let holders = one.holders.iter().map(|slot| &self.principals[*slot as usize]);
        let active = holders.filter(|holder| holder.active);
        let counts = active.flat_map(|holder| {
            let held = holder.grants.iter().filter(|held| {
                self.role(held.role).has(permission)
                    && held.workspace.is_none_or(|place| places.has(place))
            });
            held.map(|held| Through {
                grant: held.id,
                role: held.role,
                group: group_of(&holder.name).filter(|_| holder.name != one.name),
                workspace: held.workspace.map(|place| self.workspace_at(place).id),
            })
        });
        let mut grants: Vec<Through> = counts.take(GRANTS + 1).collect();
        let more = grants.len() > GRANTS;
        grants.truncate(GRANTS);
        Seer { principal: one.name.clone(), grants, more }
    }

    /// A page of the workspaces that a principal sees, of those that `known` lets pass, by id.
    pub fn workspaces_seen(
        &self,
        principal: &str,
        known: impl Fn(WorkspaceId) -> bool,
        after: Option<WorkspaceId>,
        limit: usize,
    ) -> Vec<View<()>> {
        let held = self.held_in(principal, Permission::WorkspacesRead, known);
        let rest = held.into_iter().filter(|(_, one, _)| after.is_none_or(|after| one.id > after));
        let view = |held: Held<'_>| view((), held, |one| one.changes_content(), true);
        rest.take(limit).map(view).collect()
    }

    /// A page of the partitions that a principal sees, through workspaces that `known` lets pass, by partition and
    /// workspace.
    pub fn partitions_seen(
        &self,
        principal: &str,
        known: impl Fn(WorkspaceId) -> bool,
        after: Option<Place<PartitionId>>,
        limit: usize,
    ) -> Vec<View<PartitionId>> {
        let held = self.held_in(principal, Permission::PartitionsRead, known);
        let mut partitions: Vec<(PartitionId, u32)> =
            self.living.iter().map(|place| (self.partition_at(place), place)).collect();
        partitions.sort_unstable();
        let rest = partitions.into_iter().filter(|(id, _)| after.is_none_or(|(at, _)| *id >= at));
        let views = rest.flat_map(|(id, _)| self.views(id, Object::Partition(id), &held));
        views.filter(|one| is_after(one, after)).take(limit).collect()
    }

    /// A page of the folders that a principal sees, through workspaces that `known` lets pass, by folder and workspace.
    pub fn folders_seen(
        &self,
        principal: &str,
        known: impl Fn(WorkspaceId) -> bool,
        after: Option<Place<FolderId>>,
        limit: usize,
    ) -> Vec<View<FolderId>> {
        let held = self.held_in(principal, Permission::AssetsRead, known);
        let mut places = Bits::default();
        held.iter().for_each(|(place, ..)| places.set(*place, true));
        let living = |place| self.workspace_at(place).living;
        let mut folders = self.folders.seen(|place| places.has(place), living);
        folders.retain(|id| after.is_none_or(|(at, _)| *id >= at));
        folders.sort_unstable();
        let views = folders.into_iter().flat_map(|id| self.views(id, Object::Folder(id), &held));
        views.filter(|one| is_after(one, after)).take(limit).collect()
    }

    /// What is seen of one thing, through each of some workspaces.
    fn views<T: Copy>(&self, thing: T, object: Object, held: &[Held<'_>]) -> Vec<View<T>> {
        let one = |held: &Held<'_>| {
            let writable = self.writable((held.0, held.1), object)?;
            Some(view(thing, *held, |one| object.is_changed_by(one), writable))
        };
        held.iter().filter_map(one).collect()
    }

    /// The living workspaces where a principal holds a permission, by id, with all that it holds there.
    fn held_in(
        &self,
        principal: &str,
        needed: Permission,
        known: impl Fn(WorkspaceId) -> bool,
    ) -> Vec<Held<'_>> {
        let Some(slot) = self.active(principal) else { return Vec::new() };
        let held = |(place, workspace): (u32, &'_ Workspace)| {
            let all = self.holders(slot).fold(Permissions::NONE, |all, one| all | one.at(place));
            (all.has(needed) && known(workspace.id)).then_some((place, all))
        };
        let found = self.all_living().filter_map(|one| {
            let (place, all) = held(one)?;
            Some((place, one.1, all & Permissions::of_workspaces()))
        });
        let mut found: Vec<Held<'_>> = found.collect();
        found.sort_unstable_by_key(|(_, workspace, _)| workspace.id);
        found
    }

    fn places(&self, ids: &[WorkspaceId]) -> Bits {
        let mut places = Bits::default();
        let living = ids.iter().filter_map(|id| self.living_workspace(*id));
        living.for_each(|(place, _)| places.set(place, true));
        places
    }
}

/// What is seen of a thing through a workspace, of what is held there.
fn view<T>(
    thing: T,
    (_, workspace, held): Held<'_>,
    changes: impl Fn(Permission) -> bool,
    writable: bool,
) -> View<T> {
    let stands = |one: &Permission| {
        (writable || !changes(*one)) && !(workspace.archived && one.changes_content())
    };
    let permissions = held.iter().filter(stands).collect();
    View { thing, workspace: workspace.id, permissions, read_only: !writable || workspace.archived }
}

fn is_after<T: Copy + Ord>(view: &View<T>, after: Option<Place<T>>) -> bool {
    after.is_none_or(|after| (view.thing, view.workspace) > after)
}
