//! Suspending, deleting and restoring tenants (T-04).

use std::sync::Arc;

use serde_json::json;

use super::Tenants;
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::entity::Tenant;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::TenantId;
use crate::repository::purge::{self, Purge};
use crate::repository::{Answer, Change, Touches, Tx, due, tenant};
use crate::service::access::demand_operator;
use crate::service::refuse;

impl Tenants {
    /// Suspends a tenant, or ends its suspension; one that is so already stays as it is.
    pub async fn suspend(
        &self,
        ctx: &Context,
        id: TenantId,
        etag: &str,
        suspended: bool,
    ) -> Result<Answer<Tenant>> {
        demand_operator(ctx)?;
        let work = |tx: Arc<Tx>| async move { suspend(&tx, etag, suspended).await };
        self.store.administer(&ctx.acting_on(id), work).await
    }

    /// Deletes a tenant, softly, if its name is repeated.
    pub async fn delete(
        &self,
        ctx: &Context,
        id: TenantId,
        confirm_display_name: &str,
        etag: &str,
    ) -> Result<Answer<Tenant>> {
        demand_operator(ctx)?;
        let work = |tx: Arc<Tx>| async move { delete(&tx, confirm_display_name, etag).await };
        self.store.administer(&ctx.acting_on(id), work).await
    }

    /// Brings a deleted tenant back with all that it held.
    pub async fn undelete(&self, ctx: &Context, id: TenantId) -> Result<Answer<Tenant>> {
        demand_operator(ctx)?;
        self.store.administer(&ctx.acting_on(id), |tx| async move { undelete(&tx).await }).await
    }
}

async fn suspend(tx: &Tx, etag: &str, suspended: bool) -> Result<Tenant> {
    let before = living(tx).await?;
    refuse::stale_etag(etag, before.version, Noun::Tenant, before.tenant_id)?;
    if before.suspend_time.is_some() == suspended {
        return Ok(before);
    }
    let mut after = before.clone();
    after.suspend_time = suspended.then(now);
    if !suspended {
        due::wake(tx).await?;
    }
    save(tx, if suspended { "tenant.suspended" } else { "tenant.resumed" }, &before, after).await
}

async fn delete(tx: &Tx, confirm_display_name: &str, etag: &str) -> Result<Tenant> {
    let before = living(tx).await?;
    refuse::stale_etag(etag, before.version, Noun::Tenant, before.tenant_id)?;
    if confirm_display_name != before.display_name {
        let message = "must be the tenant's display_name, exactly, so that nobody deletes a company by \
                       a slip of an id";
        return Err(Error::new(Reason::ConfirmationMismatch, message).field("confirm_display_name"));
    }
    let mut deleted = before.clone();
    let time = now();
    deleted.delete_time = Some(time);
    let purge_time = after(time, RETENTION);
    deleted.purge_time = Some(purge_time);
    purge::schedule(tx, Purge::Tenant, purge_time).await?;
    save(tx, "tenant.deleted", &before, deleted).await
}

async fn undelete(tx: &Tx) -> Result<Tenant> {
    let before = tenant::get(tx).await?;
    refuse::restore(before.delete_time, before.purge_time, Noun::Tenant, before.tenant_id)?;
    let mut restored = before.clone();
    restored.delete_time = None;
    restored.purge_time = None;
    purge::forget(tx, Purge::Tenant).await?;
    due::wake(tx).await?;
    save(tx, "tenant.undeleted", &before, restored).await
}

/// The tenant; a deleted one is reached by restoring it only.
async fn living(tx: &Tx) -> Result<Tenant> {
    let found = tenant::get(tx).await?;
    match found.delete_time {
        None => Ok(found),
        Some(_) => Err(Error::not_found(Noun::Tenant, found.tenant_id)),
    }
}

/// Writes the next version of the tenant, and records it.
async fn save(tx: &Tx, kind: &'static str, before: &Tenant, mut after: Tenant) -> Result<Tenant> {
    after.version += 1;
    after.update_time = now();
    tx.update(&after).await?;
    tx.record(Change {
        kind,
        resource_id: Some(after.tenant_id.0),
        detail: json!({}),
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
        ..Change::default()
    });
    Ok(after)
}
