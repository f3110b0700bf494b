//! Purging partitions (P-04, P-05).

use precinct::pb::ErrorReason;
use serde_json::json;
use tonic::Code;

use super::{changes, purged, rows};
use crate::on_both;
use crate::support::feed::kinds;
use crate::support::routing::{always, policy};
use crate::support::segmentations::segment;
use crate::support::status::assert_refused;

on_both! {
    /// P-04, W-13: a purged partition takes its deleted people and its bindings along, cannot be restored, and past
    /// versions of the routing policy still tell of it.
    async fn p_04_a_purged_partition_is_gone(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        let asia = ada.partition("Asia").await;
        let one = ada.workspace("One", &[&acme.default_partition, &asia]).await;
        let all = segment("All", "email contains \"example\"");
        let made = ada.segmentation(&one, "Segments", &[all]).await.approved(app).await;
        let default = json!({ "policy": { "default_choice": { "partition_id": asia } } });
        ada.try_call("RoutingService/UpdateRoutingPolicy", &default).await.unwrap();
        let other = policy(&[always(&acme.default_partition)]);
        ada.try_route(other, &["rules", "default_choice"]).await.unwrap();
        let eve = ada.try_person(w, &asia, "eve@example.com").await.unwrap().into_inner();
        let eve = eve.person.unwrap().person_id;
        ada.try_delete_person(w, &eve).await.unwrap();
        ada.try_delete_partition(&asia).await.unwrap();
        ada.try_undelete_partition(&asia).await.unwrap();
        ada.try_delete_partition(&asia).await.unwrap();
        app.finish().await;
        app.a_month_passes().await;
        app.purge().await;
        let refused = ada.try_undelete_partition(&asia).await;
        assert_refused(refused, Code::NotFound, ErrorReason::PartitionNotFound);
        let left = rows(app, &acme.id).await;
        assert_eq!((left.partitions.len(), left.people.len()), (1, 0));
        assert!(left.bindings.iter().all(|one| one.partition_id.to_string() != asia));
        assert_eq!((purged(&left), changes(&left, "partition.purged").len()), (vec![eve], 1));
        let past = left.routing.iter().find(|one| one.version == 1).unwrap();
        assert_eq!(past.default_partition_id.map(|id| id.to_string()), Some(asia.clone()));
        assert_eq!(made.counts().await.total, 0);
        let again = ada.partition("Asia").await;
        assert_ne!(again, asia);
    }

    /// D-08: who was merged into somebody elsewhere outlives the partition, and goes with whom they were merged into.
    async fn d_08_a_merged_id_outlives_its_partition(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        let asia = ada.partition("Asia").await;
        let gus = ada.person(w, "gus@example.com").await.person_id;
        let eve = ada.try_person(w, &asia, "eve@example.com").await.unwrap().into_inner();
        let eve = eve.person.unwrap().person_id;
        let merge = json!({ "workspace_id": w, "winner_person_id": gus, "loser_person_ids": [eve] });
        ada.try_call("PersonService/MergePeople", &merge).await.unwrap();
        ada.try_delete_partition(&asia).await.unwrap();
        app.a_month_passes().await;
        app.purge().await;
        assert_eq!(rows(app, &acme.id).await.partitions.len(), 1);
        assert_eq!(ada.try_get_person(w, &eve).await.unwrap().person_id, gus);
        ada.try_delete_person(w, &gus).await.unwrap();
        app.a_month_passes().await;
        app.purge().await;
        assert_eq!(rows(app, &acme.id).await.people.len(), 0);
    }

    /// K-07: that a partition is gone for good is told to who sees all, whatever a replica knew of it.
    async fn k_07_a_purged_partition_is_told_to_who_sees_all(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let asia = ada.partition("Asia").await;
        let one = ada.workspace("One", &[&acme.default_partition, &asia]).await;
        ada.try_delete_partition(&asia).await.unwrap();
        let since = ada.revision().await;
        app.a_month_passes().await;
        app.purge().await;
        for reader in [&ada, &acme.through(app.replica().await).admin()] {
            assert_eq!(kinds(&reader.changes(since, "").await), ["partition.purged"]);
            assert_eq!(reader.changes(since, &one).await, []);
        }
    }
}
