//! D-04, M-01: whatever races, the database shows each email once, and each person in one partition.

use std::collections::{BTreeMap, BTreeSet};

use precinct::pb;
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::reason;

fn upsert(workspace: &str, emails: &[String]) -> pb::SyncPeopleRequest {
    let person = |email: &String| pb::Person { email: email.clone(), ..pb::Person::default() };
    pb::SyncPeopleRequest {
        workspace_id: workspace.into(),
        mode: pb::PersonWriteMode::CreateOrUpdate.into(),
        people: emails.iter().map(person).collect(),
        ..pb::SyncPeopleRequest::default()
    }
}

async fn relocate(
    ada: &Actor,
    workspace: &str,
    people: Vec<String>,
    target: &str,
) -> Vec<pb::MoveResult> {
    let request = pb::MovePeopleRequest {
        workspace_id: workspace.into(),
        person_ids: people,
        target_partition_id: target.into(),
        ..pb::MovePeopleRequest::default()
    };
    ok(ada.people().move_people(request).await).results
}

on_both! {
    /// D-04: 50 racing creates of one email give one person and 49 ALREADY_EXISTS.
    async fn d_04_racing_creates_give_one_person(app) {
        let acme = app.tenant("acme").await;
        let calls = (0..50).map(|_| {
            let (ada, w) = (acme.admin(), acme.default_workspace.clone());
            tokio::spawn(async move { ada.try_person(&w, "", "one@example.com").await })
        });
        let (mut made, mut refused) = (0, 0);
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Ok(_) => made += 1,
                Err(status) if status.code() == Code::AlreadyExists => refused += 1,
                Err(status) => panic!("{}: {}", reason(&status), status.message()),
            }
        }
        assert_eq!((made, refused), (1, 49));
        assert_eq!(acme.admin().count(&acme.default_workspace).await, 1);
    }

    /// D-04: the same through two replicas: what holds is the database's, not a server's.
    async fn d_04_racing_creates_through_two_replicas(app) {
        let acme = app.tenant("acme").await;
        let other = acme.through(app.replica().await);
        let calls = (0..40).map(|turn| {
            let tenant = if turn % 2 == 0 { &acme } else { &other };
            let (ada, w) = (tenant.admin(), acme.default_workspace.clone());
            let email = format!("p{}@example.com", turn / 8);
            tokio::spawn(async move { ada.try_person(&w, "", &email).await.is_ok() })
        });
        let mut made = 0;
        for call in calls.collect::<Vec<_>>() {
            made += usize::from(call.await.unwrap());
        }
        assert_eq!((made, acme.admin().count(&acme.default_workspace).await), (5, 5));
        assert_eq!(acme.admin().revision().await, other.admin().revision().await);
    }

    /// D-04: 50 racing upserts of one email all give the same person.
    async fn d_04_racing_upserts_give_the_same_person(app) {
        let acme = app.tenant("acme").await;
        let calls = (0..50).map(|_| {
            let (ada, w) = (acme.admin(), acme.default_workspace.clone());
            let request = upsert(&w, &["one@example.com".to_owned()]);
            tokio::spawn(async move { ok(ada.people().sync_people(request).await).results })
        });
        let mut ids = BTreeSet::new();
        for call in calls.collect::<Vec<_>>() {
            let results = call.await.unwrap();
            assert_eq!(results[0].error, None);
            ids.insert(results[0].person_id.clone());
        }
        assert_eq!(ids.len(), 1);
    }

    /// D-04, M-01: creates, upserts and moves of the same emails race in two partitions under either policy;
    /// in the end each email is there as often as the policy allows, and nobody is in two places.
    async fn d_04_creates_upserts_and_moves_race(app) {
        for policy in [pb::DuplicatePolicy::Reject, pb::DuplicatePolicy::Allow] {
            let settings =
                pb::TenantSettings { duplicate_policy: policy.into(), ..pb::TenantSettings::default() };
            let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
            let tenant = made.tenant.unwrap().tenant_id;
            let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
            let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
            let w1 = ada.workspace("W1", &[&p1, &p2]).await;
            let w2 = ada.workspace("W2", &[&p2, &p1]).await;
            let emails: Vec<String> = (0..8).map(|n| format!("p{n}@example.com")).collect();
            let mut calls = Vec::new();
            for turn in 0..12 {
                let (ada, emails) = (ada.clone(), emails.clone());
                let (w, target) = if turn % 2 == 0 { (&w1, &p2) } else { (&w2, &p1) };
                let (w, target) = (w.clone(), target.clone());
                calls.push(tokio::spawn(async move {
                    for email in &emails {
                        let _ = ada.try_person(&w, "", email).await;
                    }
                    ok(ada.people().sync_people(upsert(&w, &emails)).await);
                    let people = ada.list(&w, 100).await;
                    let ids = people.into_iter().map(|person| person.person_id).collect();
                    relocate(&ada, &w, ids, &target).await;
                }));
            }
            for call in calls {
                call.await.unwrap();
            }
            let people = ada.list(&w1, 1_000).await;
            let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
            for person in &people {
                let scope = match policy {
                    pb::DuplicatePolicy::Reject => String::new(),
                    _ => person.partition_id.clone(),
                };
                *places.entry((person.email.clone(), scope)).or_default() += 1;
            }
            assert!(places.values().all(|times| *times == 1), "{policy:?}: {places:?}");
            let known: BTreeSet<&String> = people.iter().map(|person| &person.email).collect();
            assert_eq!(known.len(), emails.len(), "nobody got lost");
        }
    }

    /// D-09: whoever creates a person while the address is being unsubscribed elsewhere, the person ends
    /// unsubscribed.
    async fn d_09_an_unsubscription_that_races_is_not_missed(app) {
        let settings = crate::support::allowing_duplicates();
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p2]).await);
        for round in 0..20 {
            let email = format!("p{round}@example.com");
            let first = ada.person(&w1, &email).await;
            let unsubscribe = pb::UpdatePersonRequest {
                workspace_id: w1.clone(),
                person: Some(pb::Person {
                    person_id: first.person_id,
                    unsubscribed: Some(true),
                    ..pb::Person::default()
                }),
                update_mask: Some(prost_types::FieldMask { paths: vec!["unsubscribed".into()] }),
                ..pb::UpdatePersonRequest::default()
            };
            let mut people = ada.people();
            let (withdrawn, twin) = tokio::join!(
                people.update_person(unsubscribe),
                ada.try_person(&w2, "", &email)
            );
            ok(withdrawn);
            let twin = ok(twin).person.unwrap();
            let read = ada.try_get_person(&w2, &twin.person_id).await.unwrap();
            assert_eq!(read.unsubscribed, Some(true), "round {round}");
        }
    }

    /// D-09: whoever creates a person while the address is being re-subscribed elsewhere, the person ends
    /// as everybody else who has the address.
    async fn d_09_a_resubscription_that_races_is_not_missed(app) {
        let settings = crate::support::allowing_duplicates();
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p2]).await);
        for round in 0..20 {
            let email = format!("p{round}@example.com");
            let first = ada.person(&w1, &email).await;
            let set = |unsubscribed| pb::UpdatePersonRequest {
                workspace_id: w1.clone(),
                person: Some(pb::Person {
                    person_id: first.person_id.clone(),
                    unsubscribed: Some(unsubscribed),
                    ..pb::Person::default()
                }),
                update_mask: Some(prost_types::FieldMask { paths: vec!["unsubscribed".into()] }),
                ..pb::UpdatePersonRequest::default()
            };
            ok(ada.people().update_person(set(true)).await);
            let mut people = ada.people();
            let (restored, twin) =
                tokio::join!(people.update_person(set(false)), ada.try_person(&w2, "", &email));
            ok(restored);
            let twin = ok(twin).person.unwrap();
            let read = ada.try_get_person(&w2, &twin.person_id).await.unwrap();
            assert_eq!(read.unsubscribed, Some(false), "round {round}");
        }
    }
}
