//! `SegmentationService`.

mod convert;

pub(super) use self::convert::coverages;

use tonic::{Request, Response, Status};

pub(super) use self::convert::coverage;
use super::decode::{self, Fields};
use super::{mutate, open, operation, plan, planned, reply};
use crate::config::{DESCRIPTION_MAX, NAME_MAX};
use crate::domain::text;
use crate::error::Result as Parsed;
use crate::id::{AssetId, WorkspaceId};
use crate::pb;
use crate::pb::segmentation_service_server::SegmentationService;
use crate::service::segmentation::{NewSegmentation, SegmentationPatch, Segmentations};

const MUTABLE: &[&str] = &["display_name", "description", "segments"];
const IMMUTABLE: &[&str] = &[
    "segmentation_id",
    "workspace_id",
    "folder_id",
    "state",
    "approved",
    "draft",
    "operation",
    "sharing_state",
    "read_only",
    "owner_workspace_id",
    "etag",
    "create_time",
    "update_time",
];

/// The service.
#[derive(Clone)]
pub struct Api {
    segmentations: Segmentations,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(segmentations: Segmentations) -> Self {
        Self { segmentations }
    }
}

#[tonic::async_trait]
impl SegmentationService for Api {
    async fn create_segmentation(
        &self,
        request: Request<pb::CreateSegmentationRequest>,
    ) -> Result<Response<pb::CreateSegmentationResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("segmentation", request.segmentation)?;
        let new = new(&request.workspace_id, message)?;
        let made = self.segmentations.create(&ctx, &new).await?;
        Ok(reply(made, |made, revision| pb::CreateSegmentationResponse {
            segmentation: Some(made.into()),
            revision,
        }))
    }

    async fn get_segmentation(
        &self,
        request: Request<pb::GetSegmentationRequest>,
    ) -> Result<Response<pb::GetSegmentationResponse>, Status> {
        let (ctx, request) = open(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let found = self.segmentations.get(&ctx, workspace, id).await?;
        Ok(reply(found, |found, _| pb::GetSegmentationResponse {
            segmentation: Some(found.into()),
        }))
    }

    async fn list_segmentations(
        &self,
        request: Request<pb::ListSegmentationsRequest>,
    ) -> Result<Response<pb::ListSegmentationsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let workspace = decode::id("workspace_id", &request.workspace_id)?;
        let order = decode::order(&request.order_by, "display_name")?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.segmentations.list(&ctx, workspace, order, size, token).await?;
        Ok(reply(page, |page, _| pb::ListSegmentationsResponse {
            segmentations: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_segmentation(
        &self,
        request: Request<pb::UpdateSegmentationRequest>,
    ) -> Result<Response<pb::UpdateSegmentationResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("segmentation", request.segmentation)?;
        let patch = patch(&request.workspace_id, message, request.update_mask)?;
        let changed = self.segmentations.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdateSegmentationResponse {
            segmentation: Some(changed.into()),
            revision,
        }))
    }

    async fn approve_segmentation(
        &self,
        request: Request<pb::ApproveSegmentationRequest>,
    ) -> Result<Response<pb::ApproveSegmentationResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let begun = self.segmentations.approve(&ctx, workspace, id, &request.etag).await?;
        Ok(reply(begun, |begun, revision| pb::ApproveSegmentationResponse {
            operation: Some(operation::started(begun, revision)),
            revision,
        }))
    }

    async fn unapprove_segmentation(
        &self,
        request: Request<pb::UnapproveSegmentationRequest>,
    ) -> Result<Response<pb::UnapproveSegmentationResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let changed = self.segmentations.unapprove(&ctx, workspace, id, &request.etag).await?;
        Ok(reply(changed, |changed, revision| pb::UnapproveSegmentationResponse {
            segmentation: Some(changed.into()),
            revision,
        }))
    }

    async fn delete_segmentation(
        &self,
        request: Request<pb::DeleteSegmentationRequest>,
    ) -> Result<Response<pb::DeleteSegmentationResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let gone = self.segmentations.delete(&ctx, workspace, id, &request.etag).await?;
        Ok(planned(gone, |(), plan, revision| pb::DeleteSegmentationResponse { plan, revision }))
    }

    async fn recompute_segmentation(
        &self,
        request: Request<pb::RecomputeSegmentationRequest>,
    ) -> Result<Response<pb::RecomputeSegmentationResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let begun = self.segmentations.recompute(&ctx, workspace, id).await?;
        Ok(reply(begun, |begun, revision| pb::RecomputeSegmentationResponse {
            operation: Some(operation::started(begun, revision)),
            revision,
        }))
    }

    async fn count_segments(
        &self,
        request: Request<pb::CountSegmentsRequest>,
    ) -> Result<Response<pb::CountSegmentsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let (workspace, id) = which(&request.workspace_id, &request.segmentation_id)?;
        let counted = self.segmentations.count(&ctx, workspace, id).await?;
        Ok(reply(counted, |counted, _| counted.into()))
    }

    async fn list_segment_members(
        &self,
        request: Request<pb::ListSegmentMembersRequest>,
    ) -> Result<Response<pb::ListSegmentMembersResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("segmentation_id", &request.segmentation_id);
        let segment = fields.id("segment_id", &request.segment_id);
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.segmentations.members(&ctx, workspace, (id, segment), size, token).await?;
        Ok(reply(page, |page, _| pb::ListSegmentMembersResponse {
            members: page.members.items.into_iter().map(Into::into).collect(),
            next_page_token: page.members.next,
            coverage: convert::coverages(page.coverage),
        }))
    }

    async fn get_person_segments(
        &self,
        request: Request<pb::GetPersonSegmentsRequest>,
    ) -> Result<Response<pb::GetPersonSegmentsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let person = fields.id("person_id", &request.person_id);
        fields.check()?;
        let found = self.segmentations.of_person(&ctx, workspace, person).await?;
        Ok(reply(found, |found, _| pb::GetPersonSegmentsResponse {
            segments: found.into_iter().map(Into::into).collect(),
        }))
    }

    async fn test_segmentation(
        &self,
        request: Request<pb::TestSegmentationRequest>,
    ) -> Result<Response<pb::TestSegmentationResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("segmentation_id", &request.segmentation_id);
        let person = fields.id("person_id", &request.person_id);
        fields.check()?;
        let tested = self.segmentations.test(&ctx, workspace, id, person).await?;
        Ok(reply(tested, |tested, _| tested.into()))
    }
}

fn which(workspace: &str, id: &str) -> Parsed<(WorkspaceId, AssetId)> {
    let mut fields = Fields::default();
    let which = (fields.id("workspace_id", workspace), fields.id("segmentation_id", id));
    fields.check().map(|()| which)
}

fn new(workspace: &str, message: pb::Segmentation) -> Parsed<NewSegmentation> {
    let mut fields = Fields::default();
    let new = NewSegmentation {
        id: AssetId::new(),
        origin: None,
        workspace: fields.id("workspace_id", workspace),
        folder: fields.optional_id("segmentation.folder_id", &message.folder_id),
        display_name: display_name(&mut fields, &message),
        description: description(&mut fields, &message),
        segments: convert::segments(&mut fields, message.segments),
    };
    fields.check().map(|()| new)
}

fn patch(
    workspace: &str,
    message: pb::Segmentation,
    update_mask: Option<prost_types::FieldMask>,
) -> Parsed<SegmentationPatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
        ("segments", !message.segments.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, set)| set.then_some(path))
    .collect();
    let paths = decode::mask(update_mask, &filled, MUTABLE, IMMUTABLE)?;
    let named = |path: &str| paths.contains(path);
    let mut fields = Fields::default();
    let patch = SegmentationPatch {
        workspace: fields.id("workspace_id", workspace),
        id: fields.id("segmentation.segmentation_id", &message.segmentation_id),
        etag: message.etag.clone(),
        display_name: named("display_name").then(|| display_name(&mut fields, &message)),
        description: named("description").then(|| description(&mut fields, &message)),
        segments: named("segments").then(|| convert::segments(&mut fields, message.segments)),
    };
    fields.check().map(|()| patch)
}

fn display_name(fields: &mut Fields, message: &pb::Segmentation) -> String {
    fields.take("segmentation.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::Segmentation) -> String {
    let parsed = text::paragraph(&message.description, DESCRIPTION_MAX);
    fields.take("segmentation.description", parsed)
}
