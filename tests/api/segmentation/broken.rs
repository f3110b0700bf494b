//! A broken reference never widens or empties a segment: results stay, and say so (L-07).

use precinct::pb::{Area, CoverageReason, CoverageState, ErrorReason};
use serde_json::json;
use tonic::Code;

use super::{Scene, by_name};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::members::{Kind, Members};
use crate::support::operations::refusal;
use crate::support::segmentations::{FRESH, Segmentation, missing, segment};
use crate::support::status::{assert_refused, reason};

const BROKEN: (CoverageState, CoverageReason) =
    (CoverageState::Stale, CoverageReason::BrokenReference);

/// A list of the second workspace that is shared to the first, and a segmentation there that reads it.
struct Reader {
    scene: Scene,
    lists: String,
    list: Members,
    made: Segmentation,
    people: Vec<String>,
}

// === impl Reader ===

impl Reader {
    async fn new(app: &crate::support::App) -> Self {
        let scene = Scene::new(app).await;
        let (ada, one, two) = (&scene.ada, &scene.one, &scene.two);
        let lists = ada.folder(two, &ada.root(two, Area::Database).await, "Lists").await;
        ok(ada.try_share(two, &lists, &[one]).await);
        let list = Members::make(ada, Kind::List, two, &lists, "List").await;
        let mut people = Vec::new();
        for at in 0..4 {
            people.push(scene.person(&scene.p2, &format!("p{at}@example.com"), "Ann").await);
        }
        list.add(&[&people[0], &people[1]]).await;
        let listed = segment("Listed", &format!("in_list(\"{}\")", list.id));
        let made = ada.segmentation(one, "Reader", &[listed]).await.approved(app).await;
        Self { scene, lists, list, made, people }
    }

    async fn share(&self) {
        ok(self.scene.ada.try_share(&self.scene.two, &self.lists, &[&self.scene.one]).await);
    }

    async fn unshare(&self) {
        let Scene { ada, one, two, .. } = &self.scene;
        ok(ada.try_unshare(two, &self.lists, &[one], true).await);
    }
}

on_both! {
    /// L-07, G-06: unshared by force, the list is lost: the segmentation keeps its results, STALE, whatever the list or
    /// its people do; shared again, it is recomputed.
    async fn l_07_a_lost_list_keeps_its_segment(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, list, made, people, .. } = &reader;
        assert_eq!(made.sizes().await, [2, 2]);
        reader.unshare().await;
        let counts = made.counts().await;
        assert_eq!((counts.total, counts.coverage[&scene.p2]), (4, BROKEN));
        list.try_remove(&[&people[0]], false).await.unwrap();
        list.add(&[&people[2]]).await;
        scene.rename(&people[3], "Bob").await;
        scene.delete(&people[1]).await;
        app.finish().await;
        assert_eq!((made.sizes().await, made.coverage().await[&scene.p2]), (vec![1, 2], BROKEN));
        reader.share().await;
        assert_eq!(made.coverage().await[&scene.p2], (CoverageState::Stale, CoverageReason::ListChanged));
        assert_eq!(made.sizes().await, [1, 2], "until it is recomputed");
        app.finish().await;
        assert_eq!((made.sizes().await, made.coverage().await[&scene.p2]), (vec![1, 2], FRESH));
        let id = made.segment_id("Listed").await;
        assert_eq!(made.members(&id).await, [people[2].clone()]);
    }

    /// L-07, G-08: a partition that is bound while it is broken has no results, and says so, until it is mended.
    async fn l_07_nothing_is_computed_by_what_is_broken(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, made, .. } = &reader;
        scene.person(&scene.p3, "far@example.com", "Ann").await;
        reader.unshare().await;
        scene.bind(&scene.one, &scene.p3).await;
        app.finish().await;
        let coverage = made.coverage().await;
        assert_eq!((coverage[&scene.p2], coverage[&scene.p3]), (BROKEN, missing(CoverageReason::Computing)));
        reader.share().await;
        app.finish().await;
        assert_eq!((made.sizes().await, made.coverage().await[&scene.p3]), (vec![2, 3], FRESH));
    }

    /// L-07: what breaks while it is approved is not approved; a draft that reads something else mends it.
    async fn l_07_a_draft_that_breaks_is_not_approved(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, made, .. } = &reader;
        let mut segments = made.get().await.segments;
        segments.insert(0, by_name("Bob"));
        made.edit(&segments).await;
        let name = made.approve().await;
        app.step().await;
        reader.unshare().await;
        app.finish().await;
        assert_eq!(reason(&refusal(&scene.ada.operation(&name).await)), "FailedPrecondition / BROKEN_REFERENCE");
        assert_eq!((made.sizes().await, made.coverage().await[&scene.p2]), (vec![2, 2], BROKEN));
        made.edit(&[by_name("Ann")]).await;
        let made = made.clone().approved(app).await;
        assert_eq!((made.sizes().await, made.coverage().await[&scene.p2]), (vec![4, 0], FRESH));
    }

    /// L-07, W-13: the list's workspace deleted breaks it, restored mends it.
    async fn l_07_a_lost_workspace_breaks_and_mends(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, made, .. } = &reader;
        let Scene { ada, two, p2, .. } = scene;
        let delete = json!({ "workspace_id": two, "force": true, "expected_asset_count": 1 });
        ada.make("WorkspaceService/DeleteWorkspace", &delete).await.ok();
        assert_eq!((made.sizes().await, made.coverage().await[p2]), (vec![2, 2], BROKEN));
        ada.make("WorkspaceService/UndeleteWorkspace", &json!({ "workspace_id": two })).await.ok();
        app.finish().await;
        assert_eq!((made.sizes().await, made.coverage().await[p2]), (vec![2, 2], FRESH));
    }

    /// L-07, G-11: what is broken is not tested, neither of what is live nor of a draft.
    async fn l_07_what_is_broken_is_not_tested(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, made, people, .. } = &reader;
        assert!(made.test(&people[0]).await.is_ok());
        reader.unshare().await;
        let refused = made.test(&people[0]).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        made.edit(&[by_name("Ann")]).await;
        let mended = made.clone().approved(app).await;
        assert!(mended.test(&people[0]).await.is_ok());
        assert_eq!(scene.ada.person_segments(&scene.one, &people[0]).await.unwrap()[0].1, "Ann");
    }

    /// L-07, G-12: content that varies by it goes by the results that it keeps, and not by a list that is lost.
    async fn l_07_content_goes_by_the_results_that_are_kept(app) {
        let reader = Reader::new(app).await;
        let Reader { scene, list, made, people, .. } = &reader;
        let segment = made.segment_id("Listed").await;
        let content = json!({
            "segmentation_id": made.id,
            "default": { "text": "Hello" },
            "variants": { segment: { "text": "Listed" } },
        });
        let email = scene.ada.varied(&scene.one, &content, &[&made.id]).await.ok();
        let email = email["asset"]["asset_id"].as_str().expect("an id").to_owned();
        scene.ada.approve(&scene.one, &email).await;
        let shown = async |person: &str| {
            let resolved = scene.ada.resolve(&scene.one, &email, person).await.expect("it is live");
            (resolved.is_default, resolved.coverage.expect("it varies").reason())
        };
        assert_eq!(shown(&people[0]).await, (false, CoverageReason::Unspecified));
        reader.unshare().await;
        list.try_remove(&[&people[0]], false).await.unwrap();
        list.add(&[&people[2]]).await;
        assert_eq!(shown(&people[0]).await, (false, CoverageReason::BrokenReference));
        assert_eq!(shown(&people[2]).await, (true, CoverageReason::BrokenReference));
        reader.share().await;
        assert!(shown(&people[0]).await.0);
        assert!(!shown(&people[2]).await.0);
    }
}
