//! Approving drafts, taking what is live back, and throwing drafts away.

use tonic::{Request, Response, Status};

use crate::error::Result as Parsed;
use crate::grpc::decode::Fields;
use crate::grpc::{mutate, reply};
use crate::id::{AssetId, WorkspaceId};
use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn approve_asset(
    assets: &Assets,
    request: Request<pb::ApproveAssetRequest>,
) -> Result<Response<pb::ApproveAssetResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let (workspace, id) = ids(&request.workspace_id, &request.asset_id)?;
    let approved = assets.approve(&ctx, workspace, id, &request.etag).await?;
    Ok(reply(approved, |approved, revision| pb::ApproveAssetResponse {
        asset: Some(approved.into()),
        revision,
    }))
}

pub(super) async fn unapprove_asset(
    assets: &Assets,
    request: Request<pb::UnapproveAssetRequest>,
) -> Result<Response<pb::UnapproveAssetResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let (workspace, id) = ids(&request.workspace_id, &request.asset_id)?;
    let draft = assets.unapprove(&ctx, workspace, id, &request.etag).await?;
    Ok(reply(draft, |draft, revision| pb::UnapproveAssetResponse {
        asset: Some(draft.into()),
        revision,
    }))
}

pub(super) async fn discard_draft(
    assets: &Assets,
    request: Request<pb::DiscardDraftRequest>,
) -> Result<Response<pb::DiscardDraftResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let (workspace, id) = ids(&request.workspace_id, &request.asset_id)?;
    let left = assets.discard_draft(&ctx, workspace, id, &request.etag).await?;
    Ok(reply(left, |left, revision| pb::DiscardDraftResponse {
        asset: Some(left.into()),
        revision,
    }))
}

fn ids(workspace: &str, asset: &str) -> Parsed<(WorkspaceId, AssetId)> {
    let mut fields = Fields::default();
    let ids = (fields.id("workspace_id", workspace), fields.id("asset_id", asset));
    fields.check().map(|()| ids)
}
