//! A server that is killed in the middle of a purge loses nothing, and the next one goes on.

use std::time::Duration;

use super::tenant::left;
use super::{purged, rows};
use crate::support::App;
use crate::support::checker;
use crate::support::process::Process;

const PEOPLE: usize = 12_000;
/// When so many are left, the server is killed.
const KILL: i64 = 10_000;
/// A claim that a killed server leaves behind is over soon.
const ARGUMENTS: [&str; 2] = ["--slice-time", "1s"];

async fn people(app: &App, tenant: &str) -> i64 {
    let left = left(app, tenant).await;
    left.into_iter().find(|(table, _)| table == "person").map_or(0, |(_, count)| count)
}

async fn killed_and_resumed(app: App) {
    let acme = app.tenant("acme").await;
    let (ada, w) = (acme.admin(), acme.default_workspace.as_str());
    ada.fill(w, &acme.default_partition, 0..PEOPLE).await;
    let all = "UPDATE person SET delete_time = 1, purge_time = 2; \
        INSERT INTO due (tenant_id, kind, id, at) VALUES ({id}, 'PURGE_PEOPLE', {id}, 2)";
    app.database.sabotage(all, &acme.id).await;
    app.store.close().await;
    let mut remain = people(&app, &acme.id).await;
    for kill in [KILL, 0] {
        let server = Process::serving(&app.database, &ARGUMENTS);
        server.ready().await;
        while remain > kill {
            tokio::time::sleep(Duration::from_millis(5)).await;
            remain = people(&app, &acme.id).await;
        }
        server.signal("KILL");
        server.exit().await;
        remain = people(&app, &acme.id).await;
        assert_eq!(remain % 1_000, 0, "slices are whole: {remain}");
    }
    assert_eq!(purged(&rows(&app, &acme.id).await).len(), PEOPLE);
    checker::check(&app.database.url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_10_a_purge_survives_kill_9_on_sqlite() {
    killed_and_resumed(App::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_10_a_purge_survives_kill_9_on_postgres() {
    killed_and_resumed(App::postgres().await).await;
}
