//! H-09: a server that is killed in the middle of an approval loses nothing, and readers never see a half.

use super::{by_name, rename};
use crate::support::actor::Actor;
use crate::support::checker;
use crate::support::database::Database;
use crate::support::operations::progress;
use crate::support::process::Process;
use crate::support::segmentations::Segmentation;

const PEOPLE: usize = 8_000;
/// When so many have been computed, the server is killed.
const KILLS: [i64; 2] = [1, 4_000];
/// A lease that a killed server leaves behind is over soon.
const ARGUMENTS: [&str; 2] = ["--slice-time", "2s"];

async fn ended(ada: &Actor, name: &str) -> bool {
    ada.try_wait(name, 60).await.unwrap().into_inner().done
}

async fn killed_and_resumed(database: Database) {
    let mut server = Process::serving(&database, &ARGUMENTS);
    server.ready().await;
    let mut tenant = server.operator().tenant("acme").await;
    let mut ada = tenant.admin();
    let (all, partition) = (tenant.default_workspace.clone(), tenant.default_partition.clone());
    ada.fill(&all, &partition, 0..PEOPLE).await;
    let made = ada.segmentation(&all, "Names", &[by_name("Ann")]).await;
    let name = made.approve().await;
    while !ended(&ada, &name).await {}
    made.edit(&[by_name("Ann"), by_name("Bob")]).await;
    let name = made.approve().await;
    let people = i64::try_from(PEOPLE).unwrap();
    let mut seen = 0;
    let mut through = made.clone();
    for kill in KILLS {
        let mut whole = 0;
        while seen < kill {
            let operation = ada.operation(&name).await;
            seen = if operation.done { people } else { progress(&operation).0 };
            whole += through.sizes().await.iter().sum::<i64>() / people;
        }
        assert!(whole > 0, "readers see all people, always");
        let one = ada.person(&all, &format!("late{kill}@example.com")).await;
        rename(&ada, &all, &one.person_id, "Bob").await;
        server.signal("KILL");
        server.exit().await;
        server = Process::serving(&database, &ARGUMENTS);
        server.ready().await;
        tenant = tenant.over(server.line());
        ada = tenant.admin();
        through = Segmentation { actor: ada.clone(), ..made.clone() };
    }
    while !ended(&ada, &name).await {}
    assert_eq!(through.sizes().await, [0, 2, people]);
    while ada.operation_names("done=false").await.len() + usize::from(!through.get().await.operation.is_empty()) > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    checker::check(&database.url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_approval_survives_kill_9_on_sqlite() {
    killed_and_resumed(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_approval_survives_kill_9_on_postgres() {
    killed_and_resumed(Database::postgres().await).await;
}
