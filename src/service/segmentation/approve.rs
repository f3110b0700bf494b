//! Approving segmentations, taking approvals back, and computing them anew (G-03, G-10).

use serde_json::Value as Json;

use super::view::{View, definition, full, not_found, own};
use super::{Segmentations, check, not_approved, refuse_running};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::visibility::Reach;
use crate::entity::operation::Kind;
use crate::entity::{Asset, Operation, Segmentation};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{self, Answer, Tx, segmentation};
use crate::service::operation::{self, New};
use crate::service::{asset, content};

// === impl Segmentations ===

impl Segmentations {
    /// Begins to compute the draft of a segmentation, to make it the live version.
    pub async fn approve(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<Operation>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                asset::begin(tx, ctx, workspace).await?;
                let found = own(tx, workspace, id, etag).await?;
                if !found.has_draft {
                    return Err(no_draft(id));
                }
                let draft = definition(tx, id, 0).await?;
                check::stored(tx, &found, &draft).await?;
                let row = state(tx, &found).await?;
                refuse_running(Some(&row))?;
                let row = Segmentation { next_version: Some(0), ..row };
                begin(tx, ctx, workspace, row, Kind::ApproveSegmentation).await
            })
            .await
    }

    /// Begins to compute the approved version of a segmentation anew.
    pub async fn recompute(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<Answer<Operation>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                asset::begin(tx, ctx, workspace).await?;
                let found = own(tx, workspace, id, "").await?;
                let version = found.approved_version.ok_or_else(|| not_approved(id))?;
                let live = definition(tx, id, version).await?;
                check::stored(tx, &found, &live).await?;
                let row = state(tx, &found).await?;
                refuse_running(Some(&row))?;
                let row = Segmentation { next_version: Some(version), ..row };
                begin(tx, ctx, workspace, row, Kind::RecomputeSegmentation).await
            })
            .await
    }

    /// Takes the approved version of a segmentation back; its results are gone at once.
    pub async fn unapprove(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                asset::begin(tx, ctx, workspace).await?;
                let found = own(tx, workspace, id, etag).await?;
                if found.approved_version.is_none() {
                    return Err(not_approved(id));
                }
                let row = state(tx, &found).await?;
                refuse_running(Some(&row))?;
                let after = asset::unapprove(tx, ctx, found).await?;
                let row = Segmentation {
                    live_generation: None,
                    live_version: None,
                    stale_time: None,
                    stale_reason: String::new(),
                    ..row
                };
                segmentation::hold(tx).await?;
                segmentation::schedule(tx, row).await?;
                segmentation::coverage::follow(tx).await?;
                full(tx, workspace, after.asset, Reach::Own { shared: false }).await
            })
            .await
    }
}

/// Starts to compute the next generation.
async fn begin(
    tx: &Tx,
    ctx: &Context,
    workspace: WorkspaceId,
    mut row: Segmentation,
    kind: Kind,
) -> Result<Operation> {
    let id = row.id;
    let new = New {
        kind,
        workspace: Some(workspace),
        resource: Some(id.0),
        request: Json::Null,
        total: 0,
    };
    let operation = operation::start(tx, ctx, new).await?;
    segmentation::hold(tx).await?;
    segmentation::anew(&mut row);
    row.operation_id = Some(operation.id.0);
    segmentation::save(tx, &row).await?;
    segmentation::coverage::follow(tx).await?;
    Ok(operation)
}

/// The state of a segmentation, also of one that never had any.
async fn state(tx: &Tx, asset: &Asset) -> Result<Segmentation> {
    let new = || Segmentation {
        tenant_id: tx.tenant(),
        id: asset.id,
        live_generation: None,
        live_version: None,
        next_generation: None,
        next_version: None,
        generations: 0,
        operation_id: None,
        stale_time: None,
        stale_reason: String::new(),
    };
    Ok(segmentation::get(tx, asset.id).await?.unwrap_or_else(new))
}

/// NOT_APPROVABLE: there is no draft.
fn no_draft(id: AssetId) -> Error {
    let message = "the segmentation has no draft: what is approved is all there is; change its segments first";
    Error::new(Reason::NotApprovable, message)
        .with("asset_id", id)
        .with("type", Type::Segmentation)
        .resource(Noun::Segmentation, id.to_string())
}

/// Makes a draft that is computed the approved version; its number.
pub(super) async fn make_live(tx: &Tx, ctx: &Context, id: AssetId) -> Result<i64> {
    let found = repository::asset::get(tx, id).await?.ok_or_else(|| not_found(id))?;
    content::hold(tx, &[found.workspace_id]).await?;
    let after = asset::approve(tx, ctx, found).await?;
    Ok(after.asset.approved_version.unwrap_or_default())
}
