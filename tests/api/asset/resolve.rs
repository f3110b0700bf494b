//! `ResolveContent`: content that varies by segment (G-12).

use precinct::pb::{Area, CoverageReason, CoverageState, ErrorReason};
use serde_json::{Value as Json, json};
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::look::{DEFAULT, Segmentation, draft, release};
use crate::support::status::{assert_refused, fields, metadata, offenders};

/// Two workspaces, each with a partition of its own and one that both see; the first has a segmentation by first name,
/// shared to the other.
struct Stage {
    ada: Actor,
    owner: String,
    viewer: String,
    /// Of the owner, of both, of the viewer.
    partitions: [String; 3],
    folder: String,
    names: Segmentation,
}

impl Stage {
    async fn new(app: &App) -> Self {
        let ada = app.tenant("acme").await.admin();
        let partitions =
            [ada.partition("P").await, ada.partition("Q").await, ada.partition("R").await];
        let [p, q, r] = &partitions;
        let owner = ada.workspace("Owner", &[p, q]).await;
        let viewer = ada.workspace("Viewer", &[r, q]).await;
        let root = ada.root(&owner, Area::Database).await;
        let folder = ada.folder(&owner, &root, "Segmentations").await;
        ok(ada.try_share(&owner, &folder, &[&viewer]).await);
        let segments = [("Anns", "first_name = \"Ann\""), ("Bobs", "first_name = \"Bob\"")];
        let names = draft(&ada, &owner, &folder, "Names", &segments).await;
        release(app, &ada, &owner, &names.id).await;
        Self { ada, owner, viewer, partitions, folder, names }
    }

    /// Content with a variant for each segment, Default aside.
    fn content(&self) -> Json {
        let [anns, bobs] = [0, 1].map(|at| self.names.segments[at].clone());
        json!({
            "segmentation_id": self.names.id,
            "default": { "text": "Hello" },
            "variants": { anns: { "text": "Hello Ann" }, bobs: { "text": "Hello Bob" } },
        })
    }

    /// An email that varies, approved.
    async fn email(&self, workspace: &str) -> String {
        let email = self.ada.varied(workspace, &self.content(), &[&self.names.id]).await.ok();
        let id = email["asset"]["asset_id"].as_str().expect("an id").to_owned();
        self.ada.approve(workspace, &id).await;
        id
    }

    async fn person(&self, workspace: &str, at: usize, name: &str) -> String {
        self.ada.named_person(workspace, &self.partitions[at], name).await
    }
}

impl Actor {
    /// An email with this content, which uses these segmentations.
    pub(in crate::api) async fn varied(
        &self,
        workspace: &str,
        content: &Json,
        segmentations: &[&str],
    ) -> crate::support::dynamic::Outcome {
        let uses = |id: &&str| json!({ "kind": "REFERENCE_KIND_SEGMENTATION", "asset_id": id });
        let references: Vec<Json> = segmentations.iter().map(uses).collect();
        let request = json!({
            "workspace_id": workspace,
            "asset": {
                "type": "ASSET_TYPE_EMAIL",
                "display_name": format!("Email {}", Uuid::now_v7()),
                "content": content,
                "references": references,
            },
        });
        self.make("AssetService/CreateAsset", &request).await
    }

    pub(in crate::api) async fn resolve(
        &self,
        workspace: &str,
        asset: &str,
        person: &str,
    ) -> Result<precinct::pb::ResolveContentResponse, tonic::Status> {
        let request = precinct::pb::ResolveContentRequest {
            workspace_id: workspace.into(),
            asset_id: asset.into(),
            person_id: person.into(),
        };
        self.assets().resolve_content(request).await.map(tonic::Response::into_inner)
    }
}

/// The text that a person gets to see.
fn text(resolved: &precinct::pb::ResolveContentResponse) -> &str {
    let content = resolved.content.as_ref().expect("it is always there");
    match content.fields.get("text").and_then(|one| one.kind.as_ref()) {
        Some(prost_types::value::Kind::StringValue(text)) => text,
        other => panic!("no text: {other:?}"),
    }
}

on_both! {
    /// G-12: each person gets the variant of their segment, as of now; who is in Default gets the default.
    async fn g_12_each_person_gets_their_variant(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, names, .. } = &stage;
        let email = stage.email(owner).await;
        let person = stage.person(owner, 0, "Ann").await;
        for (name, segment, display_name, expected, is_default) in [
            ("Ann", names.segments[0].as_str(), "Anns", "Hello Ann", false),
            ("Bob", names.segments[1].as_str(), "Bobs", "Hello Bob", false),
            ("Cay", DEFAULT, "Default", "Hello", true),
        ] {
            ada.rename_person(owner, &person, name).await;
            let resolved = ada.resolve(owner, &email, &person).await.expect("it is live");
            assert_eq!((text(&resolved), resolved.is_default), (expected, is_default));
            assert_eq!((resolved.segment_id.as_str(), resolved.segment_display_name.as_str()),
                (segment, display_name));
            assert_eq!((&resolved.segmentation_id, resolved.segmentation_version), (&names.id, 1));
            assert_eq!(resolved.version, 1);
            let coverage = resolved.coverage.expect("it varies");
            assert_eq!((coverage.state(), &coverage.partition_id),
                (CoverageState::Fresh, &stage.partitions[0]));
            assert_eq!(resolved.revision, ada.revision().await);
        }
    }

    /// G-04, G-12: whom the segmentation's owner does not see gets the default, and the reply says why; a clone of the
    /// email in another workspace varies as the email does.
    async fn g_12_outside_the_owner_there_is_the_default(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, .. } = &stage;
        let email = stage.email(owner).await;
        let request = json!({
            "workspace_id": owner,
            "asset_id": email,
            "target_workspace_id": viewer,
        });
        let made = ada.make("AssetService/CloneAsset", &request).await.ok();
        let copy = made["asset"]["asset_id"].as_str().expect("an id");
        ada.approve(viewer, copy).await;
        let both = stage.person(viewer, 1, "Ann").await;
        let outside = stage.person(viewer, 2, "Ann").await;
        assert_eq!(text(&ada.resolve(viewer, copy, &both).await.expect("it is live")), "Hello Ann");
        let resolved = ada.resolve(viewer, copy, &outside).await.expect("it is live");
        assert_eq!((text(&resolved), resolved.is_default), ("Hello", true));
        assert_eq!((resolved.segment_id.as_str(), resolved.segment_display_name.as_str()), ("", ""));
        let coverage = resolved.coverage.expect("it varies");
        assert_eq!(coverage.reason(), CoverageReason::OutsideOwner);
        // The owner does not see the person at all.
        let status = ada.resolve(owner, &email, &outside).await;
        assert_refused(status, Code::NotFound, ErrorReason::PersonNotFound);
    }

    /// G-12: the variant of a segment that is gone is shown to nobody.
    async fn g_12_a_segment_that_is_gone_has_no_variant(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, names, .. } = &stage;
        let email = stage.email(owner).await;
        let person = stage.person(owner, 0, "Bob").await;
        let anns = json!({
            "segment_id": names.segments[0],
            "display_name": "Anns",
            "filter": { "text": "first_name = \"Ann\"" },
        });
        let request = json!({
            "workspace_id": owner,
            "segmentation": { "segmentation_id": names.id, "segments": [anns] },
        });
        ada.make("SegmentationService/UpdateSegmentation", &request).await.ok();
        // What is not approved yet decides nothing.
        assert_eq!(text(&ada.resolve(owner, &email, &person).await.expect("it is live")), "Hello Bob");
        release(app, ada, owner, &names.id).await;
        let resolved = ada.resolve(owner, &email, &person).await.expect("it is live");
        assert_eq!((text(&resolved), resolved.segment_id.as_str()), ("Hello", DEFAULT));
        assert_eq!(resolved.segmentation_version, 2);
    }

    /// G-12, L-07: by a segmentation that is no longer shared nothing is told apart.
    async fn l_07_a_broken_segmentation_is_refused(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, folder, names, .. } = &stage;
        let email = stage.email(viewer).await;
        let person = stage.person(viewer, 1, "Ann").await;
        assert!(ada.resolve(viewer, &email, &person).await.is_ok());
        ok(ada.try_unshare(owner, folder, &[viewer], true).await);
        let refused = ada.resolve(viewer, &email, &person).await;
        let status =
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        assert_eq!(metadata(&status, "asset_id").as_ref(), Some(&email));
        assert_eq!(metadata(&status, "reference_id").as_ref(), Some(&names.id));
        assert_eq!(offenders(&status), std::slice::from_ref(&names.id));
    }

    /// G-12, F-04, S-07: what is live is resolved, and nothing else; content that does not vary is itself.
    async fn g_12_what_is_live_is_resolved(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, viewer, names, .. } = &stage;
        let person = stage.person(owner, 1, "Ann").await;
        let made = ada.varied(owner, &json!({ "text": "plain" }), &[]).await.ok();
        let plain = made["asset"]["asset_id"].as_str().expect("an id");
        let refused = ada.resolve(owner, plain, &person).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        ada.approve(owner, plain).await;
        ada.write_asset(owner, plain, "draft").await;
        let resolved = ada.resolve(owner, plain, &person).await.expect("it is live");
        assert_eq!((text(&resolved), resolved.version), ("plain", 1));
        assert_eq!((resolved.segmentation_id.as_str(), resolved.is_default), ("", false));
        assert_eq!(resolved.coverage, None);
        let refused = ada.resolve(viewer, plain, &person).await;
        assert_refused(refused, Code::NotFound, ErrorReason::AssetNotFound);
        let campaign = json!({
            "workspace_id": owner,
            "asset": {
                "type": "ASSET_TYPE_SMART_CAMPAIGN",
                "display_name": "Campaign",
                "content": stage.content(),
                "references": [{ "kind": "REFERENCE_KIND_SEGMENTATION", "asset_id": names.id }],
            },
        });
        let made = ada.make("AssetService/CreateAsset", &campaign).await.ok();
        let campaign = made["asset"]["asset_id"].as_str().expect("an id");
        let resolved = ada.resolve(owner, campaign, &person).await.expect("it is live as it is");
        assert_eq!((text(&resolved), resolved.version), ("Hello Ann", 0));
    }

    /// G-12, H-06: content that varies has its form, and uses what it varies by; all that is wrong is named.
    async fn g_12_content_that_varies_has_its_form(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, names, .. } = &stage;
        let segmentation = names.id.as_str();
        let content = json!({
            "segmentation_id": "none",
            "default": "text",
            "variants": { "red": 1 },
            "text": "lost",
        });
        let refused = ada.varied(owner, &content, &[]).await.result();
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        let mut named = fields(&status);
        named.sort();
        assert_eq!(named, [
            "asset.content.default",
            "asset.content.segmentation_id",
            "asset.content.text",
            "asset.content.variants.red",
            "asset.content.variants.red",
        ]);
        // The segmentation is one that the asset uses, now and after each change.
        let refused = ada.varied(owner, &stage.content(), &[]).await.result();
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["asset.content.segmentation_id"]);
        let made = ada.varied(owner, &stage.content(), &[segmentation]).await.ok();
        let id = made["asset"]["asset_id"].as_str().expect("an id");
        let refused = ada.try_refer(owner, id, &[]).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        let made = ada.varied(owner, &json!({ "text": "plain" }), &[]).await.ok();
        let update = json!({
            "workspace_id": owner,
            "asset": { "asset_id": made["asset"]["asset_id"], "content": stage.content() },
        });
        let refused = ada.make("AssetService/UpdateAsset", &update).await.result();
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
    }

    /// A bounded number of statements.
    async fn calls_take_few_statements(app) {
        let stage = Stage::new(app).await;
        let Stage { ada, owner, .. } = &stage;
        let email = stage.email(owner).await;
        let person = stage.person(owner, 0, "Ann").await;
        let taken = app.statements(async || ada.resolve(owner, &email, &person).await).await;
        assert!(taken <= 9, "{taken}");
    }
}
