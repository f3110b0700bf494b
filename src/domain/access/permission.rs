//! Permissions: one table of what can be allowed, where it counts and what comes with it.

use std::fmt;

use Permission::*;

/// Something that can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below describes them, for callers too")]
#[repr(u8)]
pub enum Permission {
    AccessCheck,
    AccessManage,
    AccessRead,
    AssetsApprove,
    AssetsClone,
    AssetsMove,
    AssetsRead,
    AssetsShare,
    AssetsWrite,
    AuditRead,
    FieldsManage,
    FieldsRead,
    GroupsManage,
    PartitionsManage,
    PartitionsRead,
    PeopleErase,
    PeopleExport,
    PeopleMove,
    PeopleRead,
    PeopleWrite,
    RolesManage,
    ServiceAccountsManage,
    TenantManage,
    TenantRead,
    UsageRead,
    WorkspacesManage,
    WorkspacesRead,
    WorkspacesUpdate,
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

/// What a permission is.
struct Entry {
    permission: Permission,
    name: &'static str,
    /// Where it counts.
    level: Level,
    implies: &'static [Permission],
    description: &'static str,
}

/// Where a permission counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Tenant-wide only: in a single workspace it has no meaning.
    Tenant,
    /// In a workspace, or tenant-wide in all of them.
    Workspace,
    /// As `Workspace`; it changes the workspace or what is in it, so that an archived one refuses it (W-12).
    Content,
    /// As `Content`; it changes people, so that a read-only binding refuses it too (P-03).
    People,
}

const fn entry(
    permission: Permission,
    name: &'static str,
    level: Level,
    implies: &'static [Permission],
    description: &'static str,
) -> Entry {
    Entry { permission, name, level, implies, description }
}

/// All permissions, in the order of their names, which is that of the enum. Every one that counts in a
/// workspace brings `workspaces.read`: who may do something there also sees that the workspace exists.
/// The one exception is `fields.read`, since fields belong to the tenant.
#[rustfmt::skip]
static TABLE: &[Entry] = &[
    entry(AccessCheck, "access.check", Level::Workspace, &[WorkspacesRead],
        "Ask what other principals may do."),
    entry(AccessManage, "access.manage", Level::Workspace, &[AccessRead],
        "Grant roles and take grants back."),
    entry(AccessRead, "access.read", Level::Workspace, &[WorkspacesRead],
        "See who holds which role, and the groups and service accounts among them."),
    entry(AssetsApprove, "assets.approve", Level::Content, &[AssetsRead],
        "Approve and unapprove assets."),
    entry(AssetsClone, "assets.clone", Level::Workspace, &[AssetsRead],
        "Copy assets out of a workspace."),
    entry(AssetsMove, "assets.move", Level::Content, &[AssetsWrite],
        "Move folders out of a workspace and into it."),
    entry(AssetsRead, "assets.read", Level::Workspace, &[WorkspacesRead],
        "See folders and assets."),
    entry(AssetsShare, "assets.share", Level::Content, &[AssetsRead],
        "Share folders with other workspaces."),
    entry(AssetsWrite, "assets.write", Level::Content, &[AssetsRead],
        "Create, change, move and delete folders and assets."),
    entry(AuditRead, "audit.read", Level::Workspace, &[WorkspacesRead],
        "Read the audit log."),
    entry(FieldsManage, "fields.manage", Level::Tenant, &[FieldsRead],
        "Define, change and delete fields of people."),
    entry(FieldsRead, "fields.read", Level::Workspace, &[],
        "See which fields people have."),
    entry(GroupsManage, "groups.manage", Level::Tenant, &[AccessRead],
        "Create, change and delete groups, and say who is in them."),
    entry(PartitionsManage, "partitions.manage", Level::Tenant, &[PartitionsRead],
        "Create, change and delete partitions, and say which workspace sees which."),
    entry(PartitionsRead, "partitions.read", Level::Workspace, &[WorkspacesRead],
        "See partitions and bindings."),
    entry(PeopleErase, "people.erase", Level::People, &[PeopleRead],
        "Erase people and all that is stored of them, for good."),
    entry(PeopleExport, "people.export", Level::Workspace, &[PeopleRead],
        "Export people."),
    entry(PeopleMove, "people.move", Level::People, &[PeopleRead],
        "Move people between partitions."),
    entry(PeopleRead, "people.read", Level::Workspace, &[FieldsRead, PartitionsRead],
        "See, list and count people."),
    entry(PeopleWrite, "people.write", Level::People, &[PeopleRead],
        "Create, change, import, delete and restore people."),
    entry(RolesManage, "roles.manage", Level::Tenant, &[AccessRead],
        "Create, change and delete custom roles."),
    entry(ServiceAccountsManage, "service_accounts.manage", Level::Tenant, &[AccessRead],
        "Create, change and delete service accounts and their keys."),
    entry(TenantManage, "tenant.manage", Level::Tenant, &[TenantRead],
        "Change the name and settings of the tenant."),
    entry(TenantRead, "tenant.read", Level::Tenant, &[],
        "See the tenant, its settings and its quotas."),
    entry(UsageRead, "usage.read", Level::Workspace, &[WorkspacesRead],
        "See how much is used, by day, and split bills by it."),
    entry(WorkspacesManage, "workspaces.manage", Level::Tenant, &[WorkspacesUpdate],
        "Create, archive, delete and restore workspaces."),
    entry(WorkspacesRead, "workspaces.read", Level::Workspace, &[],
        "See that a workspace exists, and what it is for."),
    entry(WorkspacesUpdate, "workspaces.update", Level::Content, &[WorkspacesRead],
        "Change the name, description and settings of a workspace."),
];

// === impl Permission ===

impl Permission {
    /// All of them, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|entry| entry.permission)
    }

    /// The permission of a name.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.name == name).map(|entry| entry.permission)
    }

    /// The permission as callers read and write it.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// What it allows, for people.
    pub fn description(self) -> &'static str {
        self.entry().description
    }

    /// It counts tenant-wide only.
    pub fn is_tenant_wide_only(self) -> bool {
        self.entry().level == Level::Tenant
    }

    /// An archived workspace refuses it.
    pub fn changes_content(self) -> bool {
        matches!(self.entry().level, Level::Content | Level::People)
    }

    /// A read-only binding refuses it.
    pub fn changes_people(self) -> bool {
        self.entry().level == Level::People
    }

    /// It decides over others, or over what leaves its place: whoever tries without it is recorded (K-06).
    pub fn is_privileged(self) -> bool {
        self.is_tenant_wide_only()
            || matches!(
                self,
                AccessManage
                    | AssetsApprove
                    | AssetsMove
                    | AssetsShare
                    | AuditRead
                    | PeopleErase
                    | PeopleExport
                    | PeopleMove
            )
    }

    /// It, and all that comes with it.
    pub fn with_implied(self) -> Permissions {
        let own = Permissions::from(self);
        self.entry().implies.iter().fold(own, |all, one| all | one.with_implied())
    }

    fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// === impl Permissions ===

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// All permissions.
    pub fn all() -> Self {
        Permission::all().collect()
    }

    /// Those that count in a single workspace.
    pub fn of_workspaces() -> Self {
        Permission::all().filter(|one| !one.is_tenant_wide_only()).collect()
    }

    /// Whether a permission is among them.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// Those that are not among others.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The permissions, by name.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::all().filter(move |one| self.has(*one))
    }

    /// The one that brings most: what to ask for, if all are lacking.
    pub fn widest(self) -> Option<Permission> {
        // Of equals the first by name.
        self.iter().min_by_key(|one| std::cmp::Reverse(one.with_implied().iter().count()))
    }

    /// With all that comes with them.
    #[must_use]
    pub fn with_implied(self) -> Self {
        self.iter().fold(self, |all, one| all | one.with_implied())
    }
}

impl From<Permission> for Permissions {
    fn from(permission: Permission) -> Self {
        Self(1 << permission as u8)
    }
}

impl std::ops::BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl std::ops::BitAnd for Permissions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl std::ops::BitOrAssign for Permissions {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, |all, one| all | one.into())
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_02_the_table_is_in_the_order_of_the_enum_and_of_the_names() {
        for (place, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.permission as usize, place, "{}", entry.name);
            assert_eq!(Permission::named(entry.name), Some(entry.permission));
        }
        assert!(TABLE.is_sorted_by_key(|entry| entry.name));
    }

    /// what a permission brings stands beside it, with what that brings.
    #[test]
    fn a_02_implied_permissions_are_closed() {
        let write = PeopleWrite.with_implied();
        let expected = [PeopleWrite, PeopleRead, PartitionsRead, FieldsRead, WorkspacesRead];
        assert_eq!(write, expected.into_iter().collect());
        for one in Permission::all() {
            assert_eq!(one.with_implied().with_implied(), one.with_implied());
        }
    }

    /// who may do something in a workspace sees it.
    #[test]
    fn a_06_what_counts_in_a_workspace_shows_the_workspace() {
        for one in Permissions::of_workspaces().iter().filter(|one| *one != FieldsRead) {
            assert!(one.with_implied().has(WorkspacesRead), "{one}");
        }
        for one in Permission::all() {
            let narrower = one
                .with_implied()
                .iter()
                .all(|implied| one.is_tenant_wide_only() || !implied.is_tenant_wide_only());
            assert!(narrower, "{one} in a workspace would bring something tenant-wide");
        }
    }
}
