//! `AccessService`: roles.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::access::Access;

pub(super) async fn list_permissions(
    _access: &Access,
    _request: Request<pb::ListPermissionsRequest>,
) -> Result<Response<pb::ListPermissionsResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn create_role(
    _access: &Access,
    _request: Request<pb::CreateRoleRequest>,
) -> Result<Response<pb::CreateRoleResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn get_role(
    _access: &Access,
    _request: Request<pb::GetRoleRequest>,
) -> Result<Response<pb::GetRoleResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn list_roles(
    _access: &Access,
    _request: Request<pb::ListRolesRequest>,
) -> Result<Response<pb::ListRolesResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn update_role(
    _access: &Access,
    _request: Request<pb::UpdateRoleRequest>,
) -> Result<Response<pb::UpdateRoleResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn delete_role(
    _access: &Access,
    _request: Request<pb::DeleteRoleRequest>,
) -> Result<Response<pb::DeleteRoleResponse>, Status> {
    Err(Status::unimplemented("to come"))
}
