//! Shorthands for segmentations.

use std::collections::BTreeMap;

use precinct::pb;
use precinct::pb::segmentation_service_client::SegmentationServiceClient;
use precinct::pb::{CoverageReason, CoverageState};
use tonic::{Response, Status};
use uuid::Uuid;

use super::App;
use super::actor::{Actor, Way, ok};

/// The Default segment.
pub const DEFAULT: &str = "00000000-0000-0000-0000-000000000000";

/// How far a partition is computed, without the time.
pub type Covered = (CoverageState, CoverageReason);

/// The results of a partition are right.
pub const FRESH: Covered = (CoverageState::Fresh, CoverageReason::Unspecified);

/// There are no results of a partition.
pub const fn missing(why: CoverageReason) -> Covered {
    (CoverageState::NotComputed, why)
}

/// A new segment.
pub fn segment(name: &str, filter: &str) -> pb::Segment {
    kept("", name, filter)
}

/// A segment that is there already.
pub fn kept(id: &str, name: &str, filter: &str) -> pb::Segment {
    pb::Segment {
        segment_id: id.into(),
        display_name: name.into(),
        filter: Some(text(filter)),
    }
}

/// A filter in its text form.
fn text(text: &str) -> pb::Filter {
    pb::Filter { text: text.into(), ..pb::Filter::default() }
}

/// A segmentation, as somebody sees it through a workspace.
#[derive(Clone)]
pub struct Segmentation {
    pub actor: Actor,
    pub workspace: String,
    pub id: String,
}

/// How many people are in each segment, by its name, and how far each partition is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    pub people: BTreeMap<String, i64>,
    pub partitions: BTreeMap<(String, String), i64>,
    pub total: i64,
    pub coverage: BTreeMap<String, Covered>,
}

// === impl App ===

impl App {
    /// Approves a segmentation and computes it to the end.
    pub async fn approve_segmentation(&self, actor: &Actor, workspace: &str, id: &str) {
        ok(actor.try_approve_segmentation(workspace, id).await);
        self.finish().await;
    }
}

// === impl Actor ===

impl Actor {
    pub fn segmentations(&self) -> SegmentationServiceClient<Way> {
        SegmentationServiceClient::new(self.way())
    }

    pub async fn try_segmentation(
        &self,
        workspace: &str,
        folder: &str,
        name: &str,
        segments: &[pb::Segment],
    ) -> Result<Response<pb::CreateSegmentationResponse>, Status> {
        let segmentation = pb::Segmentation {
            folder_id: folder.into(),
            display_name: name.into(),
            segments: segments.to_vec(),
            ..pb::Segmentation::default()
        };
        let request = pb::CreateSegmentationRequest {
            workspace_id: workspace.into(),
            segmentation: Some(segmentation),
            ..pb::CreateSegmentationRequest::default()
        };
        self.segmentations().create_segmentation(request).await
    }

    /// A segmentation in the root of its area, as a draft.
    pub async fn segmentation(
        &self,
        workspace: &str,
        name: &str,
        segments: &[pb::Segment],
    ) -> Segmentation {
        self.segmentation_in(workspace, "", name, segments).await
    }

    /// A segmentation in a folder, as a draft.
    pub async fn segmentation_in(
        &self,
        workspace: &str,
        folder: &str,
        name: &str,
        segments: &[pb::Segment],
    ) -> Segmentation {
        let made = ok(self.try_segmentation(workspace, folder, name, segments).await);
        let id = made.segmentation.map(|one| one.segmentation_id).unwrap_or_default();
        Segmentation { actor: self.clone(), workspace: workspace.into(), id }
    }

    pub async fn try_approve_segmentation(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::ApproveSegmentationResponse>, Status> {
        let request = pb::ApproveSegmentationRequest {
            workspace_id: workspace.into(),
            segmentation_id: id.into(),
            ..pb::ApproveSegmentationRequest::default()
        };
        self.segmentations().approve_segmentation(request).await
    }

    pub async fn try_unapprove_segmentation(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::UnapproveSegmentationResponse>, Status> {
        let request = pb::UnapproveSegmentationRequest {
            workspace_id: workspace.into(),
            segmentation_id: id.into(),
            ..pb::UnapproveSegmentationRequest::default()
        };
        self.segmentations().unapprove_segmentation(request).await
    }

    /// In which segments a person is, of each segmentation, by their names; empty: not computed.
    pub async fn person_segments(
        &self,
        workspace: &str,
        person: &str,
    ) -> Result<Vec<(String, String)>, Status> {
        let request = pb::GetPersonSegmentsRequest {
            workspace_id: workspace.into(),
            person_id: person.into(),
        };
        let found = self.segmentations().get_person_segments(request).await?.into_inner();
        let name = |one: pb::PersonSegment| {
            (one.segmentation_display_name.clone(), one.segment_display_name)
        };
        Ok(found.segments.into_iter().map(name).collect())
    }
}

// === impl Segmentation ===

impl Segmentation {
    /// The same, through another workspace.
    pub fn through(&self, workspace: &str) -> Self {
        Self { workspace: workspace.into(), ..self.clone() }
    }

    pub async fn try_get(&self) -> Result<pb::Segmentation, Status> {
        let request = pb::GetSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
        };
        let found = self.actor.segmentations().get_segmentation(request).await?;
        Ok(found.into_inner().segmentation.unwrap_or_default())
    }

    pub async fn get(&self) -> pb::Segmentation {
        self.try_get().await.expect("the workspace sees it")
    }

    /// Begins to approve it; the operation's name.
    pub async fn approve(&self) -> String {
        let begun = ok(self.try_approve().await);
        begun.operation.expect("it is always there").name
    }

    pub async fn try_approve(&self) -> Result<Response<pb::ApproveSegmentationResponse>, Status> {
        self.actor.try_approve_segmentation(&self.workspace, &self.id).await
    }

    /// Approves it, to the end.
    pub async fn approved(self, app: &App) -> Self {
        app.approve_segmentation(&self.actor, &self.workspace, &self.id).await;
        self
    }

    pub async fn try_unapprove(
        &self,
    ) -> Result<Response<pb::UnapproveSegmentationResponse>, Status> {
        self.actor.try_unapprove_segmentation(&self.workspace, &self.id).await
    }

    pub async fn try_delete(&self) -> Result<Response<pb::DeleteSegmentationResponse>, Status> {
        let request = pb::DeleteSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
            ..pb::DeleteSegmentationRequest::default()
        };
        self.actor.segmentations().delete_segmentation(request).await
    }

    pub async fn try_recompute(
        &self,
    ) -> Result<Response<pb::RecomputeSegmentationResponse>, Status> {
        let request = pb::RecomputeSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
            ..pb::RecomputeSegmentationRequest::default()
        };
        self.actor.segmentations().recompute_segmentation(request).await
    }

    /// Gives the draft other segments.
    pub async fn edit(&self, segments: &[pb::Segment]) -> pb::Segmentation {
        ok(self.try_edit(segments).await).segmentation.unwrap_or_default()
    }

    pub async fn try_edit(
        &self,
        segments: &[pb::Segment],
    ) -> Result<Response<pb::UpdateSegmentationResponse>, Status> {
        let segmentation = pb::Segmentation {
            segmentation_id: self.id.clone(),
            segments: segments.to_vec(),
            ..pb::Segmentation::default()
        };
        let mask = prost_types::FieldMask { paths: vec!["segments".into()] };
        let request = pb::UpdateSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation: Some(segmentation),
            update_mask: Some(mask),
            ..pb::UpdateSegmentationRequest::default()
        };
        self.actor.segmentations().update_segmentation(request).await
    }

    pub async fn try_count(&self) -> Result<pb::CountSegmentsResponse, Status> {
        let request = pb::CountSegmentsRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
        };
        Ok(self.actor.segmentations().count_segments(request).await?.into_inner())
    }

    /// How many people are where; none are left out of the parts that are told twice.
    pub async fn counts(&self) -> Counts {
        let counted = self.try_count().await.expect("it is counted");
        let mut partitions = BTreeMap::new();
        for one in &counted.counts {
            let sum: i64 = one.by_partition.iter().map(|part| part.people).sum();
            assert_eq!(sum, one.people, "{one:?}");
            for part in &one.by_partition {
                let key = (part.partition_id.clone(), one.display_name.clone());
                partitions.insert(key, part.people);
            }
        }
        let name = |one: &pb::SegmentCount| (one.display_name.clone(), one.people);
        let people: BTreeMap<String, i64> = counted.counts.iter().map(name).collect();
        assert_eq!(people.values().sum::<i64>(), counted.total);
        Counts { people, partitions, total: counted.total, coverage: covered(&counted.coverage) }
    }

    /// How many people are in each segment, in order.
    pub async fn sizes(&self) -> Vec<i64> {
        let counted = self.try_count().await.expect("it is counted");
        counted.counts.iter().map(|one| one.people).collect()
    }

    /// How far each partition that the workspace sees is computed.
    pub async fn coverage(&self) -> BTreeMap<String, Covered> {
        self.counts().await.coverage
    }

    pub async fn try_members(
        &self,
        segment: &str,
        page_size: i32,
        token: &str,
    ) -> Result<pb::ListSegmentMembersResponse, Status> {
        let request = pb::ListSegmentMembersRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
            segment_id: segment.into(),
            page_size,
            page_token: token.into(),
        };
        Ok(self.actor.segmentations().list_segment_members(request).await?.into_inner())
    }

    /// Who is in a segment, page by page.
    pub async fn members(&self, segment: &str) -> Vec<String> {
        let (mut ids, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.try_members(segment, 3, &token).await.expect("a page");
            ids.extend(page.members.into_iter().map(|one| one.person_id));
            token = page.next_page_token;
            if token.is_empty() {
                return ids;
            }
        }
    }

    /// The id of a segment of the newest version, by its name.
    pub async fn segment_id(&self, name: &str) -> String {
        let found = self.get().await.segments.into_iter().find(|one| one.display_name == name);
        found.expect("there is one").segment_id
    }

    pub async fn test(&self, person: &str) -> Result<pb::TestSegmentationResponse, Status> {
        let request = pb::TestSegmentationRequest {
            workspace_id: self.workspace.clone(),
            segmentation_id: self.id.clone(),
            person_id: person.into(),
        };
        Ok(self.actor.segmentations().test_segmentation(request).await?.into_inner())
    }

    /// The same id, as the database knows it.
    pub fn uuid(&self) -> Uuid {
        self.id.parse().expect("an id")
    }
}

/// How far partitions are computed. What is computed says since when, and nothing else does.
pub fn covered(coverage: &[pb::SegmentCoverage]) -> BTreeMap<String, Covered> {
    let one = |one: &pb::SegmentCoverage| {
        let computed = one.state() != CoverageState::NotComputed;
        assert_eq!(one.time.is_some(), computed, "{one:?}");
        (one.partition_id.clone(), (one.state(), one.reason()))
    };
    coverage.iter().map(one).collect()
}
