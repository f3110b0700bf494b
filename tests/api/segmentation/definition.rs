//! What segmentations are made of (G-02).

use precinct::pb::{self, ErrorReason};
use tonic::Code;

use super::{Scene, by_name};
use crate::on_both;
use crate::support::segmentations::{DEFAULT, kept, segment};
use crate::support::status::{assert_refused, fields};

fn names(segments: &[pb::Segment]) -> Vec<&str> {
    segments.iter().map(|one| one.display_name.as_str()).collect()
}

on_both! {
    /// G-02: a person is in the first segment that matches, in the order of the definition, or in Default, which is the
    /// last whether it is named or not.
    async fn g_02_the_first_that_matches_counts(app) {
        let scene = Scene::new(app).await;
        let ann = scene.person(&scene.p1, "ann@example.com", "Ann").await;
        let bob = scene.person(&scene.p1, "bob@example.org", "Bob").await;
        let segments = [
            segment("Org", "email contains \".org\""),
            segment("Short", "first_name in (\"Ann\", \"Bob\")"),
            pb::Segment { segment_id: DEFAULT.into(), ..pb::Segment::default() },
        ];
        let made = scene.ada.segmentation(&scene.one, "Order", &segments).await.approved(app).await;
        let cay = scene.person(&scene.p2, "cay@example.com", "Cay").await;
        assert_eq!(made.sizes().await, [1, 1, 1]);
        let counted = made.try_count().await.unwrap();
        let last = counted.counts.last().unwrap();
        assert_eq!((last.segment_id.as_str(), last.display_name.as_str()), (DEFAULT, "Default"));
        for (segment, person) in [("Org", &bob), ("Short", &ann)] {
            let id = made.segment_id(segment).await;
            assert_eq!(made.members(&id).await, std::slice::from_ref(person), "{segment}");
        }
        assert_eq!(made.members(DEFAULT).await, [cay]);
        // The other way round.
        let mut turned = made.get().await.segments;
        turned.reverse();
        made.edit(&turned).await;
        let made = made.approved(app).await;
        assert_eq!(made.members(&turned[0].segment_id).await.len(), 2);
        assert_eq!(made.sizes().await, [2, 0, 1]);
    }

    /// G-02: a segment keeps its id whatever its name and place; a new one gets one; one of elsewhere is refused.
    async fn g_02_segments_keep_their_ids(app) {
        let scene = Scene::new(app).await;
        let made = scene.draft(&["Ann", "Bob"]).await;
        let [ann, bob] = <[pb::Segment; 2]>::try_from(made.get().await.segments).unwrap();
        let changed = made.edit(&[by_name("New"), kept(&bob.segment_id, "Robert", "first_name = \"Bob\""), ann.clone()]).await;
        assert_eq!(names(&changed.segments), ["New", "Robert", "Ann"]);
        assert_eq!(changed.segments[1].segment_id, bob.segment_id);
        assert_eq!(changed.segments[2].segment_id, ann.segment_id);
        assert!(![&ann.segment_id, &bob.segment_id].contains(&&changed.segments[0].segment_id));
        let other = scene.ada.segmentation(&scene.one, "Other", &[by_name("Cay")]).await;
        let foreign = other.segment_id("Cay").await;
        for id in [&foreign, "0190f0e0-0000-7000-8000-00000000dead"] {
            let refused = made.try_edit(&[kept(id, "Cay", "first_name = \"Cay\"")]).await;
            let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["segmentation.segments[0].segment_id"]);
        }
    }

    /// G-02, H-06: Default is the last and stays as it is, names differ, and all that is wrong is said at once.
    async fn g_02_default_and_names_are_held(app) {
        let scene = Scene::new(app).await;
        let made = scene.draft(&["Ann"]).await;
        let default = pb::Segment { segment_id: DEFAULT.into(), ..pb::Segment::default() };
        let wrong = [
            default.clone(),
            pb::Segment { filter: None, ..by_name("Bob") },
            by_name("dEfault"),
            by_name("Cay"),
            by_name("CAY"),
            pb::Segment { display_name: "Others".into(), ..default },
        ];
        let refused = made.try_edit(&wrong).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        let mut named = fields(&status);
        named.sort();
        assert_eq!(named, [
            "segmentation.segments[0].segment_id",
            "segmentation.segments[1].filter",
            "segmentation.segments[2].display_name",
            "segmentation.segments[4].display_name",
            "segmentation.segments[5].segment_id",
        ]);
        assert_eq!(names(&made.get().await.segments), ["Ann"]);
    }

    /// G-02, T-03: a hundred segments are the most, if the tenant says nothing else; each is counted.
    async fn g_02_a_hundred_segments_are_the_most(app) {
        let scene = Scene::new(app).await;
        let all: Vec<pb::Segment> = (0..101).map(|n| by_name(&format!("N{n}"))).collect();
        let refused = scene.ada.try_segmentation(&scene.one, "", "Many", &all).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["segmentation.segments[100].segment_id"]);
        scene.person(&scene.p1, "a@example.com", "N99").await;
        scene.person(&scene.p1, "b@example.com", "N100").await;
        let made = scene.ada.segmentation(&scene.one, "Many", &all[..100]).await.approved(app).await;
        let sizes = made.sizes().await;
        assert_eq!((sizes.len(), sizes[99], sizes[100]), (101, 1, 1));
        assert_eq!(sizes.iter().sum::<i64>(), 2);
    }

    /// G-02: without any segment everybody is in Default.
    async fn g_02_without_segments_everybody_is_in_default(app) {
        let scene = Scene::new(app).await;
        scene.person(&scene.p1, "a@example.com", "Ann").await;
        let made = scene.named(app, &[]).await;
        scene.person(&scene.p2, "b@example.com", "Bob").await;
        assert_eq!(made.sizes().await, [2]);
    }

    /// G-03: only what is approved has people, and only segments that it has.
    async fn a_segment_that_cannot_be_asked_for_is_not_there(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann"]).await;
        let refused = made.try_members("0190f0e0-0000-7000-8000-00000000dead", 10, "").await;
        assert_refused(refused, Code::NotFound, ErrorReason::SegmentNotFound);
        let draft = scene.ada.segmentation(&scene.one, "Draft", &[by_name("Bob")]).await;
        let refused = draft.try_count().await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        let refused = draft.try_members(DEFAULT, 10, "").await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
    }
}
