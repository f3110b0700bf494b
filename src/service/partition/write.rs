//! Creating and changing partitions (P-01, K-01).

use serde_json::{Value as Json, json};

use super::{Bound, Partitions, in_order};
use crate::clock::now;
use crate::context::Context;
use crate::domain::{region, text};
use crate::entity::Partition;
use crate::entity::binding::Access;
use crate::entity::tenant::Settings;
use crate::error::{Noun, OnUnique, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::binding::{self, Ends};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Touches, Tx, partition, workspace};
use crate::service::access::{Over, demand_over};
use crate::service::patch::Changed;
use crate::service::plan::{self, Planned};
use crate::service::workspace::{not_found as workspace_not_found, refuse_archived};
use crate::service::{binding as bindings, refuse};

/// A partition to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewPartition {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its region; empty: none.
    pub region: String,
    /// The workspaces where it is to appear.
    pub workspace_ids: Vec<WorkspaceId>,
}

/// What to change of a partition; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct PartitionPatch {
    /// Which one.
    pub id: PartitionId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The region that the caller believes it has.
    pub region: Option<String>,
}

impl Partitions {
    /// Creates a partition and binds it.
    pub async fn create(
        &self,
        ctx: &Context,
        new: &NewPartition,
    ) -> Result<Answer<Planned<Bound>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let over = Over::workspaces(&new.workspace_ids);
            demand_over(&tx, ctx, over).await?;
            create(&tx, new).await
        })
        .await
    }

    /// Changes a partition.
    pub async fn update(&self, ctx: &Context, patch: &PartitionPatch) -> Result<Answer<Partition>> {
        self.store
            .write(ctx, |tx| async move {
                let over = Over::partitions(std::slice::from_ref(&patch.id));
                demand_over(&tx, ctx, over).await?;
                update(&tx, patch).await
            })
            .await
    }
}

async fn create(tx: &Tx, new: &NewPartition) -> Result<Bound> {
    let settings = Settings::from_json(&tx.head().settings);
    if !region::allowed(&new.region, &settings.allowed_regions) {
        return Err(refuse::region_not_allowed("partition.region", &settings));
    }
    let partition = new.row(tx);
    let workspaces = workspace::lock_all(tx, &new.workspace_ids).await?;
    for id in &new.workspace_ids {
        let found = workspaces.iter().find(|one| one.workspace.id == *id);
        let found = found.filter(|one| one.workspace.delete_time.is_none());
        let found = found.ok_or_else(|| workspace_not_found(*id))?;
        refuse_archived(found)?;
        bindings::check_region(&partition, &found.workspace.region, &settings)?;
    }
    quota::take(tx, Quota::Partitions).await?;
    tx.insert(&partition).await.on_unique("person_partition_name", || {
        refuse::name_taken(Noun::Partition, &new.display_name)
    })?;
    binding::put_workspaces(tx, partition.id, &new.workspace_ids, partition.create_time).await?;
    record(tx, "partition.created", None, &partition, json!({}));
    for id in &new.workspace_ids {
        tx.record(bindings::created(*id, partition.id, Access::ReadWrite, false));
    }
    let mut bound = binding::explicit(tx, Ends::partition(partition.id)).await?;
    bound.sort_by_key(|one| new.workspace_ids.iter().position(|id| *id == one.workspace_id));
    Ok(Bound { partition, bindings: bound })
}

async fn update(tx: &Tx, patch: &PartitionPatch) -> Result<Partition> {
    let before = in_order(partition::by_ids(tx, &[patch.id]).await?, &[patch.id])?.remove(0);
    refuse::stale_etag(&patch.etag, before.version, Noun::Partition, patch.id)?;
    refuse::immutable("region", patch.region.as_ref(), &before.region)?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    changed.set("display_name", &mut after.display_name, patch.display_name.as_ref());
    changed.set("description", &mut after.description, patch.description.as_ref());
    if changed.is_empty() {
        return Ok(before);
    }
    save(tx, &mut after).await?;
    record(tx, "partition.updated", Some(&before), &after, json!({ "fields": changed.0 }));
    Ok(after)
}

/// Writes the next version of a partition.
pub(super) async fn save(tx: &Tx, partition: &mut Partition) -> Result<()> {
    partition.name_key = text::key(&partition.display_name);
    partition.version += 1;
    partition.update_time = now();
    tx.update(partition).await.on_unique("person_partition_name", || {
        refuse::name_taken(Noun::Partition, &partition.display_name)
    })
}

/// Records a change of a partition.
pub(super) fn record(
    tx: &Tx,
    kind: &'static str,
    before: Option<&Partition>,
    after: &Partition,
    detail: Json,
) {
    tx.record(Change {
        kind,
        resource_id: Some(after.id.0),
        detail,
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
        ..Change::default()
    });
}

// === impl NewPartition ===

impl NewPartition {
    fn row(&self, tx: &Tx) -> Partition {
        let time = now();
        Partition {
            tenant_id: tx.tenant(),
            id: PartitionId::new(),
            display_name: self.display_name.clone(),
            name_key: text::key(&self.display_name),
            description: self.description.clone(),
            region: self.region.clone(),
            is_default: false,
            version: 1,
            create_time: time,
            update_time: time,
            delete_time: None,
            purge_time: None,
        }
    }
}
