//! `AccessService`: api keys.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::access::Access;

pub(super) async fn create_api_key(
    _access: &Access,
    _request: Request<pb::CreateApiKeyRequest>,
) -> Result<Response<pb::CreateApiKeyResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn list_api_keys(
    _access: &Access,
    _request: Request<pb::ListApiKeysRequest>,
) -> Result<Response<pb::ListApiKeysResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn rotate_api_key(
    _access: &Access,
    _request: Request<pb::RotateApiKeyRequest>,
) -> Result<Response<pb::RotateApiKeyResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn revoke_api_key(
    _access: &Access,
    _request: Request<pb::RevokeApiKeyRequest>,
) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
    Err(Status::unimplemented("to come"))
}
