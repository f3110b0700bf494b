//! Copying assets.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn clone_asset(
    _: &Assets,
    _: Request<pb::CloneAssetRequest>,
) -> Result<Response<pb::CloneAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}
