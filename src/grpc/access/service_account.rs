//! `AccessService`: service accounts.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::access::Access;

pub(super) async fn create_service_account(
    _access: &Access,
    _request: Request<pb::CreateServiceAccountRequest>,
) -> Result<Response<pb::CreateServiceAccountResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn get_service_account(
    _access: &Access,
    _request: Request<pb::GetServiceAccountRequest>,
) -> Result<Response<pb::GetServiceAccountResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn list_service_accounts(
    _access: &Access,
    _request: Request<pb::ListServiceAccountsRequest>,
) -> Result<Response<pb::ListServiceAccountsResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn update_service_account(
    _access: &Access,
    _request: Request<pb::UpdateServiceAccountRequest>,
) -> Result<Response<pb::UpdateServiceAccountResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn delete_service_account(
    _access: &Access,
    _request: Request<pb::DeleteServiceAccountRequest>,
) -> Result<Response<pb::DeleteServiceAccountResponse>, Status> {
    Err(Status::unimplemented("to come"))
}
