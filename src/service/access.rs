//! Who may do what: the one gate that every use case passes.

use crate::context::{Caller, Context};
use crate::error::{Error, Reason, Result};

/// What a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it; see Permission::name")]
pub enum Permission {
    TenantsAdminister,
    TenantRead,
    TenantManage,
    WorkspacesRead,
    WorkspacesManage,
    PartitionsRead,
    PartitionsManage,
    FieldsRead,
    FieldsManage,
    PeopleRead,
    PeopleWrite,
    PeopleMove,
    PeopleExport,
}

/// Refuses a caller who lacks a permission. Until grants exist, every principal of a tenant has all of its
/// tenant's permissions; the platform's have only the operators.
pub fn require(ctx: &Context, permission: Permission) -> Result<()> {
    if held(ctx).contains(&permission) { Ok(()) } else { Err(missing(permission)) }
}

/// The permissions that a caller holds.
pub fn held(ctx: &Context) -> &'static [Permission] {
    match ctx.caller {
        Caller::Member { .. } => Permission::OF_MEMBERS,
        Caller::Operator { .. } => Permission::OF_OPERATORS,
    }
}

fn missing(permission: Permission) -> Error {
    let name = permission.name();
    Error::new(Reason::PermissionRequired, format!("the permission {name} is required"))
        .with("permission", name)
}

// === impl Permission ===

impl Permission {
    const OF_OPERATORS: &'static [Self] =
        &[Self::TenantsAdminister, Self::TenantRead, Self::TenantManage];
    const OF_MEMBERS: &'static [Self] = &[
        Self::TenantRead,
        Self::TenantManage,
        Self::WorkspacesRead,
        Self::WorkspacesManage,
        Self::PartitionsRead,
        Self::PartitionsManage,
        Self::FieldsRead,
        Self::FieldsManage,
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::PeopleMove,
        Self::PeopleExport,
    ];

    /// The permission as callers read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TenantsAdminister => "tenants.administer",
            Self::TenantRead => "tenant.read",
            Self::TenantManage => "tenant.manage",
            Self::WorkspacesRead => "workspaces.read",
            Self::WorkspacesManage => "workspaces.manage",
            Self::PartitionsRead => "partitions.read",
            Self::PartitionsManage => "partitions.manage",
            Self::FieldsRead => "fields.read",
            Self::FieldsManage => "fields.manage",
            Self::PeopleRead => "people.read",
            Self::PeopleWrite => "people.write",
            Self::PeopleMove => "people.move",
            Self::PeopleExport => "people.export",
        }
    }
}
