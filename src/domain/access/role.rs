//! The roles that come with the product; custom ones are rows.

use std::sync::LazyLock;

use uuid::{Uuid, uuid};

use super::permission::Permission::{self, *};
use super::permission::Permissions;
use crate::id::RoleId;

/// What the ids of the built-in roles are derived from: they are the same everywhere and for ever.
const NAMESPACE: Uuid = uuid!("2f7a8c31-94f0-4a1d-8f5e-5b0c7d1e6a42");

/// A role that comes with the product.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// What its id is derived from.
    key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    permissions: Held,
}

/// What a built-in role holds.
#[derive(Debug, PartialEq, Eq)]
enum Held {
    All,
    AllOfWorkspaces,
    These(&'static [Permission]),
}

/// The role that the last admin must keep; tenant-wide only.
pub static TENANT_ADMIN: &BuiltIn = &ALL[0];

/// The role that administers a workspace.
pub static WORKSPACE_ADMIN: &BuiltIn = &ALL[1];

/// All of them, from the widest to the narrowest.
pub static ALL: [BuiltIn; 6] = [
    BuiltIn {
        key: "tenant_admin",
        name: "Tenant admin",
        description: "Everything, everywhere. Only tenant-wide.",
        permissions: Held::All,
    },
    BuiltIn {
        key: "workspace_admin",
        name: "Workspace admin",
        description: "Everything in a workspace, its access included.",
        permissions: Held::AllOfWorkspaces,
    },
    BuiltIn {
        key: "marketer",
        name: "Marketer",
        description: "Works with people, and makes and approves assets.",
        permissions: Held::These(&[PeopleWrite, AssetsWrite, AssetsApprove, AssetsClone]),
    },
    BuiltIn {
        key: "designer",
        name: "Designer",
        description: "Makes assets; sees no people.",
        permissions: Held::These(&[AssetsWrite, AssetsClone, FieldsRead]),
    },
    BuiltIn {
        key: "analyst",
        name: "Analyst",
        description: "Sees and exports, and what is used; changes nothing.",
        permissions: Held::These(&[PeopleExport, AssetsRead, UsageRead]),
    },
    BuiltIn {
        key: "viewer",
        name: "Viewer",
        description: "Sees; changes nothing.",
        permissions: Held::These(&[PeopleRead, AssetsRead]),
    },
];

/// What [`ALL`] work out to, in their order: an index asks for each grant.
static KNOWN: LazyLock<Vec<(RoleId, Permissions)>> =
    LazyLock::new(|| ALL.iter().map(|one| (one.id(), one.permissions())).collect());

// === impl BuiltIn ===

impl BuiltIn {
    /// The id of the role, the same in every tenant.
    pub fn id(&self) -> RoleId {
        RoleId(Uuid::new_v5(&NAMESPACE, self.key.as_bytes()))
    }

    /// Its permissions; what they imply is not all named.
    pub fn named(&self) -> Permissions {
        match self.permissions {
            Held::All => Permissions::all(),
            Held::AllOfWorkspaces => Permissions::of_workspaces(),
            Held::These(some) => some.iter().copied().collect(),
        }
    }

    /// Its permissions, with all that they imply.
    pub fn permissions(&self) -> Permissions {
        self.named().with_implied()
    }
}

/// The built-in role of an id.
pub fn with_id(id: RoleId) -> Option<&'static BuiltIn> {
    KNOWN.iter().position(|(known, _)| *known == id).map(|place| &ALL[place])
}

/// What the built-in role of an id holds.
pub fn permissions(id: RoleId) -> Option<Permissions> {
    KNOWN.iter().find(|(known, _)| *known == id).map(|(_, permissions)| *permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ids that callers may write down do not move.
    #[test]
    fn a_02_ids_are_the_same_for_ever() {
        let ids: Vec<String> = ALL.iter().map(|one| one.id().to_string()).collect();
        assert_eq!(ids[0], TENANT_ADMIN.id().to_string());
        assert_eq!(ids, IDS);
    }

    const IDS: [&str; 6] = [
        "7563be92-758e-58ab-b90e-3025684cdec3",
        "fd97f6ca-1865-5498-8d06-6133c7ed2a29",
        "2d623ca0-27af-5fce-927f-438f849ef4ea",
        "a0f26ec1-12a0-5681-bd49-2cfb6b86639c",
        "0e0e8284-f0c1-5f60-ae27-8832fcf091c6",
        "76137d08-acce-52eb-9feb-2249c0fb9460",
    ];

    #[test]
    fn a_02_roles_nest_as_their_names_promise() {
        let of = |name| ALL.iter().find(|one| one.name == name).expect("built in").permissions();
        let within = |a: Permissions, b: Permissions| a.without(b).is_empty();
        assert!(within(of("Viewer"), of("Analyst")));
        assert!(within(of("Viewer"), of("Marketer")));
        assert!(within(of("Marketer"), of("Workspace admin")));
        assert!(within(of("Workspace admin"), of("Tenant admin")));
        assert!(!of("Designer").has(PeopleRead));
        assert!(of("Workspace admin").iter().all(|one| !one.is_tenant_wide_only()));
    }
}
