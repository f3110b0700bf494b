//! `ListService`: the people in static lists, which are in them as they are in programs, and in smart lists.

use tonic::{Request, Response, Status};

use super::asset::member::{checked, coming, leaving, results, which};
use super::decode::Fields;
use super::{filter, mutate, open, operation, reply};
use crate::domain::asset::Type;
use crate::domain::filter::Filter;
use crate::id::PartitionId;
use crate::pb;
use crate::pb::list_service_server::ListService;
use crate::repository::person::matching::Found;
use crate::service::asset::{Assets, Filled, Preview, Which};

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
        let (list, coming) = coming(list, &request.person_ids, request.filter.as_ref())?;
        let added = self.assets.add_members(&ctx, list, &coming, request.atomic).await?;
        Ok(reply(added, |added, revision| pb::AddListMembersResponse {
            results: results(added, pb::AssetMemberStatus::Added),
            revision,
        }))
    }

    async fn remove_list_members(
        &self,
        request: Request<pb::RemoveListMembersRequest>,
    ) -> Result<Response<pb::RemoveListMembersResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let list = list(&request.workspace_id, &request.list_id);
        let filter = request.filter.as_ref();
        let (list, leaving) = leaving(list, &request.person_ids, filter, request.hidden)?;
        let left = self.assets.remove_members(&ctx, list, &leaving).await?;
        Ok(reply(left, |left, revision| pb::RemoveListMembersResponse {
            results: results(left.outcomes, pb::AssetMemberStatus::Removed),
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
        Ok(reply(count, |(count, as_of), _| pb::CountListMembersResponse {
            total: count.shown,
            hidden_count: count.hidden,
            as_of,
        }))
    }

    async fn add_list_members_by_filter(
        &self,
        request: Request<pb::AddListMembersByFilterRequest>,
    ) -> Result<Response<pb::AddListMembersByFilterResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (mut fields, list) = list(&request.workspace_id, &request.list_id);
        let filter = required(&mut fields, request.filter.as_ref());
        fields.check()?;
        let started = self.assets.fill(&ctx, list.workspace, list.id, &filter).await?;
        Ok(reply(started, |started, revision| pb::AddListMembersByFilterResponse {
            operation: Some(operation::started(started, revision)),
            revision,
        }))
    }

    async fn preview_filter(
        &self,
        request: Request<pb::PreviewFilterRequest>,
    ) -> Result<Response<pb::PreviewFilterResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let given = required(&mut fields, request.filter.as_ref());
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let shown = self.assets.preview(&ctx, workspace, &given, size, token).await?;
        Ok(reply(shown, |shown, _| pb::PreviewFilterResponse {
            filter: Some(filter::message(&given)),
            ..shown.into()
        }))
    }
}

/// The filter of a request that needs one.
fn required(fields: &mut Fields, given: Option<&pb::Filter>) -> Filter {
    if given.is_none() {
        fields.violate("filter", "must be set");
    }
    filter::filter(fields, "filter", given).unwrap_or_else(Filter::nobody)
}

impl From<Preview> for pb::PreviewFilterResponse {
    fn from(shown: Preview) -> Self {
        let person = |one: Found| pb::PreviewedPerson {
            person_id: one.person_id.to_string(),
            partition_id: one.partition_id.to_string(),
            email: one.email.unwrap_or_default(),
        };
        let count = |(partition, count): &(PartitionId, i64)| pb::PartitionCount {
            partition_id: partition.to_string(),
            count: *count,
        };
        Self {
            people: shown.page.items.into_iter().map(person).collect(),
            next_page_token: shown.page.next,
            total: shown.counts.iter().map(|(_, count)| count).sum(),
            by_partition: shown.counts.iter().map(count).collect(),
            filter: None,
            as_of: shown.as_of,
        }
    }
}

impl From<Filled> for pb::AddListMembersByFilterResult {
    fn from(filled: Filled) -> Self {
        Self { added: filled.added, unchanged: filled.unchanged }
    }
}

fn list(workspace: &str, id: &str) -> (Fields, Which) {
    which(Type::StaticList, workspace, "list_id", id)
}
