//! `PartitionService`.

mod convert;

use tonic::{Request, Response, Status};

use self::convert::{access, description, display_name, patch};
use super::decode::{self, Fields};
use super::{mutate, open, plan, planned, reply};
use crate::config::{BATCH_MAX, NAME_MAX};
use crate::domain::{region, text};
use crate::pb;
use crate::pb::partition_service_server::PartitionService;
use crate::repository::binding::Ends;
use crate::service::binding::{Bind, Bindings};
use crate::service::partition::{Listing, NewPartition, Partitions};

/// The service.
#[derive(Clone)]
pub struct Api {
    partitions: Partitions,
    bindings: Bindings,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(partitions: Partitions, bindings: Bindings) -> Self {
        Self { partitions, bindings }
    }
}

#[tonic::async_trait]
impl PartitionService for Api {
    async fn create_partition(
        &self,
        request: Request<pb::CreatePartitionRequest>,
    ) -> Result<Response<pb::CreatePartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let message = decode::required("partition", request.partition)?;
        let mut fields = Fields::default();
        let new = NewPartition {
            display_name: display_name(&mut fields, &message),
            description: description(&mut fields, &message),
            region: fields.take("partition.region", region::parse(&message.region)),
            workspace_ids: fields.ids("workspace_ids", &request.workspace_ids, BATCH_MAX),
        };
        fields.check()?;
        let made = self.partitions.create(&ctx, &new).await?;
        Ok(planned(made, |made, plan, revision| pb::CreatePartitionResponse {
            plan,
            partition: Some(made.partition.into()),
            revision,
            bindings: made.bindings.into_iter().map(Into::into).collect(),
        }))
    }

    async fn get_partition(
        &self,
        request: Request<pb::GetPartitionRequest>,
    ) -> Result<Response<pb::GetPartitionResponse>, Status> {
        let (ctx, request) = open(request)?;
        let id = decode::id("partition_id", &request.partition_id)?;
        let found = self.partitions.get(&ctx, id).await?;
        Ok(reply(found, |found, _| pb::GetPartitionResponse { partition: Some(found.into()) }))
    }

    async fn batch_get_partitions(
        &self,
        request: Request<pb::BatchGetPartitionsRequest>,
    ) -> Result<Response<pb::BatchGetPartitionsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let ids = decode::some_ids("partition_ids", &request.partition_ids, BATCH_MAX)?;
        let found = self.partitions.batch_get(&ctx, &ids).await?;
        Ok(reply(found, |found, _| pb::BatchGetPartitionsResponse {
            partitions: found.into_iter().map(Into::into).collect(),
        }))
    }

    async fn list_partitions(
        &self,
        request: Request<pb::ListPartitionsRequest>,
    ) -> Result<Response<pb::ListPartitionsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.optional_id("workspace_id", &request.workspace_id);
        fields.check()?;
        let listing = Listing {
            workspace,
            show_deleted: request.show_deleted,
            order: decode::order(&request.order_by, "display_name")?,
            page_size: request.page_size,
            page_token: request.page_token,
        };
        let page = self.partitions.list(&ctx, &listing).await?;
        Ok(reply(page, |page, _| pb::ListPartitionsResponse {
            partitions: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_partition(
        &self,
        request: Request<pb::UpdatePartitionRequest>,
    ) -> Result<Response<pb::UpdatePartitionResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("partition", request.partition)?;
        let patch = patch(message, request.update_mask)?;
        let changed = self.partitions.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdatePartitionResponse {
            partition: Some(changed.into()),
            revision,
        }))
    }

    async fn delete_partition(
        &self,
        request: Request<pb::DeletePartitionRequest>,
    ) -> Result<Response<pb::DeletePartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let id = decode::id("partition_id", &request.partition_id)?;
        let deleted = self.partitions.delete(&ctx, id, &request.etag).await?;
        Ok(planned(deleted, |deleted, plan, revision| pb::DeletePartitionResponse {
            plan,
            partition: Some(deleted.into()),
            revision,
        }))
    }

    async fn undelete_partition(
        &self,
        request: Request<pb::UndeletePartitionRequest>,
    ) -> Result<Response<pb::UndeletePartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let id = fields.id("partition_id", &request.partition_id);
        let name = &request.display_name;
        let name =
            (!name.is_empty()).then(|| fields.take("display_name", text::name(name, NAME_MAX)));
        fields.check()?;
        let restored = self.partitions.undelete(&ctx, id, name.as_deref()).await?;
        Ok(planned(restored, |restored, plan, revision| pb::UndeletePartitionResponse {
            plan,
            partition: Some(restored.partition.into()),
            revision,
            bindings: restored.bindings.into_iter().map(Into::into).collect(),
        }))
    }

    async fn bind_partition(
        &self,
        request: Request<pb::BindPartitionRequest>,
    ) -> Result<Response<pb::BindPartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let bind = Bind {
            workspace: fields.id("workspace_id", &request.workspace_id),
            partition: fields.id("partition_id", &request.partition_id),
            access: access(&mut fields, request.access),
            primary: request.primary,
        };
        fields.check()?;
        let bound = self.bindings.bind(&ctx, bind).await?;
        Ok(planned(bound, |bound, plan, revision| pb::BindPartitionResponse {
            plan,
            binding: Some(bound.into()),
            revision,
        }))
    }

    async fn unbind_partition(
        &self,
        request: Request<pb::UnbindPartitionRequest>,
    ) -> Result<Response<pb::UnbindPartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let ends = (
            fields.id("workspace_id", &request.workspace_id),
            fields.id("partition_id", &request.partition_id),
        );
        let primary =
            fields.optional_id("new_primary_partition_id", &request.new_primary_partition_id);
        fields.check()?;
        let left = self.bindings.unbind(&ctx, ends, primary).await?;
        Ok(planned(left, |left, plan, revision| pb::UnbindPartitionResponse {
            plan,
            bindings: left.into_iter().map(Into::into).collect(),
            revision,
        }))
    }

    async fn set_primary_partition(
        &self,
        request: Request<pb::SetPrimaryPartitionRequest>,
    ) -> Result<Response<pb::SetPrimaryPartitionResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let partition = fields.id("partition_id", &request.partition_id);
        fields.check()?;
        let primary = self.bindings.set_primary(&ctx, workspace, partition).await?;
        Ok(planned(primary, |primary, plan, revision| pb::SetPrimaryPartitionResponse {
            plan,
            binding: Some(primary.into()),
            revision,
        }))
    }

    async fn list_bindings(
        &self,
        request: Request<pb::ListBindingsRequest>,
    ) -> Result<Response<pb::ListBindingsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let ends = Ends {
            workspace: fields.optional_id("workspace_id", &request.workspace_id),
            partition: fields.optional_id("partition_id", &request.partition_id),
        };
        if request.workspace_id.is_empty() && request.partition_id.is_empty() {
            for field in ["workspace_id", "partition_id"] {
                fields.violate(field, "must be set: one of workspace_id and partition_id, or both");
            }
        }
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.bindings.list(&ctx, ends, size, token).await?;
        Ok(reply(page, |page, _| pb::ListBindingsResponse {
            bindings: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }
}
