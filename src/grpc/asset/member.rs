//! The people in programs.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::service::asset::Assets;

pub(super) async fn add_program_members(
    _: &Assets,
    _: Request<pb::AddProgramMembersRequest>,
) -> Result<Response<pb::AddProgramMembersResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn remove_program_members(
    _: &Assets,
    _: Request<pb::RemoveProgramMembersRequest>,
) -> Result<Response<pb::RemoveProgramMembersResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn list_program_members(
    _: &Assets,
    _: Request<pb::ListProgramMembersRequest>,
) -> Result<Response<pb::ListProgramMembersResponse>, Status> {
    Err(Status::unimplemented(""))
}

pub(super) async fn count_program_members(
    _: &Assets,
    _: Request<pb::CountProgramMembersRequest>,
) -> Result<Response<pb::CountProgramMembersResponse>, Status> {
    Err(Status::unimplemented(""))
}
