//! Whatever happens, the numbers add up.

use precinct::pb::{CostFormat, UsageMetric};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value as Json, json};

use crate::on_both;
use crate::support::App;
use crate::support::actor::ok;
use crate::support::usage::{assert_adds_up, bill, value};

const STEPS: usize = 40;

/// A random change, which may be refused.
fn step(
    rng: &mut StdRng,
    (w, p): (&str, &str),
    (person, other): (&str, &str),
    n: usize,
) -> (&'static str, Json) {
    let bound = json!({ "workspace_id": w, "partition_id": p });
    let known = json!({ "workspace_id": w, "person_id": person });
    match rng.random_range(0..13) {
        0 => ("PartitionService/BindPartition", bound),
        1 => ("PartitionService/UnbindPartition", bound),
        2 => ("PersonService/DeletePerson", known),
        3 => ("PersonService/UndeletePerson", known),
        4 => {
            let rows: Vec<Json> = (0..3)
                .map(|at| json!({ "email": format!("s{}-{at}@example.com", n % 12) }))
                .collect();
            ("PersonService/SyncPeople", json!({ "workspace_id": w, "people": rows }))
        }
        5 | 6 => (
            "PersonService/MovePeople",
            json!({ "workspace_id": w, "person_ids": [person], "target_partition_id": p }),
        ),
        7 => (
            "WorkspaceService/UpdateWorkspace",
            json!({
                "workspace": { "workspace_id": w, "all_partitions": rng.random_bool(0.5) },
                "update_mask": "allPartitions",
            }),
        ),
        8 => ("PartitionService/SetPrimaryPartition", bound),
        9 => (
            "PersonService/MergePeople",
            json!({ "workspace_id": w, "winner_person_id": person, "loser_person_ids": [other] }),
        ),
        10 => ("WorkspaceService/DeleteWorkspace", json!({ "workspace_id": w })),
        _ => ("WorkspaceService/UndeleteWorkspace", json!({ "workspace_id": w })),
    }
}

async fn run(app: &App, seed: u64) {
    let rng = &mut StdRng::seed_from_u64(seed);
    let acme = app.tenant("acme").await;
    let (ada, all) = (acme.admin(), &acme.default_workspace);
    let mut partitions = vec![acme.default_partition.clone()];
    for n in 0..3 {
        partitions.push(ada.partition(&format!("P{n}")).await);
    }
    let mut workspaces = vec![all.clone()];
    for (n, partition) in partitions.iter().enumerate().take(3) {
        workspaces.push(ada.workspace(&format!("W{n}"), &[partition]).await);
    }
    let mut people = Vec::new();
    for n in 0..6 {
        let email = format!("p{n}@example.com");
        people.push(ada.person(&workspaces[n % 4], &email).await.person_id);
    }
    for n in 0..STEPS {
        let (w, p) = (workspaces.choose(rng).unwrap(), partitions.choose(rng).unwrap());
        let (person, other) = (people.choose(rng).unwrap(), people.choose(rng).unwrap());
        let (label, request) = step(rng, (w, p), (person, other), n);
        // Some of it is refused, which changes nothing.
        ada.make(label, &request).await.result().ok();
        if n % 8 == 7 {
            app.store.flush_counts().await.unwrap();
        }
    }
    let usage = ada.usage("").await;
    assert_adds_up(&usage);
    let total = &usage.periods.last().unwrap().total;
    let mut rows = app.rows(&[acme.id.parse().unwrap()]).await;
    let rows = rows.remove(&acme.id.parse().unwrap()).unwrap();
    let living = rows.people.iter().filter(|one| one.delete_time.is_none()).count();
    assert_eq!(value(total, UsageMetric::People), i64::try_from(living).unwrap());
    for w in rows.workspaces.iter().filter(|one| one.delete_time.is_none()) {
        let w = w.id.to_string();
        let insight = ada.insight(&w).await;
        assert_eq!(insight.people, ada.count(&w).await, "seed {seed}");
        assert_eq!(insight.people, insight.people_gained - insight.people_lost, "seed {seed}");
    }
    let split = ok(ada.try_allocate(bill("999.99"), CostFormat::Data).await);
    let cents: i64 =
        split.shares.iter().map(|one| one.amount.replace('.', "").parse::<i64>().unwrap()).sum();
    assert_eq!(cents, 99_999);
}

on_both! {
    /// K-05, K-09: after random changes the parts are the whole, and gains less losses are whom a workspace sees.
    async fn k_05_numbers_add_up_1(app) {
        run(app, 1).await;
    }

    /// K-05, K-09: the same, by another chance.
    async fn k_05_numbers_add_up_2(app) {
        run(app, 2).await;
    }

    /// K-05, K-09: the same, by another chance.
    async fn k_05_numbers_add_up_3(app) {
        run(app, 3).await;
    }
}
