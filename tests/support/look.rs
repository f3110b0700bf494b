//! Shorthands for what a workspace sees and why, and for segmentations that this is asked of.

use precinct::pb;
use serde_json::{Value as Json, json};
use tonic::{Response, Status};

use super::App;
use super::actor::{Actor, ok};

/// Somebody or something, through a workspace: the person and the asset may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub workspace: &'a str,
    pub person: &'a str,
    pub asset: &'a str,
    pub segment: &'a str,
}

/// A segmentation, and its segments in their order.
#[derive(Clone, Debug)]
pub struct Segmentation {
    pub id: String,
    pub segments: Vec<String>,
}

/// The segment Default.
pub const DEFAULT: &str = "00000000-0000-0000-0000-000000000000";

// === impl Look ===

impl<'a> Look<'a> {
    pub fn person(workspace: &'a str, person: &'a str) -> Self {
        Self { workspace, person, asset: "", segment: "" }
    }

    pub fn asset(workspace: &'a str, asset: &'a str) -> Self {
        Self { workspace, person: "", asset, segment: "" }
    }

    /// The person in the asset.
    pub fn both(workspace: &'a str, person: &'a str, asset: &'a str) -> Self {
        Self { workspace, person, asset, segment: "" }
    }

    pub fn segment(self, segment: &'a str) -> Self {
        Self { segment, ..self }
    }

    pub async fn try_explain(
        self,
        actor: &Actor,
    ) -> Result<Response<pb::ExplainVisibilityResponse>, Status> {
        let request = pb::ExplainVisibilityRequest {
            workspace_id: self.workspace.into(),
            person_id: self.person.into(),
            asset_id: self.asset.into(),
            segment_id: self.segment.into(),
        };
        actor.topology().explain_visibility(request).await
    }

    /// Why it is seen or not: the facts hold up to the last, which says what the answer says, and what is seen needs no
    /// change.
    pub async fn explain(self, actor: &Actor) -> pb::ExplainVisibilityResponse {
        let seen = ok(self.try_explain(actor).await);
        let (last, before) = seen.links.split_last().expect("there is a reason");
        assert!(before.iter().all(|link| link.holds) && last.holds == seen.visible, "{seen:?}");
        assert!(seen.links.iter().all(|link| !link.text.is_empty()));
        assert!(!seen.visible || seen.change.is_none(), "{seen:?}");
        seen
    }
}

/// The kind of the fact that an answer rests on last.
pub fn last(seen: &pb::ExplainVisibilityResponse) -> pb::VisibilityLinkKind {
    seen.links.last().expect("there is a reason").kind()
}

/// Does what an answer names.
pub async fn apply(actor: &Actor, change: &pb::AccessChange) {
    match change.kind() {
        pb::AccessChangeKind::BindReadOnly => {
            let access = pb::BindingAccess::ReadOnly;
            actor.bind(&change.workspace_id, &change.partition_id, access).await;
        }
        pb::AccessChangeKind::Share => {
            let (owner, folder) = (&change.owner_workspace_id, &change.folder_id);
            let shared = json!({ "workspace_id": owner, "folder_id": folder });
            let before = actor.make("SharingService/ListShares", &shared).await.ok();
            let shares = before["shares"].as_array().cloned().unwrap_or_default();
            let target = |one: &Json| one["target_workspace_id"].as_str().map(str::to_owned);
            let mut targets: Vec<String> = shares.iter().filter_map(target).collect();
            targets.push(change.workspace_id.clone());
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            ok(actor.try_share(owner, folder, &targets).await);
        }
        pb::AccessChangeKind::Move if change.person_id.is_empty() => {
            let (owner, folder) = (&change.owner_workspace_id, &change.folder_id);
            ok(actor.try_move_folder(owner, folder, &change.workspace_id, "").await);
        }
        pb::AccessChangeKind::Move => {
            let request = json!({
                "workspace_id": change.workspace_id,
                "person_ids": [change.person_id],
                "target_partition_id": change.partition_id,
                "atomic": true,
            });
            actor.make("PersonService/MovePeople", &request).await.ok();
        }
        other => panic!("not a change of what a workspace sees: {other:?}"),
    }
}

/// A segmentation with these segments, by name and filter, as a draft.
pub async fn draft(
    actor: &Actor,
    workspace: &str,
    folder: &str,
    name: &str,
    segments: &[(&str, &str)],
) -> Segmentation {
    let segment = |(name, filter): &(&str, &str)| json!({ "display_name": name, "filter": { "text": filter } });
    let segments: Vec<Json> = segments.iter().map(segment).collect();
    let request = json!({
        "workspace_id": workspace,
        "segmentation": { "display_name": name, "folder_id": folder, "segments": segments },
    });
    let made = actor.make("SegmentationService/CreateSegmentation", &request).await.ok();
    Segmentation::of(&made["segmentation"])
}

/// Approves a segmentation, and has it computed.
pub async fn release(app: &App, actor: &Actor, workspace: &str, id: &str) {
    let request = json!({ "workspace_id": workspace, "segmentation_id": id });
    actor.make("SegmentationService/ApproveSegmentation", &request).await.ok();
    app.finish().await;
}

// === impl Segmentation ===

impl Segmentation {
    /// As a reply shows it.
    pub fn of(reply: &Json) -> Self {
        let text = |value: &Json| value.as_str().expect("an id").to_owned();
        let segments = reply["segments"].as_array().into_iter().flatten();
        Self {
            id: text(&reply["segmentation_id"]),
            segments: segments.map(|one| text(&one["segment_id"])).collect(),
        }
    }
}

impl Actor {
    /// A person of a partition, with a first name.
    pub async fn named_person(&self, workspace: &str, partition: &str, first_name: &str) -> String {
        let request = json!({
            "workspace_id": workspace,
            "partition_id": partition,
            "person": { "first_name": first_name },
        });
        let made = self.make("PersonService/CreatePerson", &request).await.ok();
        made["person"]["person_id"].as_str().expect("an id").to_owned()
    }

    /// Gives a person another first name.
    pub async fn rename_person(&self, workspace: &str, person: &str, first_name: &str) {
        let person = json!({ "person_id": person, "first_name": first_name });
        let request = json!({ "workspace_id": workspace, "person": person });
        self.make("PersonService/UpdatePerson", &request).await.ok();
    }
}
