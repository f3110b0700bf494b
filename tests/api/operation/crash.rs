//! H-09: a server that is killed in the middle of an operation loses nothing and does nothing twice.

use std::collections::BTreeMap;

use precinct::id::TenantId;

use super::Scene;
use crate::support::checker;
use crate::support::database::Database;
use crate::support::operations::{moved, progress};
use crate::support::process::Process;
use crate::support::rows::Rows;

const PEOPLE: usize = 20_000;
/// When so many have been moved, the server is killed.
const KILLS: [i64; 3] = [1, 6_000, 13_000];

/// A lease that a killed server leaves behind is over soon.
const ARGUMENTS: [&str; 2] = ["--slice-time", "2s"];

async fn killed_and_resumed(database: Database) {
    let mut server = Process::serving(&database, &ARGUMENTS);
    server.ready().await;
    let mut scene = Scene::of(server.operator().tenant("acme").await, PEOPLE).await;
    let name = scene.start().await;
    let mut seen = 0;
    for kill in KILLS {
        while seen < kill {
            seen = progress(&scene.get(&name).await).0;
        }
        server.signal("KILL");
        server.exit().await;
        server = Process::serving(&database, &ARGUMENTS);
        server.ready().await;
        scene.tenant = scene.tenant.over(server.line());
        scene.ada = scene.tenant.admin();
        let there = progress(&scene.get(&name).await).0;
        assert!(there >= seen, "{seen} were seen, {there} are there");
    }
    let mut done = scene.get(&name).await;
    while !done.done {
        done = scene.ada.try_wait(&name, 60).await.unwrap().into_inner();
    }
    let all = i64::try_from(PEOPLE).unwrap();
    assert_eq!((progress(&done), moved(&done).moved), ((all, all, 0), all));
    assert_eq!(scene.counts().await, (0, all));
    once(&database.url, &scene.tenant.id).await;
    checker::check(&database.url).await;
}

/// Everybody was moved once.
async fn once(url: &str, tenant: &str) {
    let id: TenantId = tenant.parse().unwrap();
    let rows = Rows::of(url, &[id]).await.remove(&id).unwrap();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for change in rows.changes.iter().filter(|one| one.kind == "people.moved") {
        for one in change.detail["moved"].as_array().unwrap() {
            *times.entry(one["person_id"].as_str().unwrap()).or_default() += 1;
        }
    }
    assert!(times.len() == PEOPLE && times.values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_operation_survives_kill_9_on_sqlite() {
    killed_and_resumed(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_operation_survives_kill_9_on_postgres() {
    killed_and_resumed(Database::postgres().await).await;
}
