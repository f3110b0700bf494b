//! Changing a tenant's name and settings.

use std::sync::Arc;

use serde_json::json;

use super::{Tenants, bound, settings};
use crate::clock::now;
use crate::context::Context;
use crate::entity::Tenant;
use crate::entity::tenant::Settings;
use crate::error::{Noun, Result};
use crate::id::TenantId;
use crate::repository::{Answer, Change, Touches, Tx, tenant};
use crate::service::access::{At, demand};
use crate::service::refuse;

/// What to change of a tenant; nothing: leave it as it is.
#[derive(Clone, Debug)]
pub struct TenantPatch {
    /// Which one; nothing: the caller's own.
    pub id: Option<TenantId>,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// The settings that are given.
    pub settings: Settings,
    /// The names of those to take over.
    pub setting_names: Vec<&'static str>,
}

impl Tenants {
    /// Changes a tenant.
    pub async fn update(&self, ctx: &Context, patch: &TenantPatch) -> Result<Answer<Tenant>> {
        let ctx = &bound(ctx, patch.id)?;
        if patch.setting_names.iter().any(|name| settings::SWITCHED.contains(name)) {
            let work = |tx: Arc<Tx>| async move {
                demand(&tx, ctx, At::Tenant).await?;
                let before = tenant::lock(&tx).await?;
                update(&tx, before, patch).await
            };
            return self.store.write_alone(ctx, work).await;
        }
        let work = |tx: Arc<Tx>| async move {
            demand(&tx, ctx, At::Tenant).await?;
            let before = tenant::get(&tx).await?;
            update(&tx, before, patch).await
        };
        self.store.write(ctx, work).await
    }
}

async fn update(tx: &Tx, before: Tenant, patch: &TenantPatch) -> Result<Tenant> {
    refuse::stale_etag(&patch.etag, before.version, Noun::Tenant, before.tenant_id)?;
    let old = Settings::from_json(&before.settings);
    let mut new = old.clone();
    for name in &patch.setting_names {
        new.take(name, &patch.settings);
    }
    let name = patch.display_name.as_ref().unwrap_or(&before.display_name);
    if new == old && *name == before.display_name {
        return Ok(before);
    }
    settings::check(&new)?;
    let time = now();
    settings::switch(tx, &old, &new, time).await?;
    let after = Tenant {
        display_name: name.clone(),
        settings: new.to_json(),
        version: before.version + 1,
        update_time: time,
        ..before.clone()
    };
    tx.update(&after).await?;
    let fields: Vec<&str> = patch.display_name.iter().map(|_| "display_name").collect();
    tx.record(Change {
        kind: "tenant.updated",
        resource_id: Some(after.tenant_id.0),
        detail: json!({ "fields": fields, "settings": patch.setting_names }),
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
        ..Change::default()
    });
    Ok(after)
}
