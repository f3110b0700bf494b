//! PostgreSQL goes away under load and comes back: the server says so, refuses meanwhile, keeps every
//! promise, and needs no restart of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use precinct::pb;
use uuid::Uuid;

use crate::support::actor::{Actor, ok};
use crate::support::checker;
use crate::support::cluster::Cluster;
use crate::support::process::{Process, Seen};
use crate::support::rows::Rows;
use crate::support::status::reason;
use crate::support::{SECRET, Tenant};

/// Writers with a request_id, who repeat a call until it is answered.
const PATIENT: usize = 3;
/// Writers without one, who cannot.
const HASTY: usize = 2;
/// So many answers are waited for before the database goes, and after it came back.
const ANSWERS: usize = 100;

/// What writers share.
struct Load {
    tenant: Tenant,
    answers: AtomicUsize,
    stop: AtomicBool,
}

/// What a writer has seen.
#[derive(Default)]
struct History {
    answered: Vec<(pb::CreatePersonRequest, pb::CreatePersonResponse)>,
    /// Refused for sure.
    refused: Vec<String>,
    /// Maybe there, maybe not.
    unknown: Vec<String>,
    reasons: BTreeSet<String>,
}

fn request(tenant: &Tenant, writer: usize, turn: usize) -> pb::CreatePersonRequest {
    let patient = writer < PATIENT;
    let id = Uuid::from_u64_pair(0x0190_f0e0_0000_4000 + writer as u64, (8 << 60) + turn as u64);
    pb::CreatePersonRequest {
        workspace_id: tenant.default_workspace.clone(),
        person: Some(pb::Person {
            email: format!("w{writer}-{turn}@example.com"),
            ..pb::Person::default()
        }),
        request_id: if patient { id.to_string() } else { String::new() },
        ..pb::CreatePersonRequest::default()
    }
}

async fn write(load: Arc<Load>, writer: usize) -> History {
    let (ada, mut history) = (load.tenant.admin(), History::default());
    for turn in 0.. {
        let request = request(&load.tenant, writer, turn);
        while !attempt(&ada, &request, &load, &mut history).await && writer < PATIENT {
            // A client that does not ask again at once.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if load.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    history
}

async fn attempt(
    ada: &Actor,
    request: &pb::CreatePersonRequest,
    load: &Load,
    history: &mut History,
) -> bool {
    let email = || request.person.as_ref().map(|person| person.email.clone()).unwrap_or_default();
    match ada.people().create_person(request.clone()).await {
        Ok(answer) => {
            history.answered.push((request.clone(), answer.into_inner()));
            load.answers.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        Err(status) => {
            let reason = reason(&status);
            let unknown = reason.ends_with("COMMIT_UNKNOWN");
            let list = if unknown { &mut history.unknown } else { &mut history.refused };
            list.push(email());
            history.reasons.insert(reason);
        }
    }
    false
}

/// Waits until the writers have so many answers more.
async fn answers(load: &Load, more: usize) {
    let wanted = load.answers.load(Ordering::Relaxed) + more;
    while load.answers.load(Ordering::Relaxed) < wanted {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_database_under_load_breaks_no_promise() {
    let cluster = Cluster::start().await;
    let directory = tempfile::tempdir().unwrap();
    let server = Process::on(&cluster.url, directory, &["--migrate", "--secret", SECRET]);
    server.ready().await;
    let tenant = server.operator().tenant("acme").await;
    let load = Arc::new(Load { tenant, answers: 0.into(), stop: false.into() });
    let writers: Vec<_> =
        (0..PATIENT + HASTY).map(|writer| tokio::spawn(write(load.clone(), writer))).collect();
    let mut health = server.watch().await;
    assert_eq!(health.next().await, Some(Seen::Serving));
    answers(&load, ANSWERS).await;
    cluster.stop();
    assert_eq!(health.next().await, Some(Seen::NotServing));
    cluster.restart();
    assert_eq!(health.next().await, Some(Seen::Serving));
    answers(&load, ANSWERS).await;
    load.stop.store(true, Ordering::Relaxed);
    let mut histories = Vec::new();
    for writer in writers {
        histories.push(writer.await.unwrap());
    }
    examine(&cluster.url, &load.tenant, &histories).await;
    checker::check(&cluster.url).await;
}

async fn examine(url: &str, tenant: &Tenant, histories: &[History]) {
    let reasons: BTreeSet<&str> =
        histories.iter().flat_map(|one| &one.reasons).map(String::as_str).collect();
    let known = ["Unavailable / COMMIT_UNKNOWN", "Unavailable / DATABASE_UNAVAILABLE"].into();
    assert!(!reasons.is_empty() && reasons.is_subset(&known), "{reasons:?}");
    let id = tenant.id.parse().unwrap();
    let rows = Rows::of(url, &[id]).await.remove(&id).unwrap();
    let there: BTreeSet<(String, String)> =
        rows.people.into_iter().map(|one| (one.id.to_string(), one.email_key)).collect();
    let emails: BTreeSet<&str> = there.iter().map(|(_, email)| email.as_str()).collect();
    assert_eq!(there.len(), emails.len(), "nobody is there twice");
    let mut answered = 0;
    for history in histories {
        for (_, answer) in &history.answered {
            let person = answer.person.clone().unwrap();
            assert!(there.contains(&(person.person_id, person.email.clone())), "{}", person.email);
        }
        answered += history.answered.len();
        answered += history.unknown.iter().filter(|one| emails.contains(one.as_str())).count();
    }
    assert_eq!(there.len(), answered, "whoever was refused is not there");
    repeat(tenant, &histories[..PATIENT]).await;
}

/// What was answered is answered again, the same.
async fn repeat(tenant: &Tenant, histories: &[History]) {
    let ada = tenant.admin();
    let before = ada.revision().await;
    let answered: Vec<_> = histories.iter().flat_map(|history| &history.answered).collect();
    for (request, answer) in answered.into_iter().rev().step_by(7).take(100) {
        assert_eq!(ok(ada.people().create_person(request.clone()).await), *answer);
    }
    assert_eq!(ada.revision().await, before);
}
