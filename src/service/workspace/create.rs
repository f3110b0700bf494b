//! Creating a workspace with its bindings (W-01, W-02, K-01).

use serde_json::{Value as Json, json};

use super::Workspaces;
use crate::clock::now;
use crate::context::{Context, Principal};
use crate::domain::{primary, region, text};
use crate::entity::Workspace;
use crate::entity::binding::Access;
use crate::entity::tenant::Settings;
use crate::entity::workspace::Environment;
use crate::error::{Noun, OnUnique, Result};
use crate::id::{PartitionId, RoleId, WorkspaceId};
use crate::repository::access::lock;
use crate::repository::quota::{self, Quota};
use crate::repository::workspace::Detail;
use crate::repository::{Answer, Change, Touches, Tx, binding, folder, partition, visibility};
use crate::service::access::grant::{self, NewGrant};
use crate::service::access::{self, At, Over, Permission};
use crate::service::{binding as bindings, partition as partitions, refuse};

/// A workspace to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its language.
    pub language: String,
    /// Its region; empty: none.
    pub region: String,
    /// Production, staging or development.
    pub environment: Environment,
    /// Its brand.
    pub brand: String,
    /// Its web domain.
    pub domain: String,
    /// A JSON object.
    pub settings: Json,
    /// Sees all partitions.
    pub all_partitions: bool,
    /// The partitions to bind.
    pub partition_ids: Vec<PartitionId>,
    /// The primary one, if the caller chose.
    pub primary: Option<PartitionId>,
    /// The first grants in it.
    pub grants: Vec<(Principal, RoleId)>,
}

impl Workspaces {
    /// Creates a workspace.
    pub async fn create(&self, ctx: &Context, new: &NewWorkspace) -> Result<Answer<Detail>> {
        self.store
            .write(ctx, |tx| async move {
                if !new.grants.is_empty() {
                    // First of all: what is looked at from here on holds.
                    lock(&tx).await?;
                }
                access::demand(&tx, ctx, At::Tenant).await?;
                let over = Over::partitions(&new.partition_ids);
                access::demand_also(&tx, ctx, Permission::PartitionsManage, over).await?;
                let made = create(&tx, new).await?;
                grant_first(&tx, ctx, made.workspace.id, &new.grants).await?;
                Ok(made)
            })
            .await
    }
}

async fn create(tx: &Tx, new: &NewWorkspace) -> Result<Detail> {
    let settings = Settings::from_json(&tx.head().settings);
    if !region::allowed(&new.region, &settings.allowed_regions) {
        return Err(refuse::region_not_allowed("workspace.region", &settings));
    }
    let default = partition::default(tx).await?;
    let primary = primary::of_new(new.all_partitions, &new.partition_ids, new.primary, default)
        .map_err(|flaw| bindings::refusal(flaw, None))?;
    let mut bound = new.partition_ids.clone();
    if !bound.contains(&primary) {
        bound.push(primary);
    }
    for partition in partitions::hold(tx, &bound).await? {
        bindings::check_region(&partition, &new.region, &settings)?;
    }
    quota::take(tx, Quota::Workspaces).await?;
    let workspace = new.row(tx);
    tx.insert(&workspace)
        .await
        .on_unique("workspace_name", || refuse::name_taken(Noun::Workspace, &new.display_name))?;
    binding::put_partitions(tx, workspace.id, &bound, primary, workspace.create_time).await?;
    folder::insert_roots(tx, workspace.id, workspace.create_time).await?;
    let detail = Detail { workspace, primary_partition_id: Some(primary) };
    let entered = match detail.workspace.all_partitions {
        true => visibility::partitions_of(tx, detail.workspace.id).await?,
        // Each is told of with its binding.
        false => Vec::new(),
    };
    record(tx, &detail, &bound, &entered);
    Ok(detail)
}

/// Team access (W-01). The workspace is seen by nobody before the commit: what the caller may hand on in it
/// is what the caller holds tenant-wide.
async fn grant_first(
    tx: &Tx,
    ctx: &Context,
    workspace: WorkspaceId,
    grants: &[(Principal, RoleId)],
) -> Result<()> {
    if grants.is_empty() {
        return Ok(());
    }
    access::demand_also(tx, ctx, Permission::AccessManage, Over::default()).await?;
    for (at, (principal, role)) in grants.iter().enumerate() {
        let new =
            NewGrant { principal: principal.clone(), role: *role, workspace: Some(workspace) };
        grant::give(tx, ctx, &new, At::Tenant)
            .await
            .map_err(|error| error.below(&format!("grants[{at}]")))?;
    }
    Ok(())
}

fn record(tx: &Tx, detail: &Detail, bound: &[PartitionId], entered: &[PartitionId]) {
    let id = detail.workspace.id;
    tx.record(Change {
        kind: "workspace.created",
        resource_id: Some(id.0),
        workspace_id: Some(id),
        detail: json!({
            "all_partitions": detail.workspace.all_partitions,
            "entered": entered,
        }),
        after: json!(detail),
        touches: Touches::Access,
        ..Change::default()
    });
    for partition in bound {
        let is_primary = detail.primary_partition_id == Some(*partition);
        tx.record(bindings::created(id, *partition, Access::ReadWrite, is_primary));
    }
}

// === impl NewWorkspace ===

impl NewWorkspace {
    fn row(&self, tx: &Tx) -> Workspace {
        let time = now();
        Workspace {
            tenant_id: tx.tenant(),
            id: WorkspaceId::new(),
            display_name: self.display_name.clone(),
            name_key: text::key(&self.display_name),
            description: self.description.clone(),
            language: self.language.clone(),
            region: self.region.clone(),
            environment: self.environment,
            brand: self.brand.clone(),
            domain: self.domain.clone(),
            settings: self.settings.clone(),
            all_partitions: self.all_partitions,
            is_default: false,
            version: 1,
            create_time: time,
            update_time: time,
            archive_time: None,
            delete_time: None,
            purge_time: None,
        }
    }
}
