//! Person partitions (P-01 to P-04).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::access::{Permission, require};
use super::patch::Changed;
use super::workspace::{not_found as workspace_not_found, refuse_archived};
use super::{binding as bindings, refuse};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::domain::{region, text};
use crate::entity::Partition;
use crate::entity::binding::Access;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::binding::{self, Binding, Ends};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Store, Touches, Tx, partition, workspace};
use crate::secret::Secrets;

/// The use cases of partitions.
#[derive(Clone)]
pub struct Partitions {
    store: Store,
    secrets: Secrets,
}

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

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Only what this workspace sees.
    pub workspace: Option<WorkspaceId>,
    /// Deleted partitions too.
    pub show_deleted: bool,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

/// A partition that was made or restored, with its bindings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bound {
    /// The partition.
    pub partition: Partition,
    /// Its bindings.
    pub bindings: Vec<Binding>,
}

// === impl Partitions ===

impl Partitions {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Creates a partition and binds it.
    pub async fn create(&self, ctx: &Context, new: &NewPartition) -> Result<Answer<Bound>> {
        require(ctx, Permission::PartitionsManage)?;
        self.store.write(ctx, |tx| async move { create(&tx, new).await }).await
    }

    /// Reads a living partition.
    pub async fn get(&self, ctx: &Context, id: PartitionId) -> Result<Answer<Partition>> {
        Ok(self.batch_get(ctx, &[id]).await?.map(|mut found| found.remove(0)))
    }

    /// Reads living partitions, in the order asked for, all or nothing.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        ids: &[PartitionId],
    ) -> Result<Answer<Vec<Partition>>> {
        require(ctx, Permission::PartitionsRead)?;
        let scope = self.store.read(ctx).await?;
        let value = in_order(partition::by_ids(&scope, ids).await?, ids)?;
        Ok(scope.answer(value))
    }

    /// Lists the partitions of the tenant, or those that a workspace sees.
    pub async fn list(
        &self,
        ctx: &Context,
        listing: &Listing,
    ) -> Result<Answer<Listed<Partition>>> {
        require(ctx, Permission::PartitionsRead)?;
        let Listing { workspace, show_deleted, order, .. } = *listing;
        let query = format!("{workspace:?} {show_deleted} {order:?}");
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        if let Some(id) = workspace
            && workspace::by_ids(&scope, &[id]).await?.is_empty()
        {
            return Err(workspace_not_found(id));
        }
        let (place, limit) = (page.after.clone(), page.limit());
        let rows = partition::list(&scope, workspace, show_deleted, order, place, limit).await?;
        let value = tokens.list(page.page(rows), |last| Place {
            name: last.display_name.clone(),
            create_time: last.create_time,
            id: last.id.0,
        });
        Ok(scope.answer(value))
    }

    /// Changes a partition.
    pub async fn update(&self, ctx: &Context, patch: &PartitionPatch) -> Result<Answer<Partition>> {
        require(ctx, Permission::PartitionsManage)?;
        self.store.write(ctx, |tx| async move { update(&tx, patch).await }).await
    }

    /// Deletes a partition that holds nobody, softly.
    pub async fn delete(
        &self,
        ctx: &Context,
        id: PartitionId,
        etag: &str,
    ) -> Result<Answer<Partition>> {
        require(ctx, Permission::PartitionsManage)?;
        self.store.write(ctx, |tx| async move { delete(&tx, id, etag).await }).await
    }

    /// Brings a deleted partition back.
    pub async fn undelete(
        &self,
        ctx: &Context,
        id: PartitionId,
        display_name: Option<&str>,
    ) -> Result<Answer<Bound>> {
        require(ctx, Permission::PartitionsManage)?;
        self.store.write(ctx, |tx| async move { undelete(&tx, id, display_name).await }).await
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

async fn delete(tx: &Tx, id: PartitionId, etag: &str) -> Result<Partition> {
    let before = partition::lock(tx, id)
        .await?
        .filter(|found| found.delete_time.is_none())
        .ok_or_else(|| not_found(id))?;
    refuse::stale_etag(etag, before.version, Noun::Partition, id)?;
    refuse_needed(tx, &before).await?;
    let mut deleted = before.clone();
    let time = now();
    deleted.delete_time = Some(time);
    deleted.purge_time = Some(after(time, RETENTION));
    quota::give_back(tx, Quota::Partitions).await?;
    save(tx, &mut deleted).await?;
    record(tx, "partition.deleted", Some(&before), &deleted, json!({}));
    Ok(deleted)
}

async fn undelete(tx: &Tx, id: PartitionId, display_name: Option<&str>) -> Result<Bound> {
    let before = partition::lock(tx, id).await?.ok_or_else(|| not_found(id))?;
    refuse::restore(before.delete_time, before.purge_time, Noun::Partition, id)?;
    quota::take(tx, Quota::Partitions).await?;
    let mut restored = before.clone();
    restored.delete_time = None;
    restored.purge_time = None;
    if let Some(name) = display_name {
        name.clone_into(&mut restored.display_name);
    }
    save(tx, &mut restored).await?;
    record(tx, "partition.undeleted", Some(&before), &restored, json!({}));
    // Their rows stood all the time: with the partition they are seen again.
    let bindings = binding::explicit(tx, Ends::partition(id)).await?;
    Ok(Bound { partition: restored, bindings })
}

/// Refuses to delete what is still needed (P-04). The partition is locked: nobody binds it or puts people
/// into it meanwhile.
async fn refuse_needed(tx: &Tx, partition: &Partition) -> Result<()> {
    let id = partition.id;
    let refusal = |reason, message: String| {
        Error::new(reason, message)
            .with("partition_id", id)
            .resource(Noun::Partition, id.to_string())
    };
    if partition.is_default {
        let message = "the Default partition cannot be deleted; it may stand empty";
        return Err(refusal(Reason::PartitionIsDefault, message.into()));
    }
    let bound = binding::explicit(tx, Ends::partition(id)).await?;
    let workspaces = bound.iter().filter(|one| one.is_primary).count();
    if workspaces > 0 {
        let message = format!(
            "the partition is the primary one of {workspaces} workspaces; give each of them another \
             primary first"
        );
        return Err(refusal(Reason::PartitionIsPrimary, message).with("workspaces", workspaces));
    }
    let people = partition::count_people(tx, id).await?;
    if people.living > 0 {
        let message = format!(
            "the partition holds {} people, and {} deleted ones; move or delete the people first",
            people.living, people.deleted
        );
        return Err(refusal(Reason::PartitionNotEmpty, message)
            .with("people", people.living)
            .with("deleted_people", people.deleted));
    }
    Ok(())
}

/// Writes the next version of a partition.
async fn save(tx: &Tx, partition: &mut Partition) -> Result<()> {
    partition.name_key = text::key(&partition.display_name);
    partition.version += 1;
    partition.update_time = now();
    tx.update(partition).await.on_unique("person_partition_name", || {
        refuse::name_taken(Noun::Partition, &partition.display_name)
    })
}

fn record(
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

/// Living partitions, held against deletion until the commit, or PARTITION_NOT_FOUND for the first that is
/// missing.
pub(super) async fn hold(tx: &Tx, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    in_order(partition::hold(tx, ids).await?, ids)
}

fn in_order(found: Vec<Partition>, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    let mut found: HashMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
    ids.iter().map(|id| found.remove(id).ok_or_else(|| not_found(*id))).collect()
}

/// PARTITION_NOT_FOUND.
pub(super) fn not_found(id: PartitionId) -> Error {
    Error::not_found(Noun::Partition, id)
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
