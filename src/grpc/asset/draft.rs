//! Approving, and taking it back.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn approve_asset(
    _: &Assets,
    _: Request<pb::ApproveAssetRequest>,
) -> Result<Response<pb::ApproveAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn unapprove_asset(
    _: &Assets,
    _: Request<pb::UnapproveAssetRequest>,
) -> Result<Response<pb::UnapproveAssetResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn discard_draft(
    _: &Assets,
    _: Request<pb::DiscardDraftRequest>,
) -> Result<Response<pb::DiscardDraftResponse>, Status> {
    Err(Status::unimplemented(""))
}
