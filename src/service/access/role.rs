//! Roles: the built-in ones, and those that tenants make.

use serde_json::{Value as Json, json};

use super::{Access, At, Permission, Permissions, Sight, demand, demand_all};
use crate::clock::now;
use crate::context::Context;
use crate::domain::access::role::{self, BuiltIn};
use crate::domain::order::{Order, Place};
use crate::domain::text;
use crate::entity::Role;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{RoleId, TenantId};
use crate::page::{Listed, Tokens};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Scope, Touches, Tx, access, role as roles};
use crate::service::patch::Changed;
use crate::service::plan::{self, Planned};
use crate::service::refuse;

/// A role to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its permissions, at least one.
    pub permissions: Vec<Permission>,
}

/// What to change of a role; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct RolePatch {
    /// Which one.
    pub id: RoleId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its permissions, at least one.
    pub permissions: Option<Vec<Permission>>,
}

// === impl Access ===

impl Access {
    /// Opens the tenant for what is the same in all: a tenant that is not there is NOT_FOUND here too.
    pub async fn permissions(&self, ctx: &Context) -> Result<Answer<()>> {
        Ok(self.store.read(ctx).await?.answer(()))
    }

    /// Makes a role.
    pub async fn create_role(&self, ctx: &Context, new: &NewRole) -> Result<Answer<Role>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                demand_all(tx, ctx, with_implied(&new.permissions), At::Tenant).await?;
                create(tx, new).await
            })
            .await
    }

    /// Reads a role.
    pub async fn get_role(&self, ctx: &Context, id: RoleId) -> Result<Answer<Role>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let value = match role::with_id(id) {
            Some(one) => built_in_row(scope.tenant(), one),
            None => get(&scope, id).await?,
        };
        Ok(scope.answer(value))
    }

    /// Lists the roles, built-in ones among them. They are few enough to be ordered here.
    pub async fn list_roles(
        &self,
        ctx: &Context,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Role>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{order:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let mut all = roles::all(&scope).await?;
        all.extend(role::ALL.iter().map(|one| built_in_row(scope.tenant(), one)));
        if let Some(after) = &page.after {
            all.retain(|one| order.compare(&place(one), after).is_gt());
        }
        all.sort_by(|a, b| order.compare(&place(a), &place(b)));
        Ok(scope.answer(tokens.list(page.page(all), place)))
    }

    /// Changes a role.
    pub async fn update_role(
        &self,
        ctx: &Context,
        patch: &RolePatch,
    ) -> Result<Answer<Planned<Role>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            update(tx, ctx, patch).await
        })
        .await
    }

    /// Deletes a role that nobody holds, for good.
    pub async fn delete_role(
        &self,
        ctx: &Context,
        id: RoleId,
        etag: &str,
    ) -> Result<Answer<Planned<()>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            delete(tx, id, etag).await
        })
        .await
    }
}

async fn create(tx: &Tx, new: &NewRole) -> Result<Role> {
    let time = now();
    let made = Role {
        tenant_id: tx.tenant(),
        id: RoleId::new(),
        display_name: new.display_name.clone(),
        name_key: key(&new.display_name)?,
        description: new.description.clone(),
        permissions: names(&new.permissions),
        version: 1,
        create_time: time,
        update_time: time,
    };
    quota::take(tx, Quota::Roles).await?;
    tx.insert(&made)
        .await
        .on_unique("role_name", || refuse::name_taken(Noun::Role, &new.display_name))?;
    record(tx, "role.created", made.id, json!({}), Json::Null, json!(made));
    Ok(made)
}

async fn update(tx: &Tx, ctx: &Context, patch: &RolePatch) -> Result<Role> {
    let before = get_own(tx, patch.id).await?;
    refuse::stale_etag(&patch.etag, before.version, Noun::Role, patch.id)?;
    let sight = Sight::of(tx, ctx).await?;
    if sight.snapshot().index.holds_role(sight.principal(), patch.id) {
        return Err(own_role(patch.id));
    }
    let mut after = before.clone();
    let mut changed = Changed::default();
    let permissions = patch.permissions.as_deref().map(names);
    changed.set("display_name", &mut after.display_name, patch.display_name.as_ref());
    changed.set("description", &mut after.description, patch.description.as_ref());
    changed.set("permissions", &mut after.permissions, permissions.as_ref());
    if changed.is_empty() {
        return Ok(before);
    }
    let held = roles::permissions(&before.permissions);
    let added = roles::permissions(&after.permissions).without(held);
    demand_all(tx, ctx, added, At::Tenant).await?;
    refuse_narrow(tx, patch.id, added).await?;
    after.name_key = key(&after.display_name)?;
    after.version += 1;
    after.update_time = now();
    tx.update(&after)
        .await
        .on_unique("role_name", || refuse::name_taken(Noun::Role, &after.display_name))?;
    let detail = json!({ "fields": changed.0 });
    record(tx, "role.updated", patch.id, detail, json!(before), json!(after));
    Ok(after)
}

async fn delete(tx: &Tx, id: RoleId, etag: &str) -> Result<()> {
    let role = get_own(tx, id).await?;
    refuse::stale_etag(etag, role.version, Noun::Role, id)?;
    let grants = roles::count_grants(tx, id).await?.total;
    if grants > 0 {
        let message = format!("the role is granted {grants} times; take those grants back first");
        return Err(in_use(id, grants, message));
    }
    if !roles::delete(tx, &role).await? {
        return Err(Error::Contended);
    }
    quota::give_back(tx, Quota::Roles).await?;
    record(tx, "role.deleted", id, json!({}), json!(role), Json::Null);
    Ok(())
}

/// What counts tenant-wide only means nothing in a workspace: a role that is granted there gets none of it.
async fn refuse_narrow(tx: &Tx, id: RoleId, added: Permissions) -> Result<()> {
    let Some(wide) = added.without(Permissions::of_workspaces()).iter().next() else {
        return Ok(());
    };
    let grants = roles::count_grants(tx, id).await?.in_workspaces;
    if grants == 0 {
        return Ok(());
    }
    let message = format!(
        "{wide} counts tenant-wide only, and the role is granted in workspaces {grants} times; take those \
         grants back first, or make another role"
    );
    Err(in_use(id, grants, message))
}

async fn get(scope: &Scope, id: RoleId) -> Result<Role> {
    roles::get(scope, id).await?.ok_or_else(|| Error::not_found(Noun::Role, id))
}

/// A role of the tenant's own: BUILT_IN_ROLE for the others.
async fn get_own(tx: &Tx, id: RoleId) -> Result<Role> {
    let Some(one) = role::with_id(id) else { return get(tx, id).await };
    let message = format!(
        "{:?} is a built-in role and cannot be changed or deleted; create a role of your own",
        one.name
    );
    Err(Error::new(Reason::BuiltInRole, message)
        .with("role_id", id)
        .resource(Noun::Role, id.to_string()))
}

/// What a name is compared by; those of the built-in roles are taken.
fn key(name: &str) -> Result<String> {
    let key = text::key(name);
    if role::ALL.iter().any(|one| text::key(one.name) == key) {
        return Err(refuse::name_taken(Noun::Role, name));
    }
    Ok(key)
}

fn names(permissions: &[Permission]) -> Json {
    permissions.iter().map(|one| one.name()).collect()
}

fn with_implied(permissions: &[Permission]) -> Permissions {
    permissions.iter().copied().collect::<Permissions>().with_implied()
}

/// The place of a role in a list.
fn place(role: &Role) -> Place {
    Place { name: role.display_name.clone(), create_time: role.create_time, id: role.id.0 }
}

/// A built-in role as if it were a row: it has no version and no times.
fn built_in_row(tenant: TenantId, one: &BuiltIn) -> Role {
    Role {
        tenant_id: tenant,
        id: one.id(),
        display_name: one.name.into(),
        name_key: text::key(one.name),
        description: one.description.into(),
        permissions: names(&one.named().iter().collect::<Vec<_>>()),
        version: 0,
        create_time: 0,
        update_time: 0,
    }
}

fn record(tx: &Tx, kind: &'static str, id: RoleId, detail: Json, before: Json, after: Json) {
    tx.record(Change {
        kind,
        resource_id: Some(id.0),
        detail,
        before,
        after,
        touches: Touches::Access,
        ..Change::default()
    });
}

/// ROLE_IN_USE.
fn in_use(id: RoleId, grants: i64, message: String) -> Error {
    Error::new(Reason::RoleInUse, message)
        .with("role_id", id)
        .with("grants", grants)
        .resource(Noun::Role, id.to_string())
}

/// OWN_ROLE.
fn own_role(id: RoleId) -> Error {
    let message =
        "you hold the role, and nobody changes a role that they hold; ask somebody who does not";
    Error::new(Reason::OwnRole, message).with("role_id", id).resource(Noun::Role, id.to_string())
}
