//! `ListService`: the people in static lists, which are in them as they are in programs.

use tonic::{Request, Response, Status};

use super::asset::member::{checked, coming, leaving, results, which};
use super::decode::Fields;
use super::{mutate, open, reply};
use crate::domain::asset::Type;
use crate::pb;
use crate::pb::list_service_server::ListService;
use crate::service::asset::{Assets, Which};

/// The service.
#[derive(Clone)]
pub struct Api {
    assets: Assets,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(assets: Assets) -> Self {
        Self { assets }
    }
}

#[tonic::async_trait]
impl ListService for Api {
    async fn add_list_members(
        &self,
        request: Request<pb::AddListMembersRequest>,
    ) -> Result<Response<pb::AddListMembersResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let list = list(&request.workspace_id, &request.list_id);
        let (list, people) = coming(list, &request.person_ids)?;
        let added = self.assets.add_members(&ctx, list, &people, request.atomic).await?;
        Ok(reply(added, |added, revision| pb::AddListMembersResponse {
            results: results(request.person_ids, added, pb::AssetMemberStatus::Added),
            revision,
        }))
    }

    async fn remove_list_members(
        &self,
        request: Request<pb::RemoveListMembersRequest>,
    ) -> Result<Response<pb::RemoveListMembersResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let list = list(&request.workspace_id, &request.list_id);
        let (list, leaving) = leaving(list, &request.person_ids, request.hidden)?;
        let left = self.assets.remove_members(&ctx, list, &leaving).await?;
        Ok(reply(left, |left, revision| pb::RemoveListMembersResponse {
            results: results(request.person_ids, left.outcomes, pb::AssetMemberStatus::Removed),
            revision,
            removed: left.removed,
        }))
    }

    async fn list_list_members(
        &self,
        request: Request<pb::ListListMembersRequest>,
    ) -> Result<Response<pb::ListListMembersResponse>, Status> {
        let (ctx, request) = open(request)?;
        let list = checked(list(&request.workspace_id, &request.list_id))?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.assets.list_members(&ctx, list, size, token).await?;
        Ok(reply(page, |page, _| pb::ListListMembersResponse {
            members: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn count_list_members(
        &self,
        request: Request<pb::CountListMembersRequest>,
    ) -> Result<Response<pb::CountListMembersResponse>, Status> {
        let (ctx, request) = open(request)?;
        let list = checked(list(&request.workspace_id, &request.list_id))?;
        let count = self.assets.count_members(&ctx, list).await?;
        Ok(reply(count, |count, _| pb::CountListMembersResponse {
            total: count.shown,
            hidden_count: count.hidden,
        }))
    }
}

fn list(workspace: &str, id: &str) -> (Fields, Which) {
    which(Type::StaticList, workspace, "list_id", id)
}
