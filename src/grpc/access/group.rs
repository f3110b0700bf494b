//! `AccessService`: groups.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::access::Access;

pub(super) async fn create_group(
    _access: &Access,
    _request: Request<pb::CreateGroupRequest>,
) -> Result<Response<pb::CreateGroupResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn get_group(
    _access: &Access,
    _request: Request<pb::GetGroupRequest>,
) -> Result<Response<pb::GetGroupResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn list_groups(
    _access: &Access,
    _request: Request<pb::ListGroupsRequest>,
) -> Result<Response<pb::ListGroupsResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn update_group(
    _access: &Access,
    _request: Request<pb::UpdateGroupRequest>,
) -> Result<Response<pb::UpdateGroupResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn delete_group(
    _access: &Access,
    _request: Request<pb::DeleteGroupRequest>,
) -> Result<Response<pb::DeleteGroupResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn add_group_members(
    _access: &Access,
    _request: Request<pb::AddGroupMembersRequest>,
) -> Result<Response<pb::AddGroupMembersResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn remove_group_members(
    _access: &Access,
    _request: Request<pb::RemoveGroupMembersRequest>,
) -> Result<Response<pb::RemoveGroupMembersResponse>, Status> {
    Err(Status::unimplemented("to come"))
}

pub(super) async fn list_group_members(
    _access: &Access,
    _request: Request<pb::ListGroupMembersRequest>,
) -> Result<Response<pb::ListGroupMembersResponse>, Status> {
    Err(Status::unimplemented("to come"))
}
