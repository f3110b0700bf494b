//! Callers who reset their calls in the middle harm nobody, not even themselves: each call happens whole or
//! not at all, nobody's acknowledged write is lost, and no transaction is left open. (A handler that is
//! dropped with its call would leave its connection to the next caller with the transaction still open.)

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use precinct::pb;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::{Connection, PgConnection};
use tonic::Code;
use uuid::Uuid;

use crate::support::actor::Actor;
use crate::support::checker;
use crate::support::database::Database;
use crate::support::process::Process;
use crate::support::rows::Rows;
use crate::support::{Tenant, actor};

/// Calls that are reset after they were sent.
const RESETS: usize = 4_000;
/// Connections whose callers reset, and callers on each.
const CONNECTIONS: usize = 4;
const CALLERS: usize = 8;
/// Callers who wait for their answers.
const HONEST: usize = 4;
/// People who are read and changed.
const TARGETS: usize = 32;

/// Who is attacked, and how far the attack is.
struct Attack {
    tenant: Tenant,
    targets: Vec<String>,
    resets: AtomicUsize,
}

/// Sends calls and drops them at some point, until there were enough.
async fn reset(attack: Arc<Attack>, ada: Actor, number: usize) {
    let mut random = StdRng::seed_from_u64(number as u64);
    let mut turn = 0;
    while attack.resets.load(Ordering::Relaxed) < RESETS {
        turn += 1;
        let target = &attack.targets[random.random_range(0..TARGETS)];
        let patience = Duration::from_micros(random.random_range(200..6_000));
        let call =
            call(&attack, &ada, target, format!("r{number}-{turn}"), random.random_range(0..8));
        if tokio::time::timeout(patience, call).await.is_err() {
            attack.resets.fetch_add(1, Ordering::Relaxed);
            // Not faster than the server works: else most are refused at the door.
            self::call(&attack, &ada, target, String::new(), 2).await;
        }
    }
}

async fn call(attack: &Attack, ada: &Actor, target: &str, name: String, kind: u8) {
    let workspace_id = attack.tenant.default_workspace.clone();
    let person = |person_id: &str, email: String| {
        let (person_id, first_name) = (person_id.to_owned(), name.clone());
        Some(pb::Person { person_id, email, first_name, ..pb::Person::default() })
    };
    let mut people = ada.people();
    match kind {
        0 => {
            let person = person("", format!("{name}@example.com"));
            let request = pb::CreatePersonRequest { workspace_id, person, ..Default::default() };
            drop(people.create_person(request).await);
        }
        1 => {
            let person = person(target, String::new());
            let request = pb::UpdatePersonRequest { workspace_id, person, ..Default::default() };
            drop(people.update_person(request).await);
        }
        _ => {
            let request = pb::GetPersonRequest { workspace_id, person_id: target.into() };
            drop(people.get_person(request).await);
        }
    }
}

/// Writes for as long as the attack lasts; the ids of those who are there for sure.
async fn write(attack: Arc<Attack>, tenant: Tenant, number: usize) -> Vec<String> {
    let (ada, mut acknowledged) = (tenant.admin(), Vec::new());
    for turn in 0_u64.. {
        let request = pb::CreatePersonRequest {
            workspace_id: tenant.default_workspace.clone(),
            person: Some(pb::Person {
                email: format!("h{number}-{turn}@example.com"),
                ..pb::Person::default()
            }),
            request_id: Uuid::from_u64_pair(number as u64, turn).to_string(),
            ..pb::CreatePersonRequest::default()
        };
        let answer = loop {
            match ada.people().create_person(request.clone()).await {
                Ok(answer) => break answer.into_inner(),
                // The tenant's own resets take all the room that it has.
                Err(status) if status.code() == Code::ResourceExhausted => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(status) => panic!("{status:?}"),
            }
        };
        acknowledged.extend(answer.person.map(|person| person.person_id));
        if attack.resets.load(Ordering::Relaxed) >= RESETS {
            break;
        }
    }
    acknowledged
}

async fn targets(tenant: &Tenant) -> Vec<String> {
    let people: Vec<pb::Person> = (0..TARGETS)
        .map(|n| pb::Person { email: format!("t{n}@example.com"), ..pb::Person::default() })
        .collect();
    let request = pb::SyncPeopleRequest {
        workspace_id: tenant.default_workspace.clone(),
        mode: pb::PersonWriteMode::CreateOnly.into(),
        people,
        ..pb::SyncPeopleRequest::default()
    };
    let made = actor::ok(tenant.admin().people().sync_people(request).await);
    made.results.into_iter().map(|result| result.person_id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resets_lose_no_write_and_leave_nothing_behind() {
    let database = Database::postgres().await;
    let server = Process::serving(&database, &["--drain-delay", "0s", "--shutdown-grace", "60s"]);
    server.ready().await;
    let (acme, globex) =
        (server.operator().tenant("acme").await, server.operator().tenant("globex").await);
    let attack =
        Arc::new(Attack { targets: targets(&acme).await, tenant: acme.clone(), resets: 0.into() });
    let mut attackers = Vec::new();
    for connection in 0..CONNECTIONS {
        let ada = acme.over(server.line()).admin();
        attackers.extend((0..CALLERS).map(|caller| {
            tokio::spawn(reset(attack.clone(), ada.clone(), connection * CALLERS + caller))
        }));
    }
    // Half of the honest are of the tenant that is attacked.
    let honest: Vec<_> = (0..HONEST)
        .map(|number| {
            let tenant = if number % 2 == 0 { &acme } else { &globex };
            tokio::spawn(write(attack.clone(), tenant.over(server.line()), number))
        })
        .collect();
    for attacker in attackers {
        attacker.await.unwrap();
    }
    let mut acknowledged = BTreeSet::new();
    for writer in honest {
        acknowledged.extend(writer.await.unwrap());
    }
    no_transaction_stays_open(&database.url).await;
    // Whatever is still at work comes to its end before the process does.
    server.signal("TERM");
    assert_eq!(server.exit().await.code(), Some(0));
    examine(&database.url, acknowledged).await;
}

/// Looks until it sees none; what is open is closed within the time that a call may take.
async fn no_transaction_stays_open(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..200 {
        let open: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
        if open == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a transaction stays open");
}

/// Each person has its change and its record, each change and record its person.
async fn examine(url: &str, acknowledged: BTreeSet<String>) {
    let (mut there, mut created, mut recorded) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for rows in Rows::all(url).await.into_values() {
        let mut updates: BTreeMap<Uuid, i64> = BTreeMap::new();
        for change in rows.changes.iter().filter(|change| change.kind == "person.updated") {
            *updates.entry(change.resource_id.unwrap()).or_default() += 1;
        }
        for person in &rows.people {
            let updates = updates.remove(&person.id.0).unwrap_or_default();
            assert_eq!(person.version, 1 + updates, "{} changed that often", person.id);
        }
        let kept = rows.people.iter().filter(|one| !one.email_key.starts_with('t'));
        there.extend(kept.map(|one| one.id.0));
        let made = rows.changes.iter().filter(|one| one.kind == "person.created");
        created.extend(made.filter_map(|one| one.resource_id));
        let made = rows.audits.iter().filter(|one| one.action == "PersonService/CreatePerson");
        recorded.extend(made.filter_map(|one| one.resource_id));
    }
    assert!(there == created && there == recorded, "a call happened in part");
    assert!(there.len() > acknowledged.len() + 50, "the attack did not reach the handlers");
    let lost = acknowledged.iter().filter(|id| !there.contains(&id.parse().unwrap()));
    assert_eq!(lost.count(), 0, "of {}", acknowledged.len());
    checker::check(url).await;
}
