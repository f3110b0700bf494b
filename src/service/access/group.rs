//! Groups of principals.

use serde_json::{Value as Json, json};

use super::{Access, At, Sight, demand, grant, keep_admin};
use crate::clock::now;
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::domain::text;
use crate::domain::visibility::group_name;
use crate::entity::Group;
use crate::error::{Error, Noun, OnUnique, Result};
use crate::id::GroupId;
use crate::page::{Listed, Tokens};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Scope, Touches, Tx, access, group};
use crate::service::patch::Changed;
use crate::service::plan::{self, Planned};
use crate::service::refuse;

/// A group to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
}

/// What to change of a group; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct GroupPatch {
    /// Which one.
    pub id: GroupId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

// === impl Access ===

impl Access {
    /// Makes a group, empty.
    pub async fn create_group(&self, ctx: &Context, new: &NewGroup) -> Result<Answer<Group>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                create(tx, new).await
            })
            .await
    }

    /// Reads a group.
    pub async fn get_group(&self, ctx: &Context, id: GroupId) -> Result<Answer<Group>> {
        let scope = self.store.read(ctx).await?;
        let found = known(&scope, ctx, id).await?;
        Ok(scope.answer(found))
    }

    /// Lists the groups that the caller may know of.
    pub async fn list_groups(
        &self,
        ctx: &Context,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Group>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{order:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let seen = sight.snapshot().index.known_groups(sight.principal());
        let rows = group::list(&scope, &seen, order, page.after.clone(), page.limit()).await?;
        Ok(scope.answer(tokens.list(page.page(rows), place)))
    }

    /// Changes the name or description of a group.
    pub async fn update_group(&self, ctx: &Context, patch: &GroupPatch) -> Result<Answer<Group>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                update(tx, patch).await
            })
            .await
    }

    /// Deletes a group, for good, with all that its members held through it.
    pub async fn delete_group(
        &self,
        ctx: &Context,
        id: GroupId,
        etag: &str,
    ) -> Result<Answer<Planned<()>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            delete(tx, id, etag).await?;
            keep_admin(tx).await
        })
        .await
    }
}

async fn create(tx: &Tx, new: &NewGroup) -> Result<Group> {
    let time = now();
    let made = Group {
        tenant_id: tx.tenant(),
        id: GroupId::new(),
        display_name: new.display_name.clone(),
        name_key: text::key(&new.display_name),
        description: new.description.clone(),
        version: 1,
        create_time: time,
        update_time: time,
    };
    quota::take(tx, Quota::Groups).await?;
    tx.insert(&made)
        .await
        .on_unique("principal_group_name", || refuse::name_taken(Noun::Group, &new.display_name))?;
    tx.record(change("group.created", made.id, json!({}), Json::Null, json!(made)));
    Ok(made)
}

async fn update(tx: &Tx, patch: &GroupPatch) -> Result<Group> {
    let before = get(tx, patch.id).await?;
    refuse::stale_etag(&patch.etag, before.version, Noun::Group, patch.id)?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    changed.set("display_name", &mut after.display_name, patch.display_name.as_ref());
    changed.set("description", &mut after.description, patch.description.as_ref());
    if changed.is_empty() {
        return Ok(before);
    }
    after.name_key = text::key(&after.display_name);
    after.version += 1;
    after.update_time = now();
    tx.update(&after).await.on_unique("principal_group_name", || {
        refuse::name_taken(Noun::Group, &after.display_name)
    })?;
    let detail = json!({ "fields": changed.0 });
    tx.record(change("group.updated", patch.id, detail, json!(before), json!(after)));
    Ok(after)
}

async fn delete(tx: &Tx, id: GroupId, etag: &str) -> Result<()> {
    let found = get(tx, id).await?;
    refuse::stale_etag(etag, found.version, Noun::Group, id)?;
    let members = group::clear(tx, id).await?;
    let parents = group::leave_all(tx, id).await?;
    let grants = group::revoke_all(tx, id).await?;
    if !group::delete(tx, &found).await? {
        return Err(Error::Contended);
    }
    quota::give_back(tx, Quota::Groups).await?;
    quota::give_back_some(tx, Quota::GroupMembers, members.len() + parents.len()).await?;
    quota::give_back_some(tx, Quota::Grants, grants.len()).await?;
    let detail = json!({ "members": members.len(), "grants": grants.len() });
    let before = json!({ "group": found, "members": members });
    tx.record(change("group.deleted", id, detail, before, Json::Null));
    for parent in parents {
        let (detail, before) = (json!({ "members": 1 }), json!([group_name(id)]));
        tx.record(change("group.members_removed", parent, detail, before, Json::Null));
    }
    for one in &grants {
        tx.record(grant::change("grant.deleted", one, json!(one), Json::Null));
    }
    Ok(())
}

/// A group; whoever may change groups may know of all.
pub(super) async fn get(scope: &Scope, id: GroupId) -> Result<Group> {
    group::get(scope, id).await?.ok_or_else(|| not_found(id))
}

/// A group that the caller may know of: NOT_FOUND for the others.
pub(super) async fn known(scope: &Scope, ctx: &Context, id: GroupId) -> Result<Group> {
    demand(scope, ctx, At::Anywhere).await?;
    let sight = Sight::of(scope, ctx).await?;
    if !sight.snapshot().index.knows(sight.principal(), &group_name(id)) {
        return Err(not_found(id));
    }
    get(scope, id).await
}

/// The place of a group in a list.
fn place(group: &Group) -> Place {
    Place { name: group.display_name.clone(), create_time: group.create_time, id: group.id.0 }
}

/// A change of a group, for the record.
pub(super) fn change(
    kind: &'static str,
    id: GroupId,
    detail: Json,
    before: Json,
    after: Json,
) -> Change {
    Change {
        kind,
        resource_id: Some(id.0),
        detail,
        before,
        after,
        touches: Touches::Access,
        ..Change::default()
    }
}

fn not_found(id: GroupId) -> Error {
    Error::not_found(Noun::Group, id)
}
