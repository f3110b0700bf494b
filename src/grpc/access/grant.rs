//! `AccessService`: grants, and who holds what in a workspace.

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::entity::Grant;
use crate::grpc::decode::{self, Fields};
use crate::grpc::{open, plan, planned, reply};
use crate::pb;
use crate::repository::grant::Filter;
use crate::service::access::Access;
use crate::service::access::grant::NewGrant;
use crate::service::access::users::WorkspaceUser;

pub(super) async fn create_grant(
    access: &Access,
    request: Request<pb::CreateGrantRequest>,
) -> Result<Response<pb::CreateGrantResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let message = decode::required("grant", request.grant)?;
    let mut fields = Fields::default();
    let new = NewGrant {
        principal: fields.principal("grant.principal", &message.principal),
        role: fields.id("grant.role_id", &message.role_id),
        workspace: fields.optional_id("grant.workspace_id", &message.workspace_id),
    };
    fields.check()?;
    let made = access.create_grant(&ctx, &new).await?;
    Ok(planned(made, |made, plan, revision| pb::CreateGrantResponse {
        plan,
        grant: Some(made.into()),
        revision,
    }))
}

pub(super) async fn delete_grant(
    access: &Access,
    request: Request<pb::DeleteGrantRequest>,
) -> Result<Response<pb::DeleteGrantResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let id = decode::id("grant_id", &request.grant_id)?;
    let gone = access.delete_grant(&ctx, id).await?;
    Ok(planned(gone, |(), plan, revision| pb::DeleteGrantResponse { plan, revision }))
}

pub(super) async fn list_grants(
    access: &Access,
    request: Request<pb::ListGrantsRequest>,
) -> Result<Response<pb::ListGrantsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let mut fields = Fields::default();
    let filter = Filter {
        workspace: fields.optional_id("workspace_id", &request.workspace_id),
        principal: fields.optional_principal("principal", &request.principal),
        role: fields.optional_id("role_id", &request.role_id),
    };
    fields.check()?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.list_grants(&ctx, &filter, size, token).await?;
    Ok(reply(page, |page, _| pb::ListGrantsResponse {
        grants: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn list_workspace_users(
    access: &Access,
    request: Request<pb::ListWorkspaceUsersRequest>,
) -> Result<Response<pb::ListWorkspaceUsersResponse>, Status> {
    let (ctx, request) = open(request)?;
    let workspace = decode::id("workspace_id", &request.workspace_id)?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.workspace_users(&ctx, workspace, size, token).await?;
    Ok(reply(page, |page, _| pb::ListWorkspaceUsersResponse {
        users: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

impl From<Grant> for pb::Grant {
    fn from(grant: Grant) -> Self {
        Self {
            grant_id: grant.id.to_string(),
            principal: grant.principal,
            role_id: grant.role_id.to_string(),
            workspace_id: grant.workspace_id.map(|id| id.to_string()).unwrap_or_default(),
            granted_by: grant.granted_by,
            create_time: Some(timestamp(grant.create_time)),
        }
    }
}

impl From<WorkspaceUser> for pb::WorkspaceUser {
    fn from(user: WorkspaceUser) -> Self {
        let role = |(role, name): (crate::domain::visibility::Role, String)| pb::WorkspaceRole {
            role_id: role.id.to_string(),
            display_name: name,
            group_id: role.group.map(|id| id.to_string()).unwrap_or_default(),
            tenant_wide: role.tenant_wide,
        };
        Self { principal: user.principal, roles: user.roles.into_iter().map(role).collect() }
    }
}
