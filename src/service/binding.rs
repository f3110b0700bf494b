//! Bindings: which workspace uses which partition, and which is its primary one (W-02, W-03, P-05, P-06).

use serde_json::json;

use super::access::{At, Over, Permission, Sight, demand, demand_over};
use super::workspace::lock_active;
use super::{partition as partitions, refuse};
use crate::clock::now;
use crate::context::Context;
use crate::domain::primary::{self, Flaw};
use crate::domain::region;
use crate::entity::Partition;
use crate::entity::binding::Access;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::binding::{self, Binding, Ends};
use crate::repository::workspace::Detail;
use crate::repository::{Answer, Change, Store, Touches, Tx, partition};
use crate::secret::Secrets;

/// The use cases of bindings.
#[derive(Clone)]
pub struct Bindings {
    store: Store,
    secrets: Secrets,
}

/// A binding to make or to change.
#[derive(Clone, Copy, Debug)]
pub struct Bind {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The partition.
    pub partition: PartitionId,
    /// How far it reaches; nothing: as it was, READ_WRITE at first.
    pub access: Option<Access>,
    /// Make it the primary one.
    pub primary: bool,
}

// === impl Bindings ===

impl Bindings {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Lets a workspace use a partition, or changes how it does.
    pub async fn bind(&self, ctx: &Context, bind: Bind) -> Result<Answer<Binding>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                demand_binding(tx, ctx, bind.workspace, &[bind.partition]).await?;
                let detail = lock_active(tx, bind.workspace).await?;
                put(tx, &detail, bind).await
            })
            .await
    }

    /// Takes a partition from a workspace; what the workspace is left with.
    pub async fn unbind(
        &self,
        ctx: &Context,
        ends: (WorkspaceId, PartitionId),
        new_primary: Option<PartitionId>,
    ) -> Result<Answer<Vec<Binding>>> {
        self.store
            .write(ctx, |tx| async move {
                let named: Vec<_> = [Some(ends.1), new_primary].into_iter().flatten().collect();
                demand_binding(&tx, ctx, ends.0, &named).await?;
                unbind(&tx, ends, new_primary).await
            })
            .await
    }

    /// Says where new people of a workspace land from now on.
    pub async fn set_primary(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        partition: PartitionId,
    ) -> Result<Answer<Binding>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                demand_binding(tx, ctx, workspace, &[partition]).await?;
                let detail = lock_active(tx, workspace).await?;
                partitions::hold(tx, &[partition]).await?;
                move_primary(tx, &detail, partition).await?;
                row(tx, workspace, partition).await
            })
            .await
    }

    /// Lists bindings of a workspace, of a partition, or the one between both.
    pub async fn list(
        &self,
        ctx: &Context,
        ends: Ends,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Binding>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{ends:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        if let Some(id) = ends.workspace {
            demand(&scope, ctx, At::Workspace(id)).await?;
        }
        if let Some(id) = ends.partition
            && !sight.sees_partition(id)
        {
            return Err(partitions::not_found(id));
        }
        let seen = sight.workspaces_with(Permission::PartitionsRead);
        let rows = binding::list(&scope, &seen, ends, page.after, page.limit()).await?;
        let value = tokens.list(page.page(rows), |last| (last.workspace_id, last.partition_id));
        Ok(scope.answer(value))
    }
}

/// Who sees what is decided tenant-wide: an admin of one workspace cannot widen its sight (P-07).
async fn demand_binding(
    tx: &Tx,
    ctx: &Context,
    workspace: WorkspaceId,
    partitions: &[PartitionId],
) -> Result<()> {
    let workspaces = [workspace];
    let over = Over::both(&workspaces, partitions);
    demand_over(tx, ctx, over).await
}

/// Binds a partition to a locked workspace.
pub(super) async fn put(tx: &Tx, detail: &Detail, bind: Bind) -> Result<Binding> {
    let settings = Settings::from_json(&tx.head().settings);
    for partition in partitions::hold(tx, &[bind.partition]).await? {
        check_region(&partition, &detail.workspace.region, &settings)?;
    }
    let before = find(tx, bind.workspace, bind.partition).await?;
    let mut after = before.clone().unwrap_or(Binding {
        workspace_id: bind.workspace,
        partition_id: bind.partition,
        access: Access::ReadWrite,
        is_primary: false,
        implicit: false,
        create_time: Some(now()),
    });
    after.access = bind.access.unwrap_or(after.access);
    primary::bind(after.access == Access::ReadWrite, after.is_primary, bind.primary)
        .map_err(|flaw| refusal(flaw, Some((bind.workspace, bind.partition))))?;
    match &before {
        None => {
            let people = count(tx, bind.partition).await?;
            let made = created(bind.workspace, bind.partition, after.access, bind.primary);
            tx.record(counted(made, people));
        }
        Some(before) if before.access != after.access => tx.record(updated(before, &after)),
        Some(_) => {}
    }
    if before.as_ref() != Some(&after) {
        binding::put(tx, &after).await?;
    }
    if bind.primary {
        move_primary(tx, detail, bind.partition).await?;
    }
    row(tx, bind.workspace, bind.partition).await
}

async fn unbind(
    tx: &Tx,
    (workspace, partition): (WorkspaceId, PartitionId),
    new_primary: Option<PartitionId>,
) -> Result<Vec<Binding>> {
    if new_primary == Some(partition) {
        let message = "must be another partition than the one to unbind";
        return Err(Error::invalid("new_primary_partition_id", message));
    }
    let detail = lock_active(tx, workspace).await?;
    let held: Vec<PartitionId> = [Some(partition), new_primary].into_iter().flatten().collect();
    partitions::hold(tx, &held).await?;
    let bound = binding::explicit(tx, Ends::workspace(workspace)).await?;
    let before = bound
        .iter()
        .find(|one| one.partition_id == partition)
        .ok_or_else(|| binding_not_found(workspace, partition))?;
    let stays = detail.workspace.all_partitions || bound.len() > 1;
    primary::unbind(stays, before.is_primary, new_primary.is_some())
        .map_err(|flaw| refusal(flaw, Some((workspace, partition))))?;
    if let Some(new) = new_primary {
        move_primary(tx, &detail, new).await?;
    }
    binding::remove(tx, workspace, partition).await?;
    let people = count(tx, partition).await?;
    let removed = Change {
        kind: "binding.deleted",
        resource_id: Some(partition.0),
        workspace_id: Some(workspace),
        detail: json!({ "partition_id": partition }),
        before: json!(before),
        touches: Touches::Access,
        ..Change::default()
    };
    tx.record(counted(removed, people));
    binding::explicit(tx, Ends::workspace(workspace)).await
}

/// Makes a held partition the primary of a locked workspace, if it is bound and writable; one that is bound
/// by `all_partitions` only gets a row.
async fn move_primary(tx: &Tx, detail: &Detail, to: PartitionId) -> Result<()> {
    let workspace = detail.workspace.id;
    match find(tx, workspace, to).await? {
        Some(bound) if bound.is_primary => return Ok(()),
        Some(bound) if bound.access == Access::ReadOnly => {
            return Err(refusal(Flaw::PrimaryReadOnly, Some((workspace, to))));
        }
        None if !detail.workspace.all_partitions => return Err(binding_not_found(workspace, to)),
        _ => {}
    }
    binding::set_primary(tx, workspace, to, now()).await?;
    let from = detail.primary_partition_id;
    let moved = json!({ "from_partition_id": from, "to_partition_id": to });
    tx.record(Change {
        kind: "workspace.primary_changed",
        resource_id: Some(workspace.0),
        workspace_id: Some(workspace),
        detail: moved.clone(),
        after: moved,
        touches: Touches::Access,
        ..Change::default()
    });
    Ok(())
}

/// REGION_MISMATCH, unless a workspace of the region may bind the partition (K-01).
pub(super) fn check_region(partition: &Partition, to: &str, settings: &Settings) -> Result<()> {
    if region::compatible(&partition.region, to, &settings.allowed_region_pairs) {
        return Ok(());
    }
    Err(refuse::region_mismatch(&partition.region, to))
}

/// A new binding, for the feed and the audit log.
pub(super) fn created(
    workspace: WorkspaceId,
    partition: PartitionId,
    access: Access,
    is_primary: bool,
) -> Change {
    let made = json!({
        "partition_id": partition,
        "access": access,
        "primary": is_primary,
    });
    Change {
        kind: "binding.created",
        resource_id: Some(partition.0),
        workspace_id: Some(workspace),
        detail: made.clone(),
        after: made,
        touches: Touches::Access,
        ..Change::default()
    }
}

/// The same, with the number of people who come into sight with it, or go out of it (K-10).
fn counted(mut change: Change, people: i64) -> Change {
    change.detail["people_count"] = json!(people);
    change
}

async fn count(tx: &Tx, partition: PartitionId) -> Result<i64> {
    Ok(partition::count_people(tx, partition).await?.living)
}

fn updated(before: &Binding, after: &Binding) -> Change {
    Change {
        kind: "binding.updated",
        resource_id: Some(after.partition_id.0),
        workspace_id: Some(after.workspace_id),
        detail: json!({ "partition_id": after.partition_id, "access": after.access }),
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
    }
}

async fn find(tx: &Tx, workspace: WorkspaceId, partition: PartitionId) -> Result<Option<Binding>> {
    let found = binding::explicit(tx, Ends::between(workspace, partition)).await?;
    Ok(found.into_iter().next())
}

async fn row(tx: &Tx, workspace: WorkspaceId, partition: PartitionId) -> Result<Binding> {
    find(tx, workspace, partition).await?.ok_or_else(|| binding_not_found(workspace, partition))
}

/// What a flaw means for the caller; `at` is the binding that it is about.
pub(super) fn refusal(flaw: Flaw, at: Option<(WorkspaceId, PartitionId)>) -> Error {
    match flaw {
        Flaw::NoPartition => {
            let message = "a workspace needs at least one partition, or all_partitions";
            let field = if at.is_some() { "partition_id" } else { "partition_ids" };
            Error::new(Reason::NoPartition, message).field(field)
        }
        Flaw::PrimaryRequired => primary_required(at.map(|(id, _)| id)),
        Flaw::PrimaryNotBound => Error::invalid(
            "primary_partition_id",
            "must be one of partition_ids, since the workspace does not see all partitions",
        ),
        Flaw::PrimaryReadOnly => read_only(at),
        Flaw::NothingToReplace => Error::invalid(
            "new_primary_partition_id",
            "must be empty: the partition to unbind is not the primary one",
        ),
    }
}

/// PRIMARY_PARTITION_REQUIRED.
pub(super) fn primary_required(workspace: Option<WorkspaceId>) -> Error {
    let message = "a workspace needs one primary partition that is bound and writable; name it in the \
                   same call";
    let error = Error::new(Reason::PrimaryPartitionRequired, message);
    match workspace {
        Some(id) => error.with("workspace_id", id).resource(Noun::Workspace, id.to_string()),
        None => error,
    }
}

fn read_only(at: Option<(WorkspaceId, PartitionId)>) -> Error {
    let message = "the primary partition must be writable; bind it READ_WRITE";
    let error = Error::new(Reason::PartitionReadOnly, message);
    match at {
        Some((workspace, partition)) => error
            .with("workspace_id", workspace)
            .with("partition_id", partition)
            .resource(Noun::Partition, partition.to_string()),
        None => error,
    }
}

fn binding_not_found(workspace: WorkspaceId, partition: PartitionId) -> Error {
    Error::new(Reason::BindingNotFound, "binding not found")
        .with("workspace_id", workspace)
        .with("partition_id", partition)
        .resource(Noun::Binding, format!("{workspace}/{partition}"))
}
