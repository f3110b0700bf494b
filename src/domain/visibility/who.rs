//! Who is where, and what somebody sees: the questions that have many answers.

use std::sync::Arc;

use super::answer::At;
use super::bits::Bits;
use super::index::Index;
use super::rows::{Principal, Rights};
use crate::domain::access::{Permission, Permissions};
use crate::id::{GroupId, PartitionId, RoleId, WorkspaceId};

/// What somebody sees of a kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    /// All that there are.
    All,
    /// These.
    These(Vec<T>),
}

/// Somebody who may do something in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// A user or a service account.
    pub principal: Arc<str>,
    /// The roles that it holds there.
    pub roles: Vec<Role>,
}

/// A role that somebody holds in a workspace, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub id: RoleId,
    /// The group that it was granted to, if not to the principal itself.
    pub group: Option<GroupId>,
    /// Granted in all workspaces.
    pub tenant_wide: bool,
}

// === impl Index ===

impl Index {
    /// The living workspaces where a principal holds a permission.
    pub fn workspaces_with(&self, principal: &str, permission: Permission) -> Seen<WorkspaceId> {
        let Some(slot) = self.active(principal) else { return Seen::These(Vec::new()) };
        if self.holders(slot).any(|rights| rights.tenant.has(permission)) {
            return Seen::All;
        }
        let places = self.places_with(slot, permission);
        Seen::These(places.iter().map(|place| self.workspace_at(place).id).collect())
    }

    /// All living workspaces.
    pub fn workspaces(&self) -> Vec<WorkspaceId> {
        self.workspaces.iter().filter(|one| one.living).map(|one| one.id).collect()
    }

    /// The partitions that a principal may see: those of the workspaces where it may see partitions.
    pub fn partitions_of(&self, principal: &str) -> Seen<PartitionId> {
        let Some(slot) = self.active(principal) else { return Seen::These(Vec::new()) };
        let permission = Permission::PartitionsRead;
        if self.holders(slot).any(|rights| rights.tenant.has(permission)) {
            return Seen::All;
        }
        let mut seen = Bits::default();
        for place in self.places_with(slot, permission).iter() {
            let workspace = self.workspace_at(place);
            seen.add(if workspace.all_partitions { &self.living } else { &workspace.bound });
        }
        seen.keep(&self.living);
        Seen::These(seen.iter().map(|place| self.partition_at(place)).collect())
    }

    /// Whether a principal may see a partition.
    pub fn sees_partition(&self, principal: &str, partition: PartitionId) -> bool {
        self.sees_through(principal, Permission::PartitionsRead, partition)
    }

    /// Whether a principal holds a permission tenant-wide, or in a workspace that sees a partition.
    pub fn sees_through(
        &self,
        principal: &str,
        permission: Permission,
        partition: PartitionId,
    ) -> bool {
        self.place_of_partition(partition).is_some()
            && self.saw_through(principal, permission, partition)
    }

    /// As [`Index::sees_through`], of a partition that is gone too: its bindings stand, for when it comes back.
    pub fn saw_through(
        &self,
        principal: &str,
        permission: Permission,
        partition: PartitionId,
    ) -> bool {
        let Some(slot) = self.active(principal) else { return false };
        let Some(place) = self.known_partition(partition) else { return false };
        let wide = self.holders(slot).any(|rights| rights.tenant.has(permission));
        let seen = |workspace: u32| self.sees(self.workspace_at(workspace), place);
        wide || self.places_with(slot, permission).iter().any(seen)
    }

    /// Whether a partition is in visible(W).
    pub fn workspace_sees(&self, id: WorkspaceId, partition: PartitionId) -> bool {
        self.place_of_partition(partition).is_some() && self.is_bound(id, partition)
    }

    /// As [`Index::workspace_sees`], of a partition that is gone too.
    pub fn is_bound(&self, id: WorkspaceId, partition: PartitionId) -> bool {
        let place = self.known_partition(partition);
        let workspace = self.living_workspace(id);
        workspace.zip(place).is_some_and(|((_, workspace), place)| self.sees(workspace, place))
    }

    /// Whether two workspaces see a partition in common (G-05).
    pub fn overlap(&self, one: WorkspaceId, other: WorkspaceId) -> bool {
        let seen = |id| {
            let (_, workspace) = self.living_workspace(id)?;
            let mut seen = workspace.bound.clone();
            if workspace.all_partitions {
                seen.add(&self.living);
            }
            seen.keep(&self.living);
            Some(seen)
        };
        seen(one).zip(seen(other)).is_some_and(|(mut one, other)| {
            one.keep(&other);
            one.iter().next().is_some()
        })
    }

    /// Whether a principal may know of another: with `access.read` in a workspace where the other holds
    /// a right, or tenant-wide. Everybody knows of themselves.
    pub fn knows(&self, principal: &str, other: &str) -> bool {
        principal == other
            || match self.looks(principal) {
                Seen::All => true,
                Seen::These(places) => {
                    self.known(other).is_some_and(|other| self.holds_in(other, &places))
                }
            }
    }

    /// The groups that a principal may know of, as [`Index::knows`] has it.
    pub fn known_groups(&self, principal: &str) -> Seen<GroupId> {
        self.known_of(principal, group_of)
    }

    /// Those of a kind that a principal may know of; `id` tells the kind.
    pub(super) fn known_of<T>(&self, principal: &str, id: impl Fn(&str) -> Option<T>) -> Seen<T> {
        let places = match self.looks(principal) {
            Seen::All => return Seen::All,
            Seen::These(places) => places,
        };
        let known = self.principals.iter().filter_map(|one| {
            let id = id(&one.name)?;
            (*one.name == *principal || self.holds_in(one, &places)).then_some(id)
        });
        Seen::These(known.collect())
    }

    /// The places where a principal may see who holds what.
    fn looks(&self, principal: &str) -> Seen<u32> {
        let Some(slot) = self.active(principal) else { return Seen::These(Vec::new()) };
        let permission = Permission::AccessRead;
        match self.holders(slot).any(|rights| rights.tenant.has(permission)) {
            true => Seen::All,
            false => Seen::These(self.places_with(slot, permission).iter().collect()),
        }
    }

    /// Whether somebody, switched off or not, holds a right in one of these places.
    fn holds_in(&self, one: &Principal, places: &[u32]) -> bool {
        let rights = one.holders.iter().map(|slot| &self.principals[*slot as usize].rights);
        rights.into_iter().any(|rights| places.iter().any(|place| !rights.at(*place).is_empty()))
    }

    /// Whether a principal holds a role anywhere, itself or through groups.
    pub fn holds_role(&self, principal: &str, role: RoleId) -> bool {
        let holders = self.known(principal).map(|one| &one.holders[..]).unwrap_or_default();
        let grants = holders.iter().flat_map(|slot| &self.principals[*slot as usize].grants);
        grants.into_iter().any(|held| held.role == role)
    }

    /// Whether one principal holds, everywhere, all that another does: nobody hands on more than they hold
    /// . If not, a permission that it lacks, and where.
    pub fn covers(
        &self,
        principal: &str,
        other: &str,
    ) -> Result<(), (Permission, Option<WorkspaceId>)> {
        let Some(other) = self.known(other) else { return Ok(()) };
        let rights = |one: &u32| &self.principals[*one as usize].rights;
        for Rights { tenant, local } in other.holders.iter().map(rights) {
            let held = self.held(principal, At::Tenant);
            if let Some(lacked) = tenant.without(held).widest() {
                return Err((lacked, None));
            }
            for (place, permissions) in local {
                let workspace = self.workspace_at(*place);
                // One that is deleted may come back.
                let here = held | self.held(principal, At::Workspace(workspace.id));
                if let Some(lacked) = permissions.without(here).widest() {
                    return Err((lacked, Some(workspace.id)));
                }
            }
        }
        Ok(())
    }

    /// The users and active service accounts that see a workspace, by name.
    pub fn users_of(&self, id: WorkspaceId) -> Vec<User> {
        let people = self.principals.iter().filter(|one| one.active && !is_group(&one.name));
        let mut users: Vec<User> = people
            .filter(|one| self.held(&one.name, At::Workspace(id)).has(Permission::WorkspacesRead))
            .map(|one| User { principal: one.name.clone(), roles: self.roles_in(&one.name, id) })
            .collect();
        users.sort_by(|a, b| a.principal.cmp(&b.principal));
        users
    }

    /// The roles that a principal holds in a workspace, its groups' and tenant-wide ones included.
    pub fn roles_in(&self, principal: &str, id: WorkspaceId) -> Vec<Role> {
        let Some(slot) = self.active(principal) else { return Vec::new() };
        let Some((place, _)) = self.living_workspace(id) else { return Vec::new() };
        let holders = &self.principals[slot as usize].holders;
        let active =
            holders.iter().map(|one| &self.principals[*one as usize]).filter(|one| one.active);
        active
            .flat_map(|holder| {
                let here = holder
                    .grants
                    .iter()
                    .filter(move |held| held.workspace.is_none_or(|workspace| workspace == place));
                here.map(|held| Role {
                    id: held.role,
                    group: group_of(&holder.name),
                    tenant_wide: held.workspace.is_none(),
                })
            })
            // A role that means nothing in a workspace is not held there.
            .filter(|role| !(self.role(role.id) & Permissions::of_workspaces()).is_empty())
            .collect()
    }

    pub(super) fn places_with(&self, slot: u32, permission: Permission) -> Bits {
        let mut places = Bits::default();
        for place in self.holders(slot).flat_map(|rights| rights.places_with(permission)) {
            places.set(place, self.workspace_at(place).living);
        }
        places
    }
}

fn is_group(principal: &str) -> bool {
    principal.starts_with("group:")
}

/// The id of a group that is a principal.
pub(super) fn group_of(principal: &str) -> Option<GroupId> {
    principal.strip_prefix("group:").and_then(|id| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::role::{self, BuiltIn};
    use crate::domain::visibility::fact::{self, Fact};
    use crate::domain::visibility::group_name;
    use crate::id::GrantId;

    fn built_in(name: &str) -> &'static BuiltIn {
        role::ALL.iter().find(|one| one.name == name).expect("built in")
    }

    fn grant(principal: &str, role: &str, workspace: Option<WorkspaceId>) -> Fact {
        let (principal, role) = (principal.to_owned(), built_in(role).id());
        Fact::Grant(GrantId::new(), Some(fact::Grant { principal, role, workspace }))
    }

    /// the groups that are known one by one are those that are listed, and no others.
    #[test]
    fn a_07_known_groups_hold_a_right_where_the_caller_looks() {
        let [here, there, gone] = [(); 3].map(|()| WorkspaceId::new());
        let [local, inner, wide, far, lost, idle] = [(); 6].map(|()| GroupId::new());
        let workspace = |id| Fact::Workspace(id, Some(fact::Workspace::default()));
        let group = |id, members: &[GroupId]| {
            Fact::Group(id, Some(members.iter().map(|one| group_name(*one)).collect()))
        };
        let index = Index::default().with([
            workspace(here),
            workspace(there),
            group(local, &[inner]),
            group(inner, &[]),
            group(wide, &[]),
            group(far, &[]),
            group(lost, &[]),
            group(idle, &[]),
            grant(&group_name(local), "Viewer", Some(here)),
            grant(&group_name(wide), "Viewer", None),
            grant(&group_name(far), "Viewer", Some(there)),
            grant(&group_name(lost), "Viewer", Some(gone)),
            grant("user:ada", "Workspace admin", Some(here)),
            grant("user:ada", "Workspace admin", Some(gone)),
            grant("user:bob", "Viewer", Some(here)),
            grant("user:cay", "Tenant admin", None),
        ]);
        let listed = |principal: &str| match index.known_groups(principal) {
            Seen::All => None,
            Seen::These(mut groups) => {
                groups.sort_unstable();
                Some(groups)
            }
        };
        assert_eq!(listed("user:ada"), Some(vec![local, inner, wide]));
        assert_eq!(listed("user:bob"), Some(vec![]));
        assert_eq!(listed("user:dan"), Some(vec![]));
        assert_eq!(listed("user:cay"), None);
        for who in ["user:ada", "user:bob", "user:cay", "user:dan"] {
            for id in [local, inner, wide, far, lost, idle] {
                let known = listed(who).is_none_or(|groups| groups.contains(&id));
                assert_eq!(index.knows(who, &group_name(id)), known, "{who} {id}");
            }
        }
    }

    #[test]
    fn a_03_a_role_is_held_directly_and_through_groups() {
        let (outer, inner) = (GroupId::new(), GroupId::new());
        let index = Index::default().with([
            Fact::Group(outer, Some(vec![group_name(inner)])),
            Fact::Group(inner, Some(vec!["user:ada".into()])),
            grant(&group_name(outer), "Viewer", None),
            grant("user:ada", "Analyst", Some(WorkspaceId::new())),
        ]);
        let holds = |who: &str, name: &str| index.holds_role(who, built_in(name).id());
        assert!(holds("user:ada", "Viewer") && holds("user:ada", "Analyst"));
        assert!(!holds("user:ada", "Marketer") && !holds("user:bob", "Viewer"));
    }
}
