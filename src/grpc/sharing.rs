//! `SharingService`.

use tonic::{Request, Response, Status};

use super::decode::Fields;
use super::{open, plan, planned, reply};
use crate::clock::timestamp;
use crate::config::BATCH_MAX;
use crate::id::{AssetId, WorkspaceId};
use crate::pb;
use crate::pb::sharing_service_server::SharingService;
use crate::repository::share::Share;
use crate::service::sharing::{Change, Page, Sharing, Targets};

/// The service.
#[derive(Clone)]
pub struct Api {
    sharing: Sharing,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(sharing: Sharing) -> Self {
        Self { sharing }
    }
}

#[tonic::async_trait]
impl SharingService for Api {
    async fn share_folder(
        &self,
        request: Request<pb::ShareFolderRequest>,
    ) -> Result<Response<pb::ShareFolderResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let how = Change {
            workspace: fields.id("workspace_id", &request.workspace_id),
            folder: fields.id("folder_id", &request.folder_id),
            targets: Targets::Just(fields.ids(
                "target_workspace_ids",
                &request.target_workspace_ids,
                BATCH_MAX,
            )),
            force: request.force,
        };
        fields.check()?;
        let shared = self.sharing.share(&ctx, &how).await?;
        Ok(planned(shared, |shared, plan, revision| pb::ShareFolderResponse {
            plan,
            shares: shared.shares.into_iter().map(Into::into).collect(),
            warnings: shared.without_overlap.into_iter().map(no_overlap).collect(),
            revision,
        }))
    }

    async fn unshare_folder(
        &self,
        request: Request<pb::UnshareFolderRequest>,
    ) -> Result<Response<pb::UnshareFolderResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        if request.target_workspace_ids.is_empty() {
            fields.violate("target_workspace_ids", format!("must have 1 to {BATCH_MAX} items"));
        }
        let targets = fields.ids("target_workspace_ids", &request.target_workspace_ids, BATCH_MAX);
        let how = Change {
            workspace: fields.id("workspace_id", &request.workspace_id),
            folder: fields.id("folder_id", &request.folder_id),
            targets: Targets::Without(targets),
            force: request.force,
        };
        fields.check()?;
        let shared = self.sharing.share(&ctx, &how).await?;
        Ok(planned(shared, |shared, plan, revision| pb::UnshareFolderResponse {
            plan,
            shares: shared.shares.into_iter().map(Into::into).collect(),
            revision,
        }))
    }

    async fn list_shares(
        &self,
        request: Request<pb::ListSharesRequest>,
    ) -> Result<Response<pb::ListSharesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let folder = fields.optional_id("folder_id", &request.folder_id);
        fields.check()?;
        let page = Page { size: request.page_size, token: request.page_token };
        let page = self.sharing.list(&ctx, workspace, folder, &page).await?;
        Ok(reply(page, |page, _| pb::ListSharesResponse {
            shares: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn list_share_targets(
        &self,
        request: Request<pb::ListShareTargetsRequest>,
    ) -> Result<Response<pb::ListShareTargetsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        fields.check()?;
        let page = Page { size: request.page_size, token: request.page_token };
        let page = self.sharing.list_targets(&ctx, workspace, &page).await?;
        Ok(reply(page, |page, _| pb::ListShareTargetsResponse {
            targets: page
                .items
                .into_iter()
                .map(|one| pb::ShareTarget {
                    workspace_id: one.id.to_string(),
                    display_name: one.display_name,
                })
                .collect(),
            next_page_token: page.next,
        }))
    }
}

fn no_overlap((target, assets): (WorkspaceId, Vec<AssetId>)) -> pb::SharingWarning {
    let text = "the two workspaces see no partition in common, so that the target will see nobody in these \
                segmentations";
    pb::SharingWarning {
        kind: pb::SharingWarningKind::NoPartitionOverlap.into(),
        target_workspace_id: target.to_string(),
        asset_ids: assets.iter().map(ToString::to_string).collect(),
        text: text.into(),
    }
}

impl From<Share> for pb::Share {
    fn from(share: Share) -> Self {
        Self {
            folder_id: share.folder_id.to_string(),
            owner_workspace_id: share.owner_id.to_string(),
            target_workspace_id: share.workspace_id.to_string(),
            shared_by: share.shared_by,
            create_time: Some(timestamp(share.create_time)),
        }
    }
}
