//! What a person gets to see of an asset.

use tonic::{Request, Response, Status};

use crate::grpc::decode::Fields;
use crate::grpc::{json, open, reply, segmentation};
use crate::pb;
use crate::service::asset::{Assets, Resolved};

pub(super) async fn resolve_content(
    assets: &Assets,
    request: Request<pb::ResolveContentRequest>,
) -> Result<Response<pb::ResolveContentResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let id = fields.id("asset_id", &request.asset_id);
    let person = fields.id("person_id", &request.person_id);
    fields.check()?;
    let resolved = assets.resolve(&ctx, workspace, id, person).await?;
    Ok(reply(resolved, response))
}

fn response(resolved: Resolved, revision: i64) -> pb::ResolveContentResponse {
    let plain = pb::ResolveContentResponse {
        content: Some(json::message(&resolved.content)),
        version: resolved.version,
        revision,
        ..pb::ResolveContentResponse::default()
    };
    let Some(varied) = resolved.variation else { return plain };
    pb::ResolveContentResponse {
        segmentation_id: varied.segmentation.to_string(),
        segmentation_version: varied.version,
        segment_id: varied.segment.map(|id| id.to_string()).unwrap_or_default(),
        segment_display_name: varied.display_name.unwrap_or_default(),
        is_default: varied.is_default,
        coverage: Some(segmentation::coverage(Some(varied.partition), varied.coverage)),
        ..plain
    }
}
