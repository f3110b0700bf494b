//! Segmentations under concurrency: whoever wins, the results are right in the end (G-03, G-07, G-08).

use std::sync::atomic::{AtomicUsize, Ordering};

use precinct::repository::segmentation::hold;
use tokio::task::JoinSet;

use super::{Scene, by_name, rename};
use crate::on_both;
use crate::support::operations::SLICE;
use crate::support::segmentations::Segmentation;
use crate::support::status::reason;
use crate::support::{App, context};

const ROUNDS: usize = 4;

/// Carries on what there is to do, also what lost races and was put off.
async fn settle(app: &App, one: &Segmentation) {
    while !one.get().await.operation.is_empty() {
        app.finish().await;
        tokio::task::yield_now().await;
    }
}

/// G-07: who has read definitions that changed before it has the lock begins again. SQLite has one writer, so there they
/// cannot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g_07_definitions_that_changed_are_read_again() {
    let app = App::postgres().await;
    let scene = Scene::new(&app).await;
    let (made, attempts) = (scene.draft(&["Ann"]).await, AtomicUsize::new(0));
    let (ctx, made, attempts) = (context(scene.tenant.id.parse().unwrap()), &made, &attempts);
    let write = app.store.write(&ctx, |tx| async move {
        if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            made.approve().await;
        }
        hold(&tx).await
    });
    write.await.expect("it is written in the end");
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
    app.finish().await;
    app.check().await;
}

on_both! {
    /// G-03, G-07: people are written by many hands while an approval computes them.
    async fn g_07_writers_race_with_an_approval(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 3).await;
        let made = scene.named(app, &["Ann"]).await;
        let people: Vec<String> = scene.ada.list(&scene.all, 1_000).await.into_iter().map(|one| one.person_id).collect();
        for round in 0..ROUNDS {
            made.edit(&[by_name("Bob"), by_name(if round % 2 == 0 { "Cay" } else { "Ann" })]).await;
            made.approve().await;
            let mut writers = JoinSet::new();
            for (at, person) in people.iter().enumerate() {
                let (ada, all, person) = (scene.ada.clone(), scene.all.clone(), person.clone());
                let name = ["Ann", "Bob", "Cay"][(at + round) % 3];
                writers.spawn(async move { rename(&ada, &all, &person, name).await });
            }
            let (_, slices) = tokio::join!(writers.join_all(), app.finish());
            assert!(slices > 3);
            settle(app, &made).await;
            let third = i64::try_from(SLICE).unwrap();
            assert_eq!(made.sizes().await, [third; 3]);
            app.check().await;
        }
    }

    /// G-08: partitions come and go while an approval computes.
    async fn g_08_bindings_race_with_an_approval(app) {
        let scene = Scene::new(app).await;
        for partition in [&scene.p1, &scene.p2, &scene.p3] {
            let email = format!("ann{partition}@example.com");
            scene.person(partition, &email, "Ann").await;
        }
        scene.ada.fill(&scene.all, &scene.p3, 0..SLICE * 2).await;
        let made = scene.named(app, &["Ann"]).await;
        for round in 0..ROUNDS {
            made.edit(&[by_name("Ann"), by_name(&format!("N{round}"))]).await;
            made.approve().await;
            let comes_and_goes = async {
                scene.bind(&scene.one, &scene.p3).await;
                scene.unbind(&scene.one, &scene.p2).await;
                scene.bind(&scene.one, &scene.p2).await;
                if round % 2 == 0 {
                    scene.unbind(&scene.one, &scene.p3).await;
                }
            };
            tokio::join!(comes_and_goes, app.finish());
            settle(app, &made).await;
            let far = i64::from(round % 2 != 0);
            assert_eq!(made.sizes().await[0], 2 + far);
            app.check().await;
        }
    }

    /// G-03: an approval and an edit of the draft: the approved version is the one or the other, and so are the results.
    async fn g_03_an_approval_races_with_an_edit(app) {
        let scene = Scene::new(app).await;
        scene.person(&scene.p1, "a@example.com", "Ann").await;
        let made = scene.named(app, &["Nobody"]).await;
        for _ in 0..ROUNDS {
            made.edit(&[by_name("Bob")]).await;
            let segments = [by_name("Ann")];
            let (begun, edited) = tokio::join!(made.try_approve(), made.try_edit(&segments));
            begun.expect("there is a draft");
            let first = match &edited {
                Ok(_) => true,
                Err(status) => {
                    assert_eq!(reason(status), "FailedPrecondition / OPERATION_RUNNING");
                    false
                }
            };
            app.finish().await;
            assert_eq!(made.sizes().await, if first { [1, 0] } else { [0, 1] });
            assert_eq!(made.get().await.draft, None);
        }
    }

    /// G-03: of two approvals one begins.
    async fn g_03_two_approvals_are_one(app) {
        let scene = Scene::new(app).await;
        for _ in 0..ROUNDS {
            let made = scene.ada.segmentation(&scene.one, &uuid::Uuid::now_v7().to_string(), &[]).await;
            let (a, b) = tokio::join!(made.try_approve(), made.try_approve());
            assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
            let lost = a.err().or(b.err()).unwrap();
            assert_eq!(reason(&lost), "FailedPrecondition / OPERATION_RUNNING");
            app.finish().await;
            assert_eq!(made.get().await.approved.unwrap().version, 1);
        }
    }

    /// H-09: two replicas carry one approval on, slice by slice, each computed once.
    async fn h_09_replicas_share_an_approval(app) {
        let scene = Scene::new(app).await;
        scene.ada.fill(&scene.all, &scene.p1, 0..SLICE * 6).await;
        let other = app.replica().await;
        let made = scene.draft(&["Ann"]).await;
        let name = made.approve().await;
        let there = crate::support::operations::worker(&other);
        while !scene.ada.operation(&name).await.done {
            let (here, there) = tokio::join!(app.step(), crate::support::operations::step(there));
            assert!(here.is_some() || there.is_some());
        }
        let result = scene.ada.operation(&name).await;
        let people = i64::try_from(SLICE * 6).unwrap();
        assert_eq!(crate::support::operations::progress(&result).0, people);
        app.finish().await;
        assert_eq!(made.sizes().await, [0, people]);
        // The other replica has its own memory of what is computed.
        let (ada, elsewhere) = (scene.tenant.through(other).admin(), scene.person(&scene.p1, "a@example.com", "Ann").await);
        rename(&ada, &scene.all, &elsewhere, "Bob").await;
        assert_eq!(made.sizes().await, [0, people + 1]);
    }
}
