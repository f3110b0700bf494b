//! Who sees whom of a segmentation, and how far that is computed (G-04 to G-06, V-02, V-06, M-07).

use std::collections::BTreeMap;

use precinct::pb::{self, CoverageReason, CoverageState, ErrorReason};
use tonic::Code;

use super::{Scene, by_name, sizes};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::folders::sharing;
use crate::support::segmentations::{Covered, DEFAULT, FRESH, covered, missing};
use crate::support::status::assert_refused;

const OUTSIDE: Covered = missing(CoverageReason::OutsideOwner);

fn coverage(pairs: &[(&String, Covered)]) -> BTreeMap<String, Covered> {
    pairs.iter().map(|(id, covered)| ((*id).clone(), *covered)).collect()
}

on_both! {
    /// G-04: the scenario of the rule. One{P1, P2} owns it and shares it to Two{P2, P3}, one matching person in each:
    /// Two counts P2 = 1 FRESH and P3 NOT_COMPUTED, and nothing of P1; a change of the person of P3 evaluates nothing.
    async fn g_04_only_whom_the_owner_sees_is_computed(app) {
        let scene = Scene::new(app).await;
        let Scene { p1, p2, p3, two, .. } = &scene;
        let made = scene.draft(&["Ann"]).await;
        let mut people = Vec::new();
        for (at, partition) in [p1, p2, p3].into_iter().enumerate() {
            people.push(scene.person(partition, &format!("ann{at}@example.com"), "Ann").await);
        }
        let made = made.approved(app).await;
        let seen = made.through(two);
        let counts = seen.counts().await;
        assert_eq!((&counts.people, counts.total), (&sizes(&[("Ann", 1), ("Default", 0)]), 1));
        assert_eq!(counts.coverage, coverage(&[(p2, FRESH), (p3, OUTSIDE)]));
        let parts: Vec<&(String, String)> = counts.partitions.keys().collect();
        assert!(parts.iter().all(|(partition, _)| partition == p2), "no zero of P3: {parts:?}");
        let own = made.counts().await;
        assert_eq!((own.people, own.coverage), (sizes(&[("Ann", 2), ("Default", 0)]), coverage(&[(p1, FRESH), (p2, FRESH)])));
        // V-02, V-06: members, and what is told of a person, through each.
        let segment = made.segment_id("Ann").await;
        let mut both = vec![people[0].clone(), people[1].clone()];
        both.sort();
        assert_eq!(made.members(&segment).await, both);
        assert_eq!(seen.members(&segment).await, [people[1].clone()]);
        let told = |name: &str| vec![("Names".to_owned(), name.to_owned())];
        assert_eq!(scene.ada.person_segments(two, &people[1]).await.unwrap(), told("Ann"));
        assert_eq!(scene.ada.person_segments(two, &people[2]).await.unwrap(), told(""));
        let hidden = scene.ada.person_segments(two, &people[0]).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::PersonNotFound);
        let before = scene.rows(app).await.segment_members;
        scene.rename(&people[2], "Bob").await;
        scene.delete(&people[2]).await;
        scene.undelete(&people[2]).await;
        assert_eq!(scene.rows(app).await.segment_members, before);
    }

    /// G-05: shared where nothing overlaps, it is there with a warning, and all of the viewer is NOT_COMPUTED; nothing is
    /// computed for the viewer.
    async fn g_05_without_overlap_there_is_nothing_and_it_says_so(app) {
        let scene = Scene::new(app).await;
        scene.person(&scene.p1, "a@example.com", "Ann").await;
        scene.person(&scene.p3, "b@example.com", "Ann").await;
        let made = scene.named(app, &["Ann"]).await;
        let apart = scene.ada.workspace("Apart", &[&scene.p3]).await;
        let before = scene.rows(app).await.segment_members;
        let request = sharing(&scene.one, &scene.folder, &[&scene.two, &apart]);
        let shared = ok(scene.ada.sharing().share_folder(request).await);
        let warned: Vec<_> = shared.warnings.iter().map(|one| (one.kind(), &one.target_workspace_id)).collect();
        assert_eq!(warned, [(pb::SharingWarningKind::NoPartitionOverlap, &apart)]);
        assert_eq!(app.finish().await, 0, "nobody has anything to do");
        let counts = made.through(&apart).counts().await;
        assert_eq!((counts.total, counts.coverage), (0, coverage(&[(&scene.p3, OUTSIDE)])));
        assert!(counts.partitions.is_empty());
        assert_eq!(scene.rows(app).await.segment_members, before);
    }

    /// G-06: each answer says how far it is computed, with a time where it is: counts, members, a person's segments and a
    /// test.
    async fn g_06_every_answer_says_how_far_it_is_computed(app) {
        let scene = Scene::new(app).await;
        let Scene { p2, p3, two, .. } = &scene;
        let ann = scene.person(p2, "a@example.com", "Ann").await;
        let far = scene.person(p3, "b@example.com", "Ann").await;
        let made = scene.named(app, &["Ann"]).await.through(two);
        let expected = coverage(&[(p2, FRESH), (p3, OUTSIDE)]);
        assert_eq!(made.coverage().await, expected);
        let page = made.try_members(DEFAULT, 10, "").await.unwrap();
        assert_eq!(covered(&page.coverage), expected);
        for (person, state) in [(&ann, FRESH), (&far, OUTSIDE)] {
            let request = pb::GetPersonSegmentsRequest { workspace_id: two.clone(), person_id: person.clone() };
            let told = ok(scene.ada.segmentations().get_person_segments(request).await).segments.remove(0);
            let told = told.coverage.unwrap();
            assert_eq!((told.state(), told.reason()), state);
            let tested = made.test(person).await.unwrap();
            let told = tested.coverage.unwrap();
            assert_eq!((told.state(), told.reason()), state);
            assert_eq!(tested.draft, None, "the owner's draft is the owner's");
        }
        assert_eq!(made.test(&far).await.unwrap().approved.unwrap().segment_id, "");
    }

    /// M-07, V-02: after a move, segments of workspaces that no longer see the person hide them, and those that now do
    /// have them, in the very next answer.
    async fn m_07_a_moved_person_is_where_it_is_seen(app) {
        let scene = Scene::new(app).await;
        let Scene { p1, p2, p3, two, .. } = &scene;
        let made = scene.named(app, &["Ann"]).await;
        let segment = made.segment_id("Ann").await;
        let ann = scene.person(p1, "a@example.com", "Ann").await;
        for (partition, own, viewed) in [(p1, 1, 0), (p2, 1, 1), (p3, 0, 0), (p1, 1, 0), (p3, 0, 0), (p2, 1, 1)] {
            scene.move_to(&[&ann], partition).await;
            assert_eq!(made.members(&segment).await.len(), own, "{partition}");
            assert_eq!(made.through(two).members(&segment).await.len(), viewed, "{partition}");
            assert_eq!(made.counts().await.total, i64::try_from(own).unwrap());
            assert_eq!(made.through(two).counts().await.total, i64::try_from(viewed).unwrap());
        }
    }

    /// V-01, S-05: what is not shared, or shared and a draft, is not there; what is shared is read only.
    async fn s_05_a_viewer_reads_what_is_approved(app) {
        let scene = Scene::new(app).await;
        let draft = scene.draft(&["Ann"]).await;
        let seen = draft.through(&scene.two);
        assert_refused(seen.try_get().await, Code::NotFound, ErrorReason::SegmentationNotFound);
        assert_refused(seen.try_count().await, Code::NotFound, ErrorReason::SegmentationNotFound);
        let made = draft.approved(app).await;
        made.edit(&[by_name("Bob")]).await;
        let found = seen.get().await;
        assert_eq!((found.state(), found.read_only), (pb::SegmentationState::Approved, true));
        assert_eq!((found.owner_workspace_id, found.draft), (scene.one.clone(), None));
        assert_eq!(found.segments[0].display_name, "Ann");
        for refused in [seen.try_edit(&[]).await.map(drop), seen.try_approve().await.map(drop), seen.try_unapprove().await.map(drop), seen.try_delete().await.map(drop)] {
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::SharedReadOnly);
        }
        ok(scene.ada.try_share(&scene.one, &scene.folder, &[]).await);
        assert_refused(seen.try_count().await, Code::NotFound, ErrorReason::SegmentationNotFound);
        assert_eq!(scene.ada.person_segments(&scene.two, &scene.person(&scene.p2, "a@example.com", "Ann").await).await.unwrap(), []);
        assert_eq!(made.counts().await.coverage.values().filter(|it| it.0 == CoverageState::Fresh).count(), 2);
    }
}
