//! Purging people (D-09, D-10).

use precinct::pb::ErrorReason;
use serde_json::json;
use tonic::Code;

use super::{changes, purged, rows};
use crate::on_both;
use crate::support::members::Holders;
use crate::support::operations::SLICE;
use crate::support::segmentations::segment;
use crate::support::status::assert_refused;

on_both! {
    /// D-10, W-13: a person can be restored up to the purge and not after; then nothing of it is left, in lists, programs
    /// and results, but that the address unsubscribed (D-09), and what happened.
    async fn d_10_a_purged_person_is_gone(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        let all = segment("All", "email contains \"example\"");
        ada.segmentation(w, "Segments", &[all]).await.approved(app).await;
        let person = json!({ "email": "eve@example.com", "unsubscribed": true });
        let request = json!({ "workspace_id": w, "person": person });
        let made = ada.try_call("PersonService/CreatePerson", &request).await.unwrap();
        let eve = made["person"]["person_id"].as_str().unwrap().to_owned();
        let bob = ada.person(w, "bob@example.com").await.person_id;
        Holders::new(&ada, w, &eve).await;
        ada.try_delete_person(w, &eve).await.unwrap();
        assert_eq!(app.purge().await, 0, "nothing is due");
        ada.try_undelete_person(w, &eve).await.unwrap();
        app.a_month_passes().await;
        app.wake_purges().await;
        app.purge().await;
        assert!(ada.try_get_person(w, &eve).await.is_ok(), "who was restored stays");
        ada.try_delete_person(w, &eve).await.unwrap();
        app.a_month_passes().await;
        let before = ada.revision().await;
        assert_eq!(app.purge().await, 1);
        assert_eq!(ada.revision().await, before + 1);
        let refused = ada.try_undelete_person(w, &eve).await;
        assert_refused(refused, Code::NotFound, ErrorReason::PersonNotFound);
        let left = rows(app, &acme.id).await;
        assert_eq!(left.people.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), [bob]);
        assert!(left.asset_members.is_empty());
        assert!(left.segment_members.iter().all(|one| one.person_id.to_string() != eve));
        assert_eq!(purged(&left), [eve.as_str()]);
        let last = left.audits.last().unwrap();
        assert_eq!((last.action.as_str(), last.revision), ("purge", before + 1));
        let again = ada.person(w, "eve@example.com").await;
        assert!(again.unsubscribed == Some(true) && again.person_id != eve);
        assert_eq!(app.purge().await, 0);
    }

    /// D-10: people are deleted while others are purged: neither waits for the other for ever, and each comes to its end.
    async fn d_10_deletes_and_purges_race(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        // With results, both come to the head of the tenant.
        let all = segment("All", "email contains \"example\"");
        ada.segmentation(w, "Segments", &[all]).await.approved(app).await;
        ada.fill(w, &acme.default_partition, 0..6 * SLICE).await;
        let ids: Vec<String> = ada.list(w, 1_000).await.into_iter().map(|one| one.person_id).collect();
        let (past, late) = ids.split_at(4 * SLICE);
        let request = json!({ "workspace_id": w, "person_ids": past });
        ada.try_call("PersonService/DeletePeople", &request).await.unwrap();
        app.a_month_passes().await;
        let deletes = async {
            for id in late {
                ada.try_delete_person(w, id).await.unwrap();
            }
        };
        tokio::join!(deletes, app.purge());
        let mut past = past.to_vec();
        past.sort();
        assert_eq!((purged(&rows(app, &acme.id).await), ada.count(w).await), (past, 0));
    }

    /// D-10: many go in slices, each whose time has come once, and the others in theirs.
    async fn d_10_people_go_in_slices_in_their_time(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        ada.fill(w, &acme.default_partition, 0..3 * SLICE + 5).await;
        let ids: Vec<String> = ada.list(w, 1_000).await.into_iter().map(|one| one.person_id).collect();
        let (late, early) = ids.split_at(5);
        let delete = async |ids: &[String]| {
            let request = json!({ "workspace_id": w, "person_ids": ids });
            ada.try_call("PersonService/DeletePeople", &request).await.unwrap();
        };
        delete(early).await;
        app.a_month_passes().await;
        delete(late).await;
        assert_eq!(app.purge().await, 3);
        let left = rows(app, &acme.id).await;
        let mut early = early.to_vec();
        early.sort();
        assert_eq!(purged(&left), early);
        assert!(changes(&left, "people.purged").iter().all(|one| one.detail["purged"].as_array().unwrap().len() <= SLICE));
        for id in late {
            ada.try_undelete_person(w, id).await.unwrap();
        }
        app.a_month_passes().await;
        app.purge().await;
        assert_eq!(ada.count(w).await, 5);
    }
}
