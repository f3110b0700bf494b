//! Several replicas purge at once, and people call meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{changes, purged, rows};
use crate::on_both;
use crate::support::lifecycle::purge_step;
use crate::support::operations::SLICE;

on_both! {
    /// W-08, D-10: replicas that purge at once, even where claims are lost, do each thing once; calls go on.
    async fn w_08_replicas_purge_everything_once(app) {
        let acme = app.tenant("acme").await;
        let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
        ada.fill(w, &acme.default_partition, 0..4 * SLICE).await;
        let ids: Vec<String> = ada.list(w, 1_000).await.into_iter().map(|one| one.person_id).collect();
        let request = json!({ "workspace_id": w, "person_ids": ids });
        ada.try_call("PersonService/DeletePeople", &request).await.unwrap();
        for n in 0..3 {
            let one = ada.workspace(&format!("W{n}"), &[&acme.default_partition]).await;
            ada.grant("user:cay", &crate::support::access::built_in("Viewer"), &one).await;
            ada.delete_workspace(&one).await;
        }
        app.a_month_passes().await;
        let replica = app.replica().await;
        let over = AtomicBool::new(false);
        let hand = async |server| {
            while !over.load(Ordering::Relaxed) {
                purge_step(server).await;
                tokio::task::yield_now().await;
            }
        };
        let caller = async {
            for n in 0..10 {
                // Nobody's claim is good for long.
                app.wake_purges().await;
                ada.person(w, &format!("new{n}@example.com")).await;
            }
            while !rows(app, &acme.id).await.dues.is_empty() {
                app.wake_purges().await;
            }
            over.store(true, Ordering::Relaxed);
        };
        tokio::join!(caller, hand(&app.server), hand(&replica), hand(&app.server), hand(&replica));
        let left = rows(app, &acme.id).await;
        let mut ids = ids;
        ids.sort();
        assert_eq!(purged(&left), ids);
        assert_eq!(changes(&left, "workspace.purged").len(), 3);
        assert_eq!((left.workspaces.len(), ada.count(w).await), (1, 10));
    }

    /// W-13: restoring races the purge: the thing is back whole, or gone.
    async fn w_13_restoring_and_purging_never_meet(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let delay = "UPDATE workspace SET purge_time = delete_time + 60000 WHERE id = {id}; \
            UPDATE due SET at = 0 WHERE id = {id}";
        let mut back = 0;
        for n in 0..12 {
            let one = ada.workspace(&format!("W{n}"), &[&acme.default_partition]).await;
            let list = ada.asset(&one, precinct::pb::AssetType::SmartList, "List").await;
            ada.delete_workspace(&one).await;
            app.database.sabotage(delay, &one).await;
            let purging = async {
                while purge_step(&app.server).await {
                    app.database.sabotage("UPDATE due SET at = 0 WHERE id = {id}", &one).await;
                }
            };
            let (restored, ()) = tokio::join!(ada.try_undelete_workspace(&one), purging);
            match restored {
                Ok(_) => {
                    back += 1;
                    ada.get_asset(&one, &list).await;
                }
                Err(_) => assert!(rows(app, &acme.id).await.workspaces.iter().all(|it| it.id.to_string() != one)),
            }
        }
        assert_eq!(rows(app, &acme.id).await.workspaces.len(), 1 + back);
    }
}
