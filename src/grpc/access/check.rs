//! `AccessService`: checks.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::access::Access;

pub(super) async fn check_access(
    _access: &Access,
    _request: Request<pb::CheckAccessRequest>,
) -> Result<Response<pb::CheckAccessResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn batch_check_access(
    _access: &Access,
    _request: Request<pb::BatchCheckAccessRequest>,
) -> Result<Response<pb::BatchCheckAccessResponse>, Status> {
    Err(Status::unimplemented("to come"))
}
