//! Grants: who holds which role where.

use serde_json::{Value as Json, json};

use super::{Access, At, Permission, Permissions, Sight, demand, demand_all, keep_admin};
use crate::clock::now;
use crate::context::{Context, Principal};
use crate::domain::access::role::{self, TENANT_ADMIN};
use crate::entity::Grant;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{GrantId, RoleId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::grant::{self, Filter};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Touches, Tx, access, role as roles};
use crate::service::plan::{self, Planned};

/// A grant to make; its principal is parsed.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Who.
    pub principal: Principal,
    /// What.
    pub role: RoleId,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
}

// === impl Access ===

impl Access {
    /// Grants a role.
    pub async fn create_grant(
        &self,
        ctx: &Context,
        new: &NewGrant,
    ) -> Result<Answer<Planned<Grant>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            let at = new.workspace.map_or(At::Tenant, At::Workspace);
            demand(tx, ctx, at).await?;
            give(tx, ctx, new, at).await
        })
        .await
    }

    /// Takes a grant back.
    pub async fn delete_grant(&self, ctx: &Context, id: GrantId) -> Result<Answer<Planned<()>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            let found = grant::get(tx, id).await?;
            let place = found.as_ref().and_then(|one| one.workspace_id);
            let at = place.map_or(At::Tenant, At::Workspace);
            // Asked for whatever is found: who may not see the grant learns nothing of it.
            let allowed = demand(tx, ctx, at).await;
            let seen = Sight::of(tx, ctx).await?.holds(Permission::AccessRead, at);
            let found = found.filter(|_| seen).ok_or_else(|| not_found(id))?;
            allowed?;
            grant::delete(tx, id).await?;
            quota::give_back(tx, Quota::Grants).await?;
            keep_admin(tx).await?;
            tx.record(change("grant.deleted", &found, json!(found), Json::Null));
            Ok(())
        })
        .await
    }

    /// Lists the grants that the caller may see.
    pub async fn list_grants(
        &self,
        ctx: &Context,
        filter: &Filter,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Grant>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{filter:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let at = filter.workspace.map_or(At::Anywhere, At::Workspace);
        demand(&scope, ctx, at).await?;
        let seen = Sight::of(&scope, ctx).await?.workspaces_with(Permission::AccessRead);
        let rows = grant::list(&scope, &seen, filter, page.after, page.limit()).await?;
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.id)))
    }
}

/// Makes a grant, for a caller who may grant there, with other changes of access kept waiting. Nobody grants
/// what they do not hold, `at` the place or around it.
pub async fn give(tx: &Tx, ctx: &Context, new: &NewGrant, at: At) -> Result<Grant> {
    let (role, permissions) = role_of(tx, new.role).await?;
    fits(new, permissions)?;
    demand_all(tx, ctx, permissions, at).await?;
    let sight = Sight::of(tx, ctx).await?;
    let stored = new.principal.group().is_some() || new.principal.service_account().is_some();
    if stored && !sight.snapshot().index.knows(sight.principal(), new.principal.as_str()) {
        return Err(principal_not_found(&new.principal));
    }
    put(tx, &ctx.caller.to_string(), new, role).await
}

/// Makes a grant without asking who may: for the first admin, and those that operators make.
pub(in crate::service) async fn put(
    tx: &Tx,
    granted_by: &str,
    new: &NewGrant,
    custom_role: Option<RoleId>,
) -> Result<Grant> {
    if !grant::principal_exists(tx, &new.principal).await? {
        return Err(principal_not_found(&new.principal));
    }
    let there = grant::find(tx, &new.principal, new.role, new.workspace).await?;
    if let Some(Grant { id, .. }) = there {
        let message = "the principal holds the role there already";
        return Err(Error::new(Reason::GrantExists, message).with("grant_id", id));
    }
    quota::take(tx, Quota::Grants).await?;
    let made = Grant {
        tenant_id: tx.tenant(),
        id: GrantId::new(),
        principal: new.principal.as_str().into(),
        group_id: new.principal.group(),
        service_account_id: new.principal.service_account(),
        role_id: new.role,
        custom_role_id: custom_role,
        workspace_id: new.workspace,
        granted_by: granted_by.into(),
        create_time: now(),
    };
    tx.insert(&made).await?;
    tx.record(change("grant.created", &made, Json::Null, json!(made)));
    Ok(made)
}

/// A role that can be granted: its id if it is a custom one, and what it holds.
async fn role_of(tx: &Tx, id: RoleId) -> Result<(Option<RoleId>, Permissions)> {
    if let Some(built_in) = role::with_id(id) {
        return Ok((None, built_in.permissions()));
    }
    let found = roles::get(tx, id).await?.ok_or_else(|| Error::not_found(Noun::Role, id))?;
    Ok((Some(id), roles::permissions(&found.permissions)))
}

/// What counts tenant-wide only means nothing in a workspace, so it is not granted there.
fn fits(new: &NewGrant, permissions: Permissions) -> Result<()> {
    if new.workspace.is_none() {
        return Ok(());
    }
    let wide = permissions.without(Permissions::of_workspaces());
    match wide.iter().next() {
        Some(_) if new.role == TENANT_ADMIN.id() => {
            let text = "must be empty: tenant admins are so tenant-wide; grant the role of a workspace admin";
            Err(Error::invalid("grant.workspace_id", text))
        }
        Some(one) => {
            let text = format!("must be empty: the role has {one}, which counts tenant-wide only");
            Err(Error::invalid("grant.workspace_id", text))
        }
        None => Ok(()),
    }
}

/// A change of a grant, for the record.
pub(super) fn change(kind: &'static str, grant: &Grant, before: Json, after: Json) -> Change {
    Change {
        kind,
        resource_id: Some(grant.id.0),
        workspace_id: grant.workspace_id,
        detail: json!({ "role_id": grant.role_id, "workspace_id": grant.workspace_id }),
        before,
        after,
        touches: Touches::Access,
    }
}

fn not_found(id: GrantId) -> Error {
    Error::not_found(Noun::Grant, id)
}

/// PRINCIPAL_NOT_FOUND.
pub(super) fn principal_not_found(principal: &Principal) -> Error {
    Error::new(Reason::PrincipalNotFound, "principal not found")
        .with("principal", principal.as_str())
}
