//! Service accounts: principals for programs.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Access, At, Sight, demand, grant};
use crate::clock::{Micros, now};
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::domain::text;
use crate::domain::visibility::account_name;
use crate::entity::ServiceAccount;
use crate::error::{Error, Noun, OnUnique, Result};
use crate::id::{GroupId, ServiceAccountId};
use crate::page::{Listed, Tokens};
use crate::repository::quota::{self, Quota};
use crate::repository::{
    Answer, Change, Scope, Touches, Tx, access, api_key, last_use, service_account as accounts,
};
use crate::service::patch::Changed;
use crate::service::plan::{self, Planned};
use crate::service::refuse;

/// A service account to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Made switched off.
    pub disabled: bool,
}

/// What to change of a service account; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountPatch {
    /// Which one.
    pub id: ServiceAccountId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// Its name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Switched off.
    pub disabled: Option<bool>,
}

/// A service account, and when one of its keys was last used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account.
    pub row: ServiceAccount,
    /// The last good call with one of its keys.
    pub last_used_time: Option<Micros>,
}

// === impl Access ===

impl Access {
    /// Creates a service account.
    pub async fn create_service_account(
        &self,
        ctx: &Context,
        new: &NewServiceAccount,
    ) -> Result<Answer<Account>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::lock(tx).await?;
                demand(tx, ctx, At::Tenant).await?;
                create(tx, new).await
            })
            .await
    }

    /// Reads a service account that the caller may know of.
    pub async fn service_account(
        &self,
        ctx: &Context,
        id: ServiceAccountId,
    ) -> Result<Answer<Account>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let row = get_known(&scope, ctx, id).await?;
        let found = self.with_account_use(&scope, vec![row]).await?.swap_remove(0);
        Ok(scope.answer(found))
    }

    /// Lists the service accounts that the caller may know of.
    pub async fn list_service_accounts(
        &self,
        ctx: &Context,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Account>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{order:?}")]);
        let page = tokens.request::<Place>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Anywhere).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let known = sight.snapshot().index.known_accounts(sight.principal());
        let (after, limit) = (page.after.clone(), page.limit());
        let rows = accounts::list(&scope, &known, order, after, limit).await?;
        let Listed { items, next } = tokens.list(page.page(rows), |last| Place {
            name: last.display_name.clone(),
            create_time: last.create_time,
            id: last.id.0,
        });
        let items = self.with_account_use(&scope, items).await?;
        Ok(scope.answer(Listed { items, next }))
    }

    /// Changes a service account. Switched off, it may do nothing, at once.
    pub async fn update_service_account(
        &self,
        ctx: &Context,
        patch: &ServiceAccountPatch,
    ) -> Result<Answer<Planned<Account>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            let row = update(tx, patch).await?;
            Ok(self.with_account_use(tx, vec![row]).await?.swap_remove(0))
        })
        .await
    }

    /// Deletes a service account, for good, with its keys, its grants and its memberships.
    pub async fn delete_service_account(
        &self,
        ctx: &Context,
        id: ServiceAccountId,
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

    async fn with_account_use(
        &self,
        scope: &Scope,
        rows: Vec<ServiceAccount>,
    ) -> Result<Vec<Account>> {
        let subjects = rows.iter().map(|row| account_name(row.id)).collect();
        let times = last_use::of_subjects(scope, self.store.uses(), subjects).await?;
        let one = |row: ServiceAccount| {
            let last_used_time = times.get(&account_name(row.id)).copied();
            Account { row, last_used_time }
        };
        Ok(rows.into_iter().map(one).collect())
    }
}

/// A service account that the caller may know of.
pub(super) async fn get_known(
    scope: &Scope,
    ctx: &Context,
    id: ServiceAccountId,
) -> Result<ServiceAccount> {
    let sight = Sight::of(scope, ctx).await?;
    match sight.snapshot().index.knows(sight.principal(), &account_name(id)) {
        true => get(scope, id).await,
        false => Err(not_found(id)),
    }
}

/// A service account.
pub(super) async fn get(scope: &Scope, id: ServiceAccountId) -> Result<ServiceAccount> {
    accounts::get(scope, id).await?.ok_or_else(|| not_found(id))
}

async fn create(tx: &Tx, new: &NewServiceAccount) -> Result<Account> {
    quota::take(tx, Quota::ServiceAccounts).await?;
    let time = now();
    let row = ServiceAccount {
        tenant_id: tx.tenant(),
        id: ServiceAccountId::new(),
        display_name: new.display_name.clone(),
        name_key: text::key(&new.display_name),
        description: new.description.clone(),
        disabled: new.disabled,
        version: 1,
        create_time: time,
        update_time: time,
    };
    tx.insert(&row).await.on_unique("service_account_name", || taken(&row))?;
    tx.record(change("service_account.created", row.id, json!({}), Json::Null, json!(row)));
    Ok(Account { row, last_used_time: None })
}

async fn update(tx: &Tx, patch: &ServiceAccountPatch) -> Result<ServiceAccount> {
    let before = get(tx, patch.id).await?;
    refuse::stale_etag(&patch.etag, before.version, Noun::ServiceAccount, patch.id)?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    changed.set("display_name", &mut after.display_name, patch.display_name.as_ref());
    changed.set("description", &mut after.description, patch.description.as_ref());
    changed.set("disabled", &mut after.disabled, patch.disabled.as_ref());
    if changed.is_empty() {
        return Ok(before);
    }
    after.name_key = text::key(&after.display_name);
    after.version += 1;
    after.update_time = now();
    tx.update(&after).await.on_unique("service_account_name", || taken(&after))?;
    let detail = json!({ "fields": changed.0 });
    tx.record(change("service_account.updated", patch.id, detail, json!(before), json!(after)));
    Ok(after)
}

async fn delete(tx: &Tx, id: ServiceAccountId, etag: &str) -> Result<()> {
    let account = get(tx, id).await?;
    refuse::stale_etag(etag, account.version, Noun::ServiceAccount, id)?;
    let keys = api_key::delete_all(tx, id).await?;
    last_use::forget(tx, id, &keys).await?;
    let grants = accounts::take_grants(tx, id).await?;
    quota::give_back_some(tx, Quota::Grants, grants.len()).await?;
    let groups = accounts::take_memberships(tx, id).await?;
    quota::give_back_some(tx, Quota::GroupMembers, groups.len()).await?;
    if !accounts::delete(tx, &account).await? {
        return Err(Error::Contended);
    }
    quota::give_back(tx, Quota::ServiceAccounts).await?;
    tx.record(change("service_account.deleted", id, json!({}), json!(account), Json::Null));
    for one in &grants {
        tx.record(grant::change("grant.deleted", one, json!(one), Json::Null));
    }
    groups.into_iter().for_each(|group| tx.record(left(group, id)));
    Ok(())
}

/// What changes of access by a service account, or of it.
pub(super) fn change(
    kind: &'static str,
    id: ServiceAccountId,
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

/// A service account left a group.
fn left(group: GroupId, id: ServiceAccountId) -> Change {
    Change {
        kind: "group.members_removed",
        resource_id: Some(group.0),
        detail: json!({ "members": 1 }),
        before: json!([account_name(id)]),
        touches: Touches::Access,
        ..Change::default()
    }
}

fn taken(row: &ServiceAccount) -> Error {
    refuse::name_taken(Noun::ServiceAccount, &row.display_name)
}

/// SERVICE_ACCOUNT_NOT_FOUND.
fn not_found(id: ServiceAccountId) -> Error {
    Error::not_found(Noun::ServiceAccount, id)
}
