//! Making, changing, moving and deleting assets.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn create_asset(
    _: &Assets,
    _: Request<pb::CreateAssetRequest>,
) -> Result<Response<pb::CreateAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn update_asset(
    _: &Assets,
    _: Request<pb::UpdateAssetRequest>,
) -> Result<Response<pb::UpdateAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn delete_asset(
    _: &Assets,
    _: Request<pb::DeleteAssetRequest>,
) -> Result<Response<pb::DeleteAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn move_asset(
    _: &Assets,
    _: Request<pb::MoveAssetRequest>,
) -> Result<Response<pb::MoveAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}
