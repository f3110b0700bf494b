//! Grants.

use super::keyset::among;
use super::scope::Scope;
use super::write::Tx;
use crate::context::Principal;
use crate::domain::visibility::Seen;
use crate::entity::Grant;
use crate::error::Result;
use crate::id::{GrantId, RoleId, WorkspaceId};
use crate::{args, sql};

/// Which grants a caller lists.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Of this principal.
    pub principal: Option<Principal>,
    /// Of this role.
    pub role: Option<RoleId>,
}

/// A grant.
pub async fn get(scope: &Scope, id: GrantId) -> Result<Option<Grant>> {
    scope.one(sql!("SELECT * FROM access_grant WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// The grant of a role to a principal in a place, if there is one.
pub async fn find(
    scope: &Scope,
    principal: &Principal,
    role: RoleId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<Grant>> {
    scope
        .one(
            sql!(
                "SELECT * FROM access_grant WHERE tenant_id = $1 AND principal = $2 AND role_id = $3 \
                 AND (workspace_id = $4 OR ($4 IS NULL AND workspace_id IS NULL))"
            ),
            args![principal.as_str(), role, workspace],
        )
        .await
}

/// A page of grants, oldest first: of the workspaces that somebody sees, and for those who see all the
/// tenant-wide ones.
pub async fn list(
    scope: &Scope,
    seen: &Seen<WorkspaceId>,
    filter: &Filter,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<Grant>> {
    let (all, these) = among(seen, |id| id.0);
    let after = after.unwrap_or(GrantId(uuid::Uuid::nil()));
    let principal = filter.principal.as_ref().map(|one| one.as_str().to_owned());
    scope
        .all(
            sql!(
                "SELECT * FROM access_grant WHERE tenant_id = $1 AND id > $2 \
                 AND ($4 OR workspace_id = ANY($5::uuid[])) \
                 AND ($6 IS NULL OR workspace_id = $6) AND ($7 IS NULL OR principal = $7) \
                 AND ($8 IS NULL OR role_id = $8) ORDER BY id LIMIT $3"
            ),
            args![after, limit, all, these, filter.workspace, principal, filter.role],
        )
        .await
}

/// Takes a grant back.
pub async fn delete(tx: &Tx, id: GrantId) -> Result<()> {
    tx.execute(sql!("DELETE FROM access_grant WHERE tenant_id = $1 AND id = $2"), args![id])
        .await
        .map(drop)
}

/// Whether a group or service account is there; users are kept nowhere, and always are.
pub async fn principal_exists(scope: &Scope, principal: &Principal) -> Result<bool> {
    let found = if let Some(id) = principal.group() {
        let sql = sql!("SELECT count(*) FROM principal_group WHERE tenant_id = $1 AND id = $2");
        scope.count(sql, args![id]).await?
    } else if let Some(id) = principal.service_account() {
        let sql = sql!("SELECT count(*) FROM service_account WHERE tenant_id = $1 AND id = $2");
        scope.count(sql, args![id]).await?
    } else {
        i64::from(principal.is_user())
    };
    Ok(found > 0)
}
