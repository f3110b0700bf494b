//! `WorkspaceService`.

mod convert;

use tonic::{Request, Response, Status};

use super::decode::{self, Fields};
use super::{open, plan, planned, reply};
use crate::config::{BATCH_MAX, NAME_MAX};
use crate::domain::order::Order;
use crate::domain::text;
use crate::pb;
use crate::pb::workspace_service_server::WorkspaceService;
use crate::repository::workspace::Show;
use crate::service::workspace::{Deletion, Listing, Restore, Workspaces};

/// The service.
#[derive(Clone)]
pub struct Api {
    workspaces: Workspaces,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(workspaces: Workspaces) -> Self {
        Self { workspaces }
    }
}

#[tonic::async_trait]
impl WorkspaceService for Api {
    async fn create_workspace(
        &self,
        request: Request<pb::CreateWorkspaceRequest>,
    ) -> Result<Response<pb::CreateWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let new = convert::new(request)?;
        let made = self.workspaces.create(&ctx, &new).await?;
        Ok(planned(made, |made, plan, revision| pb::CreateWorkspaceResponse {
            plan,
            workspace: Some(made.into()),
            revision,
        }))
    }

    async fn get_workspace(
        &self,
        request: Request<pb::GetWorkspaceRequest>,
    ) -> Result<Response<pb::GetWorkspaceResponse>, Status> {
        let (ctx, request) = open(request)?;
        let id = decode::id("workspace_id", &request.workspace_id)?;
        let found = self.workspaces.get(&ctx, id).await?;
        Ok(reply(found, |found, _| pb::GetWorkspaceResponse { workspace: Some(found.into()) }))
    }

    async fn batch_get_workspaces(
        &self,
        request: Request<pb::BatchGetWorkspacesRequest>,
    ) -> Result<Response<pb::BatchGetWorkspacesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let ids = decode::some_ids("workspace_ids", &request.workspace_ids, BATCH_MAX)?;
        let found = self.workspaces.batch_get(&ctx, &ids).await?;
        Ok(reply(found, |found, _| pb::BatchGetWorkspacesResponse {
            workspaces: found.into_iter().map(Into::into).collect(),
        }))
    }

    async fn list_workspaces(
        &self,
        request: Request<pb::ListWorkspacesRequest>,
    ) -> Result<Response<pb::ListWorkspacesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let listing = Listing {
            show: Show {
                deleted: request.show_deleted,
                archived: request.show_archived,
                except: None,
            },
            order: decode::order(&request.order_by, "display_name")?,
            page_size: request.page_size,
            page_token: request.page_token,
        };
        let page = self.workspaces.list(&ctx, &listing).await?;
        Ok(reply(page, |page, _| pb::ListWorkspacesResponse {
            workspaces: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_workspace(
        &self,
        request: Request<pb::UpdateWorkspaceRequest>,
    ) -> Result<Response<pb::UpdateWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let message = decode::required("workspace", request.workspace)?;
        let patch = convert::patch(message, request.update_mask)?;
        let changed = self.workspaces.update(&ctx, &patch).await?;
        Ok(planned(changed, |changed, plan, revision| pb::UpdateWorkspaceResponse {
            plan,
            workspace: Some(changed.into()),
            revision,
        }))
    }

    async fn archive_workspace(
        &self,
        request: Request<pb::ArchiveWorkspaceRequest>,
    ) -> Result<Response<pb::ArchiveWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let id = decode::id("workspace_id", &request.workspace_id)?;
        let archived = self.workspaces.archive(&ctx, id, &request.etag, true).await?;
        Ok(planned(archived, |archived, plan, revision| pb::ArchiveWorkspaceResponse {
            plan,
            workspace: Some(archived.into()),
            revision,
        }))
    }

    async fn unarchive_workspace(
        &self,
        request: Request<pb::UnarchiveWorkspaceRequest>,
    ) -> Result<Response<pb::UnarchiveWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let id = decode::id("workspace_id", &request.workspace_id)?;
        let active = self.workspaces.archive(&ctx, id, &request.etag, false).await?;
        Ok(planned(active, |active, plan, revision| pb::UnarchiveWorkspaceResponse {
            plan,
            workspace: Some(active.into()),
            revision,
        }))
    }

    async fn delete_workspace(
        &self,
        request: Request<pb::DeleteWorkspaceRequest>,
    ) -> Result<Response<pb::DeleteWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let id = fields.id("workspace_id", &request.workspace_id);
        if request.expected_asset_count < 0 {
            fields.violate("expected_asset_count", "must not be negative");
        }
        fields.check()?;
        let how = Deletion {
            id,
            etag: request.etag,
            expected_assets: request.force.then_some(request.expected_asset_count),
        };
        let deleted = self.workspaces.delete(&ctx, &how).await?;
        Ok(planned(deleted, |deleted, plan, revision| pb::DeleteWorkspaceResponse {
            plan,
            workspace: Some(deleted.detail.into()),
            revision,
            orphaned_partition_ids: deleted.orphans.iter().map(ToString::to_string).collect(),
        }))
    }

    async fn undelete_workspace(
        &self,
        request: Request<pb::UndeleteWorkspaceRequest>,
    ) -> Result<Response<pb::UndeleteWorkspaceResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let name = &request.display_name;
        let how = Restore {
            id: fields.id("workspace_id", &request.workspace_id),
            display_name: (!name.is_empty())
                .then(|| fields.take("display_name", text::name(name, NAME_MAX))),
            primary: fields.optional_id("primary_partition_id", &request.primary_partition_id),
        };
        fields.check()?;
        let restored = self.workspaces.undelete(&ctx, &how).await?;
        Ok(planned(restored, |restored, plan, revision| pb::UndeleteWorkspaceResponse {
            plan,
            workspace: Some(restored.detail.into()),
            revision,
            suspended_shares: restored.suspended.into_iter().map(Into::into).collect(),
        }))
    }

    async fn list_accessible_workspaces(
        &self,
        request: Request<pb::ListAccessibleWorkspacesRequest>,
    ) -> Result<Response<pb::ListAccessibleWorkspacesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let listing = Listing {
            show: Show::default(),
            order: Order::NAME,
            page_size: request.page_size,
            page_token: request.page_token,
        };
        let page = self.workspaces.accessible(&ctx, &listing).await?;
        Ok(reply(page, |page, _| pb::ListAccessibleWorkspacesResponse {
            workspaces: page.items.into_iter().map(convert::accessible).collect(),
            next_page_token: page.next,
        }))
    }
}
