//! Reading assets, their versions, and what uses them.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn get_asset(
    _: &Assets,
    _: Request<pb::GetAssetRequest>,
) -> Result<Response<pb::GetAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn batch_get_assets(
    _: &Assets,
    _: Request<pb::BatchGetAssetsRequest>,
) -> Result<Response<pb::BatchGetAssetsResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn list_assets(
    _: &Assets,
    _: Request<pb::ListAssetsRequest>,
) -> Result<Response<pb::ListAssetsResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn list_asset_versions(
    _: &Assets,
    _: Request<pb::ListAssetVersionsRequest>,
) -> Result<Response<pb::ListAssetVersionsResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn list_used_by(
    _: &Assets,
    _: Request<pb::ListUsedByRequest>,
) -> Result<Response<pb::ListUsedByResponse>, Status> {
    Err(Status::unimplemented(""))
}
