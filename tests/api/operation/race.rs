//! Replicas that work on the same operations never do anything twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use precinct::id::TenantId;
use precinct::repository::due::Claimant;
use uuid::Uuid;

use super::Scene;
use crate::on_both;
use crate::support::App;
use crate::support::operations::{moved, progress, step, worker};

/// Somebody whose lease is over as soon as it is given.
const SLOW: Claimant = Claimant { holder: Uuid::nil(), lease: Duration::ZERO };

/// How often each person was moved.
async fn moves(app: &App, tenant: &str) -> BTreeMap<String, usize> {
    let id: TenantId = tenant.parse().unwrap();
    let rows = app.rows(&[id]).await.remove(&id).unwrap();
    let mut times = BTreeMap::new();
    for change in rows.changes.iter().filter(|one| one.kind == "people.moved") {
        for one in change.detail["moved"].as_array().unwrap() {
            *times.entry(one["person_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    times
}

on_both! {
    /// H-09: who was overtaken writes nothing: its slice is rolled back, as if it had never begun.
    async fn h_09_who_was_overtaken_writes_nothing(app) {
        let acme = Scene::new(app, "acme", 25).await;
        let tenant = acme.tenant.id.parse().unwrap();
        let name = acme.start().await;
        let slow = app.store.claim(tenant, SLOW).await.unwrap().unwrap();
        let replica = app.replica().await;
        assert_eq!(step(worker(&replica)).await, Some(name.clone()));
        let before = acme.ada.revision().await;
        worker(&app.server).clone().work(slow).await;
        assert_eq!((acme.ada.revision().await, acme.counts().await), (before, (15, 10)));
        // Nor does who was overtaken by somebody who has only begun.
        let slow = app.store.claim(tenant, SLOW).await.unwrap().unwrap();
        let next = app.store.claim(tenant, SLOW).await.unwrap().unwrap();
        worker(&replica).clone().work(slow).await;
        assert_eq!(acme.counts().await, (15, 10));
        worker(&app.server).clone().work(next).await;
        assert_eq!((progress(&acme.get(&name).await).0, acme.counts().await), (20, (5, 20)));
        app.finish().await;
        assert_eq!(moved(&acme.get(&name).await).moved, 25);
    }

    /// H-09: while a lease lasts, nobody else claims.
    async fn h_09_one_at_a_time(app) {
        let acme = Scene::new(app, "acme", 5).await;
        let tenant = acme.tenant.id.parse().unwrap();
        acme.start().await;
        let lease = Claimant { lease: Duration::from_secs(600), ..SLOW };
        let claims = [(); 8].map(|()| app.store.claim(tenant, lease));
        let claims = futures_util::future::join_all(claims).await;
        let claimed: Vec<_> = claims.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(claimed.len(), 1);
        assert_eq!(app.step().await, None);
        worker(&app.server).clone().work(claimed.into_iter().next().unwrap()).await;
        assert_eq!(acme.counts().await, (0, 5));
    }

    /// H-09: replicas that keep overtaking each other move everybody once.
    async fn h_09_replicas_that_overtake_each_other_move_everybody_once(app) {
        let acme = Scene::new(app, "acme", 200).await;
        let name = acme.start().await;
        let id = name.strip_prefix("operations/").unwrap();
        let replica = app.replica().await;
        let over = AtomicBool::new(false);
        let hand = async |server| {
            while !over.load(Ordering::Relaxed) {
                step(worker(server)).await;
                tokio::task::yield_now().await;
            }
        };
        let thief = async {
            while !acme.get(&name).await.done {
                let free = "UPDATE operation SET lease_until = 0 WHERE id = {id} AND end_time IS NULL";
                app.database.sabotage(free, id).await;
                app.database.sabotage("UPDATE due SET at = 0 WHERE id = {id}", id).await;
            }
            over.store(true, Ordering::Relaxed);
        };
        tokio::join!(thief, hand(&app.server), hand(&replica), hand(&app.server), hand(&replica));
        assert_eq!(acme.counts().await, (0, 200));
        assert_eq!(moved(&acme.get(&name).await).moved, 200);
        let times = moves(app, &acme.tenant.id).await;
        assert!(times.len() == 200 && times.values().all(|times| *times == 1), "{times:?}");
    }

    /// H-09: a worker that runs by itself is told of what is started beside it, and stops when it is told to.
    async fn h_09_a_worker_runs_until_it_is_told_to_stop(app) {
        let acme = Scene::new(app, "acme", 45).await;
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(worker(&app.server).clone().run(stop.clone()));
        let name = acme.start().await;
        let done = acme.ada.try_wait(&name, 60).await.unwrap().into_inner();
        assert_eq!(moved(&done).moved, 45);
        stop.cancel();
        running.await.unwrap();
        acme.ada.fill(&acme.workspace, &acme.from, 50..55).await;
        let name = acme.start().await;
        assert!(!acme.ada.try_wait(&name, 0).await.unwrap().into_inner().done);
        app.finish().await;
    }
}
