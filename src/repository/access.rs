//! What all changes of who may do what share: they happen one after the other, and never end without an admin.

use std::collections::BTreeSet;

use super::scope::Scope;
use super::write::Tx;
use crate::config::GROUP_DEPTH_MAX;
use crate::domain::access::role::TENANT_ADMIN;
use crate::error::Result;
use crate::id::GroupId;
use crate::{args, sql};

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
