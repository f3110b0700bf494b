//! What is computed follows what the owner sees (G-08, P-05, C-07, W-12).

use precinct::pb::{CoverageReason, CoverageState};
use serde_json::json;

use super::{Scene, by_name, stored};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::operations::SLICE;
use crate::support::segmentations::{FRESH, missing};

const COMPUTING: (CoverageState, CoverageReason) = missing(CoverageReason::Computing);

on_both! {
    /// G-08, P-05: a bound partition alone is computed, the others stay FRESH meanwhile and are not touched; unbound, it is
    /// gone at once; bound again before its rows are removed, it is computed anew, by the people of then.
    async fn g_08_a_bound_partition_alone_is_computed(app) {
        let scene = Scene::new(app).await;
        let Scene { p1, p2, p3, one, .. } = &scene;
        scene.ada.fill(&scene.all, p3, 0..SLICE * 3).await;
        scene.person(p1, "a@example.com", "Ann").await;
        let made = scene.named(app, &["Ann"]).await;
        let before = scene.rows(app).await.segment_members;
        scene.bind(one, p3).await;
        let mut slices = 0;
        while made.coverage().await[p3] == COMPUTING {
            let counts = made.counts().await;
            assert_eq!((counts.total, counts.coverage[p1], counts.coverage[p2]), (1, FRESH, FRESH));
            assert!(!counts.partitions.keys().any(|(partition, _)| partition == p3));
            app.step().await.expect("it is not done");
            slices += 1;
        }
        assert!(slices >= 3, "{slices} slices");
        let all = i64::try_from(SLICE * 3 + 1).unwrap();
        assert_eq!((made.counts().await.total, made.coverage().await[p3]), (all, FRESH));
        let rows = scene.rows(app).await;
        assert!(before.iter().all(|row| rows.segment_members.contains(row)), "the others are as they were");
        scene.unbind(one, p3).await;
        let counts = made.counts().await;
        assert_eq!((counts.total, counts.coverage.get(p3)), (1, None));
        // Seen otherwise, it says that it is not the owner's.
        scene.bind(&scene.two, p3).await;
        assert_eq!(made.through(&scene.two).coverage().await[p3], missing(CoverageReason::OutsideOwner));
        let gone = scene.ada.list(&scene.all, 1_000).await.into_iter().find(|one| &one.partition_id == p3).unwrap();
        scene.delete(&gone.person_id).await;
        app.step().await.expect("something is removed");
        scene.bind(one, p3).await;
        assert_eq!(made.coverage().await[p3], COMPUTING);
        app.finish().await;
        assert_eq!(made.counts().await.total, all - 1);
        scene.unbind(one, p3).await;
        app.finish().await;
        assert_eq!(stored(&scene.rows(app).await, made.uuid()), 1, "what is dropped is removed");
    }

    /// G-08: unbound and bound again in the middle of its computing, a partition is computed from its beginning.
    async fn g_08_a_computing_that_was_cut_begins_again(app) {
        let scene = Scene::new(app).await;
        let Scene { p3, one, .. } = &scene;
        scene.ada.fill(&scene.all, p3, 0..SLICE * 3).await;
        let people = scene.ada.list(&scene.all, 1_000).await;
        let made = scene.named(app, &["Ann"]).await;
        scene.bind(one, p3).await;
        for _ in 0..2 {
            app.step().await.expect("it is not done");
        }
        scene.unbind(one, p3).await;
        for person in people.iter().filter(|person| &person.partition_id == p3) {
            scene.rename(&person.person_id, "Ann").await;
        }
        scene.delete(&people[0].person_id).await;
        scene.bind(one, p3).await;
        app.finish().await;
        let all = i64::try_from(SLICE * 3).unwrap();
        assert_eq!(made.sizes().await, [all - 1, 0]);
    }

    /// G-08: an owner of all partitions covers new ones too, and no more those that are deleted.
    async fn g_08_all_partitions_are_those_that_come(app) {
        let scene = Scene::new(app).await;
        let made = scene.ada.segmentation(&scene.all, "All", &[by_name("Ann")]).await.approved(app).await;
        let before = made.coverage().await.len();
        let new = scene.ada.partition("New").await;
        assert_eq!(made.coverage().await[&new], COMPUTING);
        let early = scene.person(&new, "a@example.com", "Ann").await;
        assert_eq!(made.sizes().await, [0, 0], "not yet");
        app.finish().await;
        assert_eq!((made.coverage().await[&new], made.sizes().await), (FRESH, vec![1, 0]));
        scene.person(&new, "b@example.com", "Ann").await;
        assert_eq!(made.sizes().await, [2, 0]);
        for person in scene.ada.list(&scene.all, 10).await {
            scene.delete(&person.person_id).await;
        }
        scene.undelete(&early).await;
        scene.move_to(&[&early], &scene.p1).await;
        let delete = json!({ "partition_id": new });
        let refusal = scene.ada.make("PartitionService/DeletePartition", &delete).await.refusal;
        if refusal.is_none() {
            assert_eq!(made.coverage().await.len(), before);
        }
        app.finish().await;
        assert_eq!(made.sizes().await, [1, 0]);
    }

    /// C-07: moved with its folder, it is recomputed for its new owner; a share to that ends, others stay.
    async fn c_07_a_moved_segmentation_follows_its_new_owner(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, p1, p2, p3, one, two, folder, .. } = &scene;
        let viewer = ada.workspace("Viewer", &[p3, p1]).await;
        ok(ada.try_share(one, folder, &[two, &viewer]).await);
        for (at, partition) in [p1, p2, p3].into_iter().enumerate() {
            scene.person(partition, &format!("a{at}@example.com"), "Ann").await;
        }
        let made = scene.named(app, &["Ann"]).await;
        ok(ada.try_move_folder(one, folder, two, "").await);
        let moved = made.through(two);
        let found = moved.get().await;
        assert_eq!((found.owner_workspace_id.as_str(), found.read_only), (two.as_str(), false));
        let coverage = moved.coverage().await;
        assert_eq!((coverage[p2], coverage[p3]), (FRESH, COMPUTING));
        let seen = made.through(&viewer).coverage().await;
        assert_eq!((seen[p1], seen[p3]), (missing(CoverageReason::OutsideOwner), COMPUTING));
        app.finish().await;
        assert_eq!(moved.sizes().await, [2, 0]);
        assert_eq!(made.through(&viewer).sizes().await, [1, 0]);
        assert!(made.try_get().await.is_err(), "the old owner does not see it");
    }

    /// W-12: an archived owner's segmentation keeps evaluating, partitions that come included; what it shares stays live.
    async fn w_12_an_archived_owner_keeps_evaluating(app) {
        let scene = Scene::new(app).await;
        let made = scene.named(app, &["Ann"]).await;
        let archive = json!({ "workspace_id": scene.one });
        scene.ada.make("WorkspaceService/ArchiveWorkspace", &archive).await.ok();
        scene.person(&scene.p2, "a@example.com", "Ann").await;
        let seen = made.through(&scene.two);
        assert_eq!((seen.sizes().await, seen.coverage().await[&scene.p2]), (vec![1, 0], FRESH));
        assert!(made.try_edit(&[]).await.is_err());
        assert!(made.try_approve().await.is_err());
    }

    /// W-08, W-13: with its workspace deleted it is gone; restored, it covers what the workspace sees then.
    async fn w_13_a_restored_owner_is_computed_again(app) {
        let scene = Scene::new(app).await;
        let Scene { ada, one, two, p2, .. } = &scene;
        let ann = scene.person(p2, "a@example.com", "Ann").await;
        let made = scene.named(app, &["Ann"]).await;
        let delete = json!({ "workspace_id": one, "force": true, "expected_asset_count": 1 });
        ada.make("WorkspaceService/DeleteWorkspace", &delete).await.ok();
        assert!(made.through(two).try_count().await.is_err());
        scene.rename(&ann, "Bob").await;
        app.finish().await;
        ada.make("WorkspaceService/UndeleteWorkspace", &json!({ "workspace_id": one })).await.ok();
        assert_eq!(made.coverage().await[p2], COMPUTING);
        app.finish().await;
        assert_eq!((made.sizes().await, made.through(two).sizes().await), (vec![0, 1], vec![0, 1]));
    }
}
