//! From a draft to approved and back (G-03, G-10).

use precinct::pb::{self, ErrorReason, SegmentationState};
use tonic::Code;

use super::{Scene, by_name, stored};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{new_asset, refers};
use crate::support::operations::{SLICE, refusal};
use crate::support::segmentations::Segmentation;
use crate::support::status::{assert_refused, metadata, reason};

async fn state(one: &Segmentation) -> SegmentationState {
    one.get().await.state()
}

/// Everything that would change a segmentation while it is being computed.
async fn assert_untouchable(scene: &Scene, one: &Segmentation) {
    let refused = [
        one.try_edit(&[by_name("Dan")]).await.map(drop),
        one.try_approve().await.map(drop),
        one.try_unapprove().await.map(drop),
        one.try_delete().await.map(drop),
        one.try_recompute().await.map(drop),
        scene.ada.try_discard(&one.workspace, &one.id).await.map(drop),
        scene.ada.try_delete_asset(&one.workspace, &one.id).await.map(drop),
    ];
    for (at, result) in refused.into_iter().enumerate() {
        let status = result.expect_err("it is being computed");
        let expected = match at {
            // What was never approved cannot be taken back, at work or not.
            2 | 4 => ["FailedPrecondition / OPERATION_RUNNING", "FailedPrecondition / NOT_APPROVABLE"],
            _ => ["FailedPrecondition / OPERATION_RUNNING"; 2],
        };
        assert!(expected.contains(&reason(&status).as_str()), "{at}: {status:?}");
    }
}

on_both! {
    /// G-03: a draft is computed beside what is live: readers see the old results whole, slice after slice, until the
    /// new ones whole; meanwhile nobody changes it, and what people do counts on both sides.
    async fn g_03_results_flip_whole(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 3).await;
        let ann = scene.person(&scene.p1, "ann@example.com", "Ann").await;
        let made = scene.draft(&["Ann", "Bob"]).await;
        assert_eq!(state(&made).await, SegmentationState::Draft);
        let name = made.approve().await;
        let found = made.get().await;
        assert_eq!((found.state(), &found.operation), (SegmentationState::Approving, &name));
        assert_untouchable(&scene, &made).await;
        let refused = made.try_count().await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        app.finish().await;
        assert_eq!(state(&made).await, SegmentationState::Approved);
        let people = i64::try_from(SLICE * 3).unwrap();
        assert_eq!(made.sizes().await, [1, 0, people]);

        made.edit(&[by_name("Bob"), by_name("Cay")]).await;
        assert_eq!(state(&made).await, SegmentationState::ApprovedWithDraft);
        assert_eq!(made.sizes().await, [1, 0, people], "only the draft was edited");
        let name = made.approve().await;
        let (mut bobs, mut slices) = (0, 0);
        while made.get().await.state() == SegmentationState::Approving {
            let names: Vec<String> = made.try_count().await.unwrap().counts.into_iter().map(|one| one.display_name).collect();
            assert_eq!(names, ["Ann", "Bob", "Default"]);
            assert_eq!(made.sizes().await, [1, bobs, people]);
            assert_untouchable(&scene, &made).await;
            let email = format!("bob{bobs}@example.com");
            scene.person(&scene.p1, &email, "Bob").await;
            bobs += 1;
            app.step().await.expect("it is not done");
            slices += 1;
        }
        assert!(slices > 3, "{slices} slices");
        assert_eq!(made.sizes().await, [bobs, 0, people + 1]);
        assert!(scene.ada.operation(&name).await.done);
        app.finish().await;
        assert_eq!(made.sizes().await, [bobs, 0, people + 1]);
        assert_eq!(made.members("00000000-0000-0000-0000-000000000000").await.iter().filter(|id| **id == ann).count(), 1);
        let rows = scene.rows(app).await;
        let all = usize::try_from(people + bobs + 1).unwrap();
        assert_eq!(stored(&rows, made.uuid()), all, "what is past is gone");
    }

    /// G-03: cancelled midway, an approval leaves the old results, and the draft, and can be begun again.
    async fn g_03_a_cancelled_approval_leaves_all_as_it_was(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 3).await;
        let people = i64::try_from(SLICE * 3).unwrap();
        let made = scene.draft(&["Ann"]).await;
        for approved in [false, true] {
            let name = made.approve().await;
            for _ in 0..2 {
                app.step().await.expect("it is not done");
            }
            // Somebody goes who was computed already, and comes back to nothing.
            let gone = scene.person(&scene.p1, "gone@example.com", "Ann").await;
            ok(scene.ada.try_cancel(&name).await);
            app.step().await;
            scene.delete(&gone).await;
            let ended = scene.ada.operation(&name).await;
            assert_eq!(reason(&refusal(&ended)), "Cancelled / OPERATION_CANCELLED");
            let expected = if approved { SegmentationState::ApprovedWithDraft } else { SegmentationState::Draft };
            assert_eq!(state(&made).await, expected);
            if approved {
                assert_eq!(made.sizes().await, [0, people]);
            }
            // At once, or when all is cleared.
            if approved {
                app.finish().await;
                assert_eq!(made.sizes().await, [0, people]);
            }
            made.approve().await;
            app.finish().await;
            assert_eq!(made.sizes().await, [0, people]);
            made.edit(&[by_name("Bob")]).await;
        }
    }

    /// G-03, F-04: approved versions never change; each approval makes the next.
    async fn g_03_approved_versions_never_change(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann"]).await;
        let refused = made.try_approve().await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        let first = made.get().await;
        assert_eq!(first.approved.as_ref().unwrap().version, 1);
        assert_eq!(first.draft, None);
        let draft = made.edit(&[by_name("Bob")]).await;
        assert_eq!(draft.approved, first.approved);
        assert_eq!((draft.draft.as_ref().unwrap().version, &draft.draft.as_ref().unwrap().segments), (0, &draft.segments));
        let made = made.approved(app).await;
        let second = made.get().await;
        assert_eq!((second.approved.unwrap().version, second.draft), (2, None));
        let old = scene.ada.try_get_asset(&made.workspace, &made.id, 1).await.unwrap();
        assert!(format!("{:?}", old.content).contains("Ann"));
        // A draft that is not wanted goes; what is approved stays.
        made.edit(&[by_name("Cay")]).await;
        ok(scene.ada.try_discard(&made.workspace, &made.id).await);
        assert_eq!((state(&made).await, made.get().await.segments.len()), (SegmentationState::Approved, 1));
        for refused in [scene.ada.try_approve(&made.workspace, &made.id).await.map(drop), scene.ada.try_unapprove(&made.workspace, &made.id).await.map(drop)] {
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        }
    }

    /// G-10: nothing uses it, then it is unapproved, then it is deleted; its results go at once, its rows soon.
    async fn g_10_unused_then_unapproved_then_deleted(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 5).await;
        let made = scene.named(app, &["Ann"]).await;
        let uses = [refers(pb::ReferenceKind::Segmentation, &made.id)];
        let list = pb::Asset { references: uses.to_vec(), ..new_asset(pb::AssetType::SmartList, "User") };
        let list = scene.ada.asset_of(&made.workspace, list).await;
        assert_refused(made.try_unapprove().await, Code::FailedPrecondition, ErrorReason::AssetInUse);
        assert_refused(made.try_delete().await, Code::FailedPrecondition, ErrorReason::AssetApproved);
        ok(scene.ada.try_delete_asset(&made.workspace, &list).await);
        assert_refused(made.try_delete().await, Code::FailedPrecondition, ErrorReason::AssetApproved);
        let taken = ok(made.try_unapprove().await).segmentation.unwrap();
        assert_eq!((taken.state(), taken.segments.len()), (SegmentationState::Draft, 1));
        let refused = made.try_count().await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotApprovable);
        assert_refused(made.try_unapprove().await, Code::FailedPrecondition, ErrorReason::NotApprovable);
        // Approved again before its old results are gone, by people who changed meanwhile.
        let first = scene.ada.list(&scene.all, 1_000).await.remove(0).person_id;
        scene.delete(&first).await;
        let made = made.approved(app).await;
        assert_eq!(made.sizes().await, [0, i64::try_from(SLICE * 5 - 1).unwrap()]);
        ok(made.try_unapprove().await);
        ok(made.try_delete().await);
        assert_refused(made.try_get().await, Code::NotFound, ErrorReason::SegmentationNotFound);
        app.finish().await;
        let rows = scene.rows(app).await;
        assert_eq!((stored(&rows, made.uuid()), rows.segmentations.len(), rows.coverages.len()), (0, 0, 0));
    }

    /// H-02, H-03: a stale etag is refused; an approval that is repeated is the first one's.
    async fn h_03_an_approval_is_begun_once(app) {
        let scene = Scene::new(app).await;
        let made = scene.draft(&["Ann"]).await;
        let request = |etag: &str| pb::ApproveSegmentationRequest {
            workspace_id: made.workspace.clone(),
            segmentation_id: made.id.clone(),
            etag: etag.into(),
            request_id: uuid::Uuid::now_v7().to_string(),
            ..pb::ApproveSegmentationRequest::default()
        };
        let stale = scene.ada.segmentations().approve_segmentation(request("W/\"x\"")).await;
        let status = stale.expect_err("it is no etag of it");
        assert!(matches!(status.code(), Code::Aborted | Code::InvalidArgument), "{status:?}");
        let good = request(&made.get().await.etag);
        let begun = ok(scene.ada.segmentations().approve_segmentation(good.clone()).await);
        let again = ok(scene.ada.segmentations().approve_segmentation(good).await);
        assert_eq!(begun, again);
        let refused = made.try_approve().await;
        let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::OperationRunning);
        let name = begun.operation.unwrap().name;
        assert_eq!(metadata(&status, "operation_id").map(|id| format!("operations/{id}")), Some(name));
    }

    /// G-03: a recomputing of what is right writes nothing; somebody's rows that were lost come back by it.
    async fn g_03_recomputing_mends_what_is_wrong(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 2).await;
        let made = scene.named(app, &["Ann"]).await;
        let before = scene.rows(app).await.segment_members;
        ok(made.try_recompute().await);
        assert_eq!(state(&made).await, SegmentationState::Approved);
        app.finish().await;
        assert_eq!(scene.rows(app).await.segment_members, before);
        let lost = "DELETE FROM segment_member WHERE tenant_id = {id}";
        app.database.sabotage(lost, &scene.tenant.id).await;
        ok(made.try_recompute().await);
        app.finish().await;
        assert_eq!(made.sizes().await, [0, i64::try_from(SLICE * 2).unwrap()]);
    }
}
