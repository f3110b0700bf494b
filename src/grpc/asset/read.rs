//! Reading assets, their versions, and what uses them.

use tonic::{Request, Response, Status};

use super::convert;
use crate::clock::timestamp;
use crate::config::BATCH_MAX;
use crate::domain::asset::Type;
use crate::grpc::decode::{self, Fields};
use crate::grpc::{open, reply};
use crate::pb;
use crate::service::asset::{Assets, Listing, Use, Version};

pub(super) async fn get_asset(
    assets: &Assets,
    request: Request<pb::GetAssetRequest>,
) -> Result<Response<pb::GetAssetResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let id = fields.id("asset_id", &request.asset_id);
    if request.version < 0 {
        fields.violate("version", "must not be negative; 0 takes the newest");
    }
    fields.check()?;
    let found = assets.get(&ctx, workspace, id, request.version).await?;
    Ok(reply(found, |found, _| pb::GetAssetResponse { asset: Some(found.into()) }))
}

pub(super) async fn batch_get_assets(
    assets: &Assets,
    request: Request<pb::BatchGetAssetsRequest>,
) -> Result<Response<pb::BatchGetAssetsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let view = pb::AssetView::try_from(request.view);
    let view = fields.take("view", view.map_err(|_| "is not a value of AssetView".into()));
    if request.asset_ids.is_empty() {
        fields.violate("asset_ids", format!("must have 1 to {BATCH_MAX} items"));
    }
    let ids = fields.ids("asset_ids", &request.asset_ids, BATCH_MAX);
    fields.check()?;
    let full = view == pb::AssetView::Full;
    let found = assets.batch_get(&ctx, workspace, &ids, full).await?;
    Ok(reply(found, |found, _| pb::BatchGetAssetsResponse {
        assets: found.into_iter().map(Into::into).collect(),
    }))
}

pub(super) async fn list_assets(
    assets: &Assets,
    request: Request<pb::ListAssetsRequest>,
) -> Result<Response<pb::ListAssetsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let listing = Listing {
        workspace: fields.id("workspace_id", &request.workspace_id),
        folder: fields.optional_id("folder_id", &request.folder_id),
        program: fields.optional_id("program_id", &request.program_id),
        types: types(&mut fields, &request.types),
        order: decode::order(&request.order_by, "display_name")?,
        page_size: request.page_size,
        page_token: request.page_token,
    };
    if listing.folder.is_some() && listing.program.is_some() {
        fields.violate("program_id", "must be empty if folder_id is set");
    }
    fields.check()?;
    let page = assets.list(&ctx, &listing).await?;
    Ok(reply(page, |page, _| pb::ListAssetsResponse {
        assets: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn list_asset_versions(
    assets: &Assets,
    request: Request<pb::ListAssetVersionsRequest>,
) -> Result<Response<pb::ListAssetVersionsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let id = fields.id("asset_id", &request.asset_id);
    fields.check()?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = assets.versions(&ctx, workspace, id, size, token).await?;
    Ok(reply(page, |page, _| pb::ListAssetVersionsResponse {
        versions: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn list_used_by(
    assets: &Assets,
    request: Request<pb::ListUsedByRequest>,
) -> Result<Response<pb::ListUsedByResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let id = fields.id("asset_id", &request.asset_id);
    fields.check()?;
    let (size, token) = (request.page_size, &request.page_token);
    let uses = assets.used_by(&ctx, workspace, id, size, token).await?;
    Ok(reply(uses, |uses, _| pb::ListUsedByResponse {
        uses: uses.page.items.into_iter().map(Into::into).collect(),
        next_page_token: uses.page.next,
        hidden_count: uses.hidden,
    }))
}

/// The types that a list is cut to, none of them unspecified.
fn types(fields: &mut Fields, numbers: &[i32]) -> Vec<Type> {
    let mut types = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let parsed = convert::asset_type(*number).and_then(|one| one.ok_or("must be set".into()));
        types.extend(fields.take(&format!("types[{i}]"), parsed.map(Some)));
    }
    types.sort_unstable();
    types.dedup();
    types
}

impl From<Version> for pb::AssetVersion {
    fn from(version: Version) -> Self {
        Self {
            version: version.number,
            references: version.references.into_iter().map(Into::into).collect(),
            approved_by: version.approved_by,
            approve_time: Some(timestamp(version.approve_time)),
            live: version.live,
        }
    }
}

impl From<Use> for pb::AssetUse {
    fn from(one: Use) -> Self {
        Self {
            workspace_id: one.workspace.to_string(),
            asset_id: one.asset.to_string(),
            display_name: one.display_name,
            r#type: pb::AssetType::from(one.asset_type).into(),
            kind: pb::ReferenceKind::from(one.kind).into(),
            in_draft: one.in_draft,
            in_live: one.in_live,
            broken: one.breach.map(pb::BrokenReason::from).unwrap_or_default().into(),
        }
    }
}
