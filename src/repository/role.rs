//! Custom roles.

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use super::scope::Scope;
use super::write::Tx;
use crate::domain::access::{Permission, Permissions};
use crate::entity::Role;
use crate::error::Result;
use crate::id::RoleId;
use crate::{args, sql};

/// How often a role is granted.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Grants {
    /// In all.
    pub total: i64,
    /// In single workspaces.
    pub in_workspaces: i64,
}

/// A custom role.
pub async fn get(scope: &Scope, id: RoleId) -> Result<Option<Role>> {
    scope.one(sql!("SELECT * FROM role WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// All custom roles.
pub async fn all(scope: &Scope) -> Result<Vec<Role>> {
    scope.all(sql!("SELECT * FROM role WHERE tenant_id = $1"), args![]).await
}

/// How often a role is granted.
pub async fn count_grants(scope: &Scope, id: RoleId) -> Result<Grants> {
    let grants = scope
        .one(
            sql!(
                "SELECT count(*) AS total, count(workspace_id) AS in_workspaces FROM access_grant \
                 WHERE tenant_id = $1 AND role_id = $2"
            ),
            args![id],
        )
        .await?;
    Ok(grants.unwrap_or(Grants { total: 0, in_workspaces: 0 }))
}

/// Deletes a role, if nobody did before or changed it meanwhile.
pub async fn delete(tx: &Tx, role: &Role) -> Result<bool> {
    let deleted = tx
        .execute(
            sql!("DELETE FROM role WHERE tenant_id = $1 AND id = $2 AND version = $3"),
            args![role.id, role.version],
        )
        .await?;
    Ok(deleted == 1)
}

/// What a custom role holds, with what that implies. Names that this version does not know allow nothing.
pub fn permissions(names: &Json) -> Permissions {
    let names = names.as_array().into_iter().flatten().filter_map(Json::as_str);
    names.filter_map(Permission::named).collect::<Permissions>().with_implied()
}
