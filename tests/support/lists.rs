//! Shorthands for smart lists, previews and audiences.

use precinct::pb;
use precinct::pb::resolve_audience_response::Part;
use serde_json::{Value as Json, json};
use tonic::Status;

use super::actor::{Actor, ok};
use super::filters::text;

/// An audience, as it was streamed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audience {
    pub header: pb::AudienceHeader,
    pub people: Vec<String>,
    /// The revisions of the batches.
    pub revisions: Vec<i64>,
    /// Where each batch could be gone on after.
    pub tokens: Vec<String>,
}

// === impl Actor ===

impl Actor {
    /// Whom an asset means, through a workspace.
    pub async fn audience(&self, workspace: &str, asset: &str) -> Vec<String> {
        self.try_audience(workspace, asset, "", "").await.expect("an audience").people
    }

    pub async fn try_audience(
        &self,
        workspace: &str,
        asset: &str,
        segment: &str,
        resume_token: &str,
    ) -> Result<Audience, Status> {
        let request = pb::ResolveAudienceRequest {
            workspace_id: workspace.into(),
            asset_id: asset.into(),
            segment_id: segment.into(),
            resume_token: resume_token.into(),
        };
        let mut stream = self.assets().resolve_audience(request).await?.into_inner();
        let mut audience = Audience::default();
        while let Some(message) = stream.message().await? {
            match message.part {
                Some(Part::Header(header)) => audience.header = header,
                Some(Part::Batch(batch)) => {
                    audience.people.extend(batch.people.into_iter().map(|one| one.person_id));
                    audience.revisions.push(batch.revision);
                    audience.tokens.push(batch.resume_token);
                }
                None => panic!("an empty message"),
            }
        }
        Ok(audience)
    }

    /// For whom a filter holds, by pages of two, and how many that are.
    pub async fn preview(&self, workspace: &str, filter: &str) -> Result<Vec<String>, Status> {
        let mut request = pb::PreviewFilterRequest {
            workspace_id: workspace.into(),
            filter: Some(text(filter)),
            page_size: 2,
            ..pb::PreviewFilterRequest::default()
        };
        let mut people = Vec::new();
        loop {
            let page = self.lists().preview_filter(request.clone()).await?.into_inner();
            people.extend(page.people.into_iter().map(|one| one.person_id));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                assert_eq!(usize::try_from(page.total), Ok(people.len()));
                let counted: i64 = page.by_partition.iter().map(|one| one.count).sum();
                assert_eq!(counted, page.total);
                return Ok(people);
            }
        }
    }

    /// A smart campaign in the root; its id.
    pub async fn campaign(&self, workspace: &str, name: &str, filter: &str) -> String {
        let asset = pb::Asset {
            r#type: pb::AssetType::SmartCampaign.into(),
            display_name: name.into(),
            filter: Some(text(filter)),
            ..pb::Asset::default()
        };
        self.asset_of(workspace, asset).await
    }

    /// Gives a smart list or campaign another filter.
    pub async fn try_refilter(
        &self,
        workspace: &str,
        id: &str,
        filter: Option<&str>,
    ) -> Result<pb::Asset, Status> {
        let asset =
            pb::Asset { asset_id: id.into(), filter: filter.map(text), ..pb::Asset::default() };
        let request = pb::UpdateAssetRequest {
            workspace_id: workspace.into(),
            asset: Some(asset),
            update_mask: Some(prost_types::FieldMask { paths: vec!["filter".into()] }),
            ..pb::UpdateAssetRequest::default()
        };
        Ok(self.assets().update_asset(request).await?.into_inner().asset.unwrap_or_default())
    }

    /// A segmentation of one segment; its id, or why it is refused.
    pub async fn try_segmented(
        &self,
        workspace: &str,
        name: &str,
        filter: &str,
    ) -> Result<String, Status> {
        let request = json!({
            "workspace_id": workspace,
            "segmentation": {
                "display_name": name,
                "segments": [{ "display_name": "Some", "filter": { "text": filter } }],
            },
        });
        let made = self.make("SegmentationService/CreateSegmentation", &request).await.result()?;
        Ok(made[0]["segmentation"]["segmentation_id"].as_str().unwrap_or_default().to_owned())
    }

    /// Starts to approve a segmentation.
    pub async fn start_approval(&self, workspace: &str, id: &str) -> Result<Vec<Json>, Status> {
        let request = json!({ "workspace_id": workspace, "segmentation_id": id });
        self.make("SegmentationService/ApproveSegmentation", &request).await.result()
    }

    /// What a segmentation says of its people.
    pub async fn segment_counts(&self, workspace: &str, id: &str) -> Json {
        let request = json!({ "workspace_id": workspace, "segmentation_id": id });
        self.make("SegmentationService/CountSegments", &request).await.ok()
    }

    /// Puts people into a list by a filter.
    pub async fn try_add_matching(
        &self,
        workspace: &str,
        list: &str,
        filter: &str,
    ) -> Result<pb::AddListMembersResponse, Status> {
        let request = pb::AddListMembersRequest {
            workspace_id: workspace.into(),
            list_id: list.into(),
            filter: Some(text(filter)),
            ..pb::AddListMembersRequest::default()
        };
        Ok(self.lists().add_list_members(request).await?.into_inner())
    }

    /// Makes a person with a first name; the id.
    pub async fn first_named(&self, workspace: &str, partition: &str, name: &str) -> String {
        let person = pb::Person {
            first_name: name.into(),
            email: format!("{name}@example.com"),
            ..pb::Person::default()
        };
        let request = pb::CreatePersonRequest {
            workspace_id: workspace.into(),
            partition_id: partition.into(),
            person: Some(person),
            ..pb::CreatePersonRequest::default()
        };
        ok(self.people().create_person(request).await).person.unwrap_or_default().person_id
    }
}
