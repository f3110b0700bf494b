//! Filters that ask in which segment people are (L-02, L-07, G-04).

use precinct::pb::{self, Area, ErrorReason};
use tonic::Code;

use super::{Scene, by_name};
use crate::on_both;
use crate::support::App;
use crate::support::members::{Kind, Members};
use crate::support::segmentations::{DEFAULT, Segmentation, kept};
use crate::support::status::{assert_refused, metadata};

/// An Ann and a Bob of each partition, and a segment of Anns.
async fn anns(app: &App) -> (Scene, Segmentation, String) {
    let scene = Scene::new(app).await;
    for (at, partition) in [&scene.p1, &scene.p2, &scene.p3].into_iter().enumerate() {
        for name in ["Ann", "Bob"] {
            scene.person(partition, &format!("{name}{at}@example.com"), name).await;
        }
    }
    let made = scene.named(app, &["Ann"]).await;
    let id = made.segment_id("Ann").await;
    (scene, made, id)
}

fn among(made: &Segmentation, segment: &str) -> String {
    format!("in_segment(\"{}\", \"{segment}\")", made.id)
}

on_both! {
    /// L-02, L-08, V-02, G-04: who is in a segment is who it lists, through every workspace; whom its owner does not
    /// see is in no segment, not even in Default.
    async fn l_02_filters_mean_segments(app) {
        let (scene, made, segment) = anns(app).await;
        let Scene { ada, one, two, all, .. } = &scene;
        let default = among(&made, DEFAULT);
        let segment = among(&made, &segment);
        assert_eq!(ada.named(one, &segment).await, ["Ann", "Ann"]);
        assert_eq!(ada.named(one, &default).await, ["Bob", "Bob"]);
        assert_eq!(ada.named(one, &format!("not {segment}")).await, ["Bob", "Bob"]);
        assert_eq!(ada.named(two, &segment).await, ["Ann"]);
        assert_eq!(ada.named(two, &default).await, ["Bob"]);
        assert_eq!(ada.named(two, &format!("not {segment}")).await, ["Ann", "Bob", "Bob"]);
        let unseen = ada.try_named(all, crate::support::filters::text(&segment)).await;
        assert_refused(unseen, Code::NotFound, ErrorReason::ReferenceNotVisible);
        // As of now, with the change that moves somebody.
        let bob = scene.person(&scene.p1, "late@example.com", "Bob").await;
        scene.rename(&bob, "Ann").await;
        assert_eq!(ada.named(one, &segment).await, ["Ann", "Ann", "Ann"]);
    }

    /// L-07: a segment that a later version no longer has is a broken reference, in a request and in what was saved:
    /// its negative does not mean everybody.
    async fn l_07_a_segment_that_is_gone_is_broken(app) {
        let (scene, made, segment) = anns(app).await;
        let Scene { ada, one, .. } = &scene;
        let root = ada.root(one, Area::Database).await;
        let (is, is_not) = (among(&made, &segment), format!("not {}", among(&made, &segment)));
        let list = ada.smart_list(one, &root, &is_not).await;
        let outer = ada.smart_list(one, &root, &format!("in_smart_list(\"{list}\")")).await;
        made.edit(&[kept(&segment, "Ann", "first_name = \"Ann\""), by_name("Bob")]).await;
        let made = made.approved(app).await;
        assert_eq!(ada.named(one, &is_not).await, ["Bob", "Bob"], "the segment stays the same");
        made.edit(&[by_name("Bob")]).await;
        assert_eq!(ada.named(one, &is).await, ["Ann", "Ann"], "a draft decides nothing");
        let made = made.approved(app).await;
        for filter in [&is, &is_not] {
            let status = ada.try_named(one, crate::support::filters::text(filter)).await;
            let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::BrokenReference);
            assert_eq!(metadata(&status, "reference_id").as_ref(), Some(&made.id));
        }
        for list in [&list, &outer] {
            let members = Members::new(ada, Kind::List, one, list);
            assert_refused(members.try_count().await, Code::FailedPrecondition, ErrorReason::BrokenReference);
            let audience = ada.try_audience(one, list, "", "").await;
            assert_refused(audience, Code::FailedPrecondition, ErrorReason::BrokenReference);
        }
        // Nor can one be saved that names what never was.
        let fields = pb::Asset {
            filter: Some(crate::support::filters::text(&is)),
            ..crate::support::assets::new_asset(pb::AssetType::SmartList, "Gone")
        };
        let refused = ada.try_asset(one, fields).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        assert_eq!(ada.named(one, &among(&made, DEFAULT)).await, ["Ann", "Ann"]);
    }
}
