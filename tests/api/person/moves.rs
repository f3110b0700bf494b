//! `MovePeople`.

use precinct::pb;
use precinct::pb::{ErrorReason, MoveStatus};
use tonic::Code;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, metadata};

fn request(w: &str, people: &[&str], target: &str) -> pb::MovePeopleRequest {
    pb::MovePeopleRequest {
        workspace_id: w.into(),
        person_ids: people.iter().map(|id| (*id).to_owned()).collect(),
        target_partition_id: target.into(),
        reason: "reorganised".into(),
        ..pb::MovePeopleRequest::default()
    }
}

async fn statuses(ada: &Actor, call: pb::MovePeopleRequest) -> Vec<(MoveStatus, ErrorReason)> {
    let results = ok(ada.people().move_people(call).await).results;
    let of = |one: &pb::MoveResult| {
        (one.status(), one.error.as_ref().map_or(ErrorReason::Unspecified, pb::ItemError::reason))
    };
    results.iter().map(of).collect()
}

on_both! {
    /// M-01, M-05: a move keeps the id and changes who sees the person; to the same place it changes nothing.
    async fn m_01_a_move_changes_who_sees_the_person(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let (w1, w2) = (ada.workspace("W1", &[&p1]).await, ada.workspace("W2", &[&p2]).await);
        let both = ada.workspace("Both", &[&p1, &p2]).await;
        let person = ada.person(&w1, "a@example.com").await;
        let call = request(&both, &[&person.person_id], &p2);
        let moved = [(MoveStatus::Moved, ErrorReason::Unspecified)];
        assert_eq!(statuses(&ada, call.clone()).await, moved);
        let gone = ada.try_get_person(&w1, &person.person_id).await;
        assert_refused(gone, Code::NotFound, ErrorReason::PersonNotFound);
        let there = ada.try_get_person(&w2, &person.person_id).await.unwrap();
        assert_eq!(there.partition_id, p2);
        let before = ada.revision().await;
        let unchanged = [(MoveStatus::Unchanged, ErrorReason::Unspecified)];
        assert_eq!(statuses(&ada, call).await, unchanged);
        assert_eq!(ada.revision().await, before);
    }

    /// M-03: the workspace must see and be able to write both sides.
    async fn m_03_both_sides_must_be_seen_and_writable(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let all = ada.workspace("all", &[]).await;
        let w = ada.workspace("W", &[&p1]).await;
        let mine = ada.person(&w, "a@example.com").await;
        let hidden = ok(ada.try_person(&all, &p2, "b@example.com").await).person.unwrap();
        let result = ada.people().move_people(request(&w, &[&mine.person_id], &p2)).await;
        assert_refused(result, Code::NotFound, ErrorReason::PartitionNotFound);
        let found = statuses(&ada, request(&w, &[&hidden.person_id], &p1)).await;
        assert_eq!(found, [(MoveStatus::Failed, ErrorReason::PersonNotFound)]);
        let bind = pb::BindPartitionRequest {
            workspace_id: w.clone(),
            partition_id: p3.clone(),
            access: pb::BindingAccess::ReadOnly.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(ada.partitions().bind_partition(bind).await);
        let result = ada.people().move_people(request(&w, &[&mine.person_id], &p3)).await;
        assert_refused(result, Code::FailedPrecondition, ErrorReason::PartitionReadOnly);
        let there = ok(ada.try_person(&all, &p3, "c@example.com").await).person.unwrap();
        let found = statuses(&ada, request(&w, &[&there.person_id], &p1)).await;
        assert_eq!(found, [(MoveStatus::Failed, ErrorReason::PartitionReadOnly)]);
    }

    /// M-03: regions must match, unless the tenant allows the pair.
    async fn m_03_regions_are_boundaries(app) {
        let settings = pb::TenantSettings {
            allowed_region_pairs: vec![pb::RegionPair { from: "eu".into(), to: "uk".into() }],
            ..pb::TenantSettings::default()
        };
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let eu = ada.regional_partition("EU", "eu").await;
        let uk = ada.regional_partition("UK", "uk").await;
        let us = ada.regional_partition("US", "us").await;
        let all = ada.workspace("all", &[]).await;
        let person = ok(ada.try_person(&all, &eu, "a@example.com").await).person.unwrap();
        let id = person.person_id.as_str();
        let mismatch = [(MoveStatus::Failed, ErrorReason::RegionMismatch)];
        let moved = [(MoveStatus::Moved, ErrorReason::Unspecified)];
        assert_eq!(statuses(&ada, request(&all, &[id], &us)).await, mismatch);
        assert_eq!(statuses(&ada, request(&all, &[id], &uk)).await, moved);
        assert_eq!(statuses(&ada, request(&all, &[id], &eu)).await, mismatch, "one way only");
    }

    /// M-04, M-06: a move onto an email that the target holds is refused, the others go; of twins one goes.
    async fn m_04_a_taken_email_stays_behind(app) {
        let settings = crate::support::allowing_duplicates();
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let tenant = made.tenant.unwrap().tenant_id;
        let ada = Actor::member(app.server.clone(), &tenant, "user:owner");
        let (p1, p2, p3) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("P3").await);
        let all = ada.workspace("all", &[]).await;
        let mut ids = Vec::new();
        for (partition, email) in [
            (&p1, "a@example.com"), (&p1, "b@example.com"), (&p2, "b@example.com"),
            (&p1, "c@example.com"), (&p3, "c@example.com"),
        ] {
            let person = ok(ada.try_person(&all, partition, email).await).person.unwrap();
            ids.push(person.person_id);
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let found = statuses(&ada, request(&all, &ids[..4], &p3)).await;
        let moved = (MoveStatus::Moved, ErrorReason::Unspecified);
        let taken = (MoveStatus::Failed, ErrorReason::DuplicateInPartition);
        assert_eq!(found, [moved, moved, taken, taken]);
        let mut atomic = request(&all, &[ids[0], ids[3]], &p2);
        atomic.atomic = true;
        ok(ada.people().move_people(atomic.clone()).await);
        atomic.target_partition_id = p3;
        let before = ada.revision().await;
        let result = ada.people().move_people(atomic).await;
        let status = assert_refused(result, Code::AlreadyExists, ErrorReason::DuplicateInPartition);
        assert_eq!(metadata(&status, "index").as_deref(), Some("1"));
        assert_eq!(ada.revision().await, before);
    }
}
