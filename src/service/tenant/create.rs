//! Creating a tenant with what it cannot be without (T-01).

use serde_json::json;
use uuid::{Uuid, uuid};

use super::{Tenants, settings};
use crate::clock::{Micros, now};
use crate::context::{Context, Principal};
use crate::domain::access::role::TENANT_ADMIN;
use crate::domain::text;
use crate::domain::usage::Day;
use crate::entity::tenant::Settings;
use crate::entity::workspace::Environment;
use crate::entity::{Partition, Tenant, Workspace};
use crate::error::{Error, OnUnique, Reason, Result};
use crate::id::{PartitionId, TenantId, WorkspaceId};
use crate::repository::quota;
use crate::repository::{Answer, Change, Touches, Tx, binding, folder, tenant, usage};
use crate::service::access::demand_operator;
use crate::service::access::grant::{self, NewGrant};

/// What the ids of tenants are derived from that were made with a `request_id`.
const NAMESPACE: Uuid = uuid!("0b7c2f5e-6a58-4d53-8a3e-9d1f4f6f0c3a");

/// The name of the workspace and of the partition that come with a tenant.
const DEFAULT: &str = "Default";

/// A tenant to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The company's name.
    pub display_name: String,
    /// Its settings.
    pub settings: Settings,
    /// Its first admin.
    pub owner: Principal,
}

impl Tenants {
    /// Creates a tenant.
    pub async fn create(&self, ctx: &Context, new: &NewTenant) -> Result<Answer<Tenant>> {
        demand_operator(ctx)?;
        settings::check(&new.settings)?;
        let id = id(ctx);
        self.store.found(&ctx.acting_on(id), id, |tx| async move { create(&tx, new).await }).await
    }
}

/// The id that the tenant will have: with a `request_id` always the same, so that a repeat finds the tenant
/// and the answer that is kept with it.
fn id(ctx: &Context) -> TenantId {
    match &ctx.mutation.request {
        Some(key) => {
            let name = format!("{} {}", ctx.caller, key.id);
            TenantId(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
        }
        None => TenantId::new(),
    }
}

async fn create(tx: &Tx, new: &NewTenant) -> Result<Tenant> {
    let time = now();
    let made = Tenant {
        tenant_id: tx.tenant(),
        display_name: new.display_name.clone(),
        settings: new.settings.to_json(),
        default_workspace_id: WorkspaceId::new(),
        default_partition_id: PartitionId::new(),
        version: 1,
        create_time: time,
        update_time: time,
        suspend_time: None,
        delete_time: None,
        purge_time: None,
    };
    tx.insert(&made).await.on_unique("tenant_pkey", || {
        let message = "this request_id made a tenant more than a day ago; use a new one";
        Error::new(Reason::RequestIdReused, message).field("request_id")
    })?;
    tenant::open_head(tx).await?;
    quota::open_all(tx).await?;
    usage::begin(tx, Day::of(time)).await?;
    let (workspace, partition) = (made.default_workspace_id, made.default_partition_id);
    tx.insert(&default_workspace(&made, time)).await?;
    tx.insert(&default_partition(&made, time)).await?;
    binding::put_partitions(tx, workspace, &[partition], partition, time).await?;
    folder::insert_roots(tx, workspace, time).await?;
    tx.record(Change {
        kind: "tenant.created",
        resource_id: Some(made.tenant_id.0),
        detail: json!({ "default_workspace_id": workspace, "default_partition_id": partition }),
        after: json!({ "tenant": json!(made), "owner": new.owner.as_str() }),
        touches: Touches::Access,
        ..Change::default()
    });
    let admin = NewGrant { principal: new.owner.clone(), role: TENANT_ADMIN.id(), workspace: None };
    grant::put(tx, "", &admin, None).await?;
    Ok(made)
}

fn default_workspace(tenant: &Tenant, time: Micros) -> Workspace {
    Workspace {
        tenant_id: tenant.tenant_id,
        id: tenant.default_workspace_id,
        display_name: DEFAULT.into(),
        name_key: text::key(DEFAULT),
        description: String::new(),
        language: String::new(),
        region: String::new(),
        environment: Environment::Production,
        brand: String::new(),
        domain: String::new(),
        settings: json!({}),
        all_partitions: true,
        is_default: true,
        version: 1,
        create_time: time,
        update_time: time,
        archive_time: None,
        delete_time: None,
        purge_time: None,
    }
}

fn default_partition(tenant: &Tenant, time: Micros) -> Partition {
    Partition {
        tenant_id: tenant.tenant_id,
        id: tenant.default_partition_id,
        display_name: DEFAULT.into(),
        name_key: text::key(DEFAULT),
        description: String::new(),
        region: String::new(),
        is_default: true,
        version: 1,
        create_time: time,
        update_time: time,
        delete_time: None,
        purge_time: None,
    }
}
