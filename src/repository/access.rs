//! Rights within a transaction: asking for one, and what all changes of rights share: they happen one after the
//! other, and never end without an admin.

use std::collections::BTreeSet;

use super::scope::Scope;
use super::write::Tx;
use crate::config::GROUP_DEPTH_MAX;
use crate::context::{Caller, Context};
use crate::domain::access::role::TENANT_ADMIN;
use crate::domain::access::{Permission, Permissions};
use crate::domain::visibility::At;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{GroupId, WorkspaceId};
use crate::{args, sql};

/// What operators of the platform may do in a tenant that their request names.
const OF_OPERATORS: [Permission; 2] = [Permission::TenantRead, Permission::TenantManage];

/// Refuses a caller who lacks a permission: NOT_FOUND for a workspace that the caller does not see,
/// PERMISSION_REQUIRED otherwise. What was demanded is noted: a write asks again if access changes before
/// it commits, and before its kept answer is given again. So is what is lacking, for the audit log.
pub async fn demand(scope: &Scope, ctx: &Context, permission: Permission, at: At) -> Result<()> {
    let held = held(scope, ctx, at).await?;
    if held.has(permission) {
        scope.demanded(permission, at);
        if let At::Workspace(id) = at {
            ctx.through.note(id);
        }
        return Ok(());
    }
    ctx.lacked.note(permission.name(), at.workspace());
    match at {
        At::Workspace(id) if !held.has(Permission::WorkspacesRead) => {
            Err(Error::not_found(Noun::Workspace, id))
        }
        At::Workspace(id) => Err(missing(permission.name(), Some(id))),
        At::Tenant | At::Anywhere => Err(missing(permission.name(), None)),
    }
}

/// What the caller may do somewhere.
pub async fn held(scope: &Scope, ctx: &Context, at: At) -> Result<Permissions> {
    match &ctx.caller {
        Caller::Member { principal, .. } => {
            Ok(scope.index().await?.index.held(principal.as_str(), at))
        }
        Caller::Operator { .. } => Ok(of_operators()),
    }
}

/// What operators of the platform may do in a tenant.
pub fn of_operators() -> Permissions {
    OF_OPERATORS.into_iter().collect()
}

/// PERMISSION_REQUIRED.
pub fn missing(permission: &str, workspace: Option<WorkspaceId>) -> Error {
    let message = format!("the permission {permission} is required");
    let error = Error::new(Reason::PermissionRequired, message).with("permission", permission);
    match workspace {
        Some(id) => error.with("workspace_id", id),
        None => error,
    }
}

/// Waits for all other changes of roles, groups, grants and service accounts of the tenant, and keeps them
/// waiting until the commit: what is looked at from here on holds. The first thing of each such change.
pub async fn lock(tx: &Tx) -> Result<()> {
    tx.count(
        sql!("SELECT used FROM quota WHERE tenant_id = $1 AND name = 'grants' FOR UPDATE"),
        args![],
    )
    .await?;
    let revision = tx
        .count(sql!("SELECT access_revision FROM tenant_head WHERE tenant_id = $1"), args![])
        .await?;
    tx.access_is_of(revision);
    Ok(())
}

/// Whether a user is tenant admin, by a grant of their own or through groups. Service accounts do not count:
/// their keys end.
pub async fn has_admin(scope: &Scope) -> Result<bool> {
    let mut seen = BTreeSet::new();
    let mut holders: Vec<String> = scope
        .column(
            sql!(
                "SELECT principal FROM access_grant \
                 WHERE tenant_id = $1 AND role_id = $2 AND workspace_id IS NULL"
            ),
            args![TENANT_ADMIN.id()],
        )
        .await?;
    for _ in 0..=GROUP_DEPTH_MAX {
        if holders.iter().any(|holder| holder.starts_with("user:")) {
            return Ok(true);
        }
        let groups = holders.iter().filter_map(|holder| holder.strip_prefix("group:"));
        let groups: Vec<uuid::Uuid> = groups
            .filter_map(|id| id.parse::<GroupId>().ok())
            .filter(|id| seen.insert(*id))
            .map(|id| id.0)
            .collect();
        if groups.is_empty() {
            return Ok(false);
        }
        holders = scope
            .column(
                sql!(
                    "SELECT DISTINCT member FROM group_member \
                     WHERE tenant_id = $1 AND group_id = ANY($2::uuid[])"
                ),
                args![groups],
            )
            .await?;
    }
    Ok(false)
}
