//! Making, changing, moving and deleting assets.

use tonic::{Request, Response, Status};

use super::convert;
use crate::domain::asset::Type;
use crate::error::Result as Parsed;
use crate::grpc::decode::{self, Fields};
use crate::grpc::filter::filter;
use crate::grpc::{mutate, plan, planned, reply};
use crate::id::AssetId;
use crate::pb;
use crate::service::asset::{AssetPatch, Assets, Move, NewAsset, Target};

const MUTABLE: &[&str] =
    &["display_name", "description", "content", "filter", "references", "active"];
const IMMUTABLE: &[&str] = &[
    "asset_id",
    "workspace_id",
    "folder_id",
    "parent_program_id",
    "type",
    "state",
    "version",
    "approved_version",
    "sharing_state",
    "read_only",
    "owner_workspace_id",
    "origin_asset_id",
    "origin_workspace_id",
    "area",
    "etag",
    "create_time",
    "update_time",
];

pub(super) async fn create_asset(
    assets: &Assets,
    request: Request<pb::CreateAssetRequest>,
) -> Result<Response<pb::CreateAssetResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = decode::required("asset", request.asset)?;
    let new = new(&request.workspace_id, &message)?;
    let made = assets.create(&ctx, &new).await?;
    Ok(reply(made, |made, revision| pb::CreateAssetResponse { asset: Some(made.into()), revision }))
}

pub(super) async fn update_asset(
    assets: &Assets,
    request: Request<pb::UpdateAssetRequest>,
) -> Result<Response<pb::UpdateAssetResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = decode::required("asset", request.asset)?;
    let patch = patch(&request.workspace_id, message, request.update_mask)?;
    let changed = assets.update(&ctx, &patch).await?;
    Ok(reply(changed, |changed, revision| pb::UpdateAssetResponse {
        asset: Some(changed.into()),
        revision,
    }))
}

pub(super) async fn delete_asset(
    assets: &Assets,
    request: Request<pb::DeleteAssetRequest>,
) -> Result<Response<pb::DeleteAssetResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let id = fields.id("asset_id", &request.asset_id);
    fields.check()?;
    let gone = assets.delete(&ctx, workspace, id, &request.etag).await?;
    Ok(planned(gone, |gone, plan, revision| pb::DeleteAssetResponse {
        plan,
        deleted_assets: i64::try_from(gone).unwrap_or(i64::MAX),
        revision,
    }))
}

pub(super) async fn move_asset(
    assets: &Assets,
    request: Request<pb::MoveAssetRequest>,
) -> Result<Response<pb::MoveAssetResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let mut fields = Fields::default();
    let folder = fields.optional_id("target_folder_id", &request.target_folder_id);
    let program = fields.optional_id("target_program_id", &request.target_program_id);
    if request.target_folder_id.is_empty() && request.target_program_id.is_empty() {
        fields.violate("target_folder_id", "must be set, or target_program_id");
    }
    let how = Move {
        workspace: fields.id("workspace_id", &request.workspace_id),
        id: fields.id("asset_id", &request.asset_id),
        target: match program {
            Some(program) => Target::Program(program, folder),
            None => Target::Folder(folder.unwrap_or_default()),
        },
        etag: request.etag,
    };
    fields.check()?;
    let moved = assets.relocate(&ctx, &how).await?;
    Ok(planned(moved, |moved, plan, revision| pb::MoveAssetResponse {
        plan,
        asset: Some(moved.into()),
        revision,
    }))
}

fn new(workspace: &str, message: &pb::Asset) -> Parsed<NewAsset> {
    let mut fields = Fields::default();
    let kind = convert::asset_type(message.r#type);
    let kind =
        fields.take("asset.type", kind.and_then(|one| one.ok_or("must be set".into())).map(Some));
    if let Some(kind) = kind {
        refuse_unfit(&mut fields, message, kind);
    }
    let new = NewAsset {
        id: AssetId::new(),
        origin: None,
        workspace: fields.id("workspace_id", workspace),
        folder: fields.optional_id("asset.folder_id", &message.folder_id),
        program: fields.optional_id("asset.parent_program_id", &message.parent_program_id),
        kind: kind.unwrap_or(Type::Program),
        display_name: convert::display_name(&mut fields, message),
        description: convert::description(&mut fields, message),
        content: convert::content(&mut fields, message),
        filter: filter(&mut fields, "asset.filter", message.filter.as_ref()),
        references: convert::references(&mut fields, &message.references),
        active: message.active,
    };
    fields.check().map(|()| new)
}

/// What assets of the type cannot be.
fn refuse_unfit(fields: &mut Fields, message: &pb::Asset, kind: Type) {
    if !message.parent_program_id.is_empty() && !kind.traits().local {
        let text = format!("must be empty for a {kind}, which is in no program");
        fields.violate("asset.parent_program_id", text);
    }
    if message.active && !kind.runs() {
        fields.violate("asset.active", format!("a {kind} cannot run"));
    }
}

fn patch(
    workspace: &str,
    message: pb::Asset,
    mask: Option<prost_types::FieldMask>,
) -> Parsed<AssetPatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
        ("content", message.content.is_some()),
        ("filter", message.filter.is_some()),
        ("references", !message.references.is_empty()),
        ("active", message.active),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let named = |path: &str| paths.contains(path);
    let patch = AssetPatch {
        workspace: fields.id("workspace_id", workspace),
        id: fields.id("asset.asset_id", &message.asset_id),
        display_name: named("display_name").then(|| convert::display_name(&mut fields, &message)),
        description: named("description").then(|| convert::description(&mut fields, &message)),
        content: named("content").then(|| convert::content(&mut fields, &message)),
        filter: named("filter")
            .then(|| filter(&mut fields, "asset.filter", message.filter.as_ref())),
        references: named("references")
            .then(|| convert::references(&mut fields, &message.references)),
        active: named("active").then_some(message.active),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}
