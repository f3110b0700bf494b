//! Where people land, whichever way they come in.

use precinct::pb;
use precinct::pb::{
    ErrorReason, PersonSource, PersonWriteMode, PersonWriteStatus, RoutingOperator, RoutingReason,
};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::routing::{Door, always, from, policy, somebody, tenant_with, text};
use crate::support::status::assert_refused;

/// Where somebody with an email is, as a workspace that sees everything finds out.
async fn home(ada: &Actor, all: &str, email: &str) -> String {
    let request = pb::LookupPeopleRequest { workspace_id: all.into(), emails: vec![email.into()] };
    let mut found = ok(ada.people().lookup_people(request).await).results.remove(0).people;
    assert_eq!(found.len(), 1, "{email}");
    found.remove(0).partition_id
}

fn named(workspace: &str, partition: &str, email: &str) -> pb::CreatePersonRequest {
    pb::CreatePersonRequest {
        workspace_id: workspace.into(),
        partition_id: partition.into(),
        person: Some(somebody(email, "Ada")),
        ..pb::CreatePersonRequest::default()
    }
}

on_both! {
    /// the named partition, then the first rule for the source, then the default choice, then the primary.
    async fn r_01_named_then_rules_then_the_default_choice(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let mut partitions = Vec::new();
        for name in ["P", "Q", "R"] {
            partitions.push(ada.partition(name).await);
        }
        let [p, q, r] = &partitions[..] else { unreachable!() };
        let w = ada.workspace("W", &[p, q, r]).await;
        let crm = pb::RoutingRule { sources: vec![PersonSource::Crm.into()], ..text("first_name", RoutingOperator::Is, "ZOË", q) };
        ada.route(&[crm, from(PersonSource::Import, r)]).await;
        for (n, (source, name, wanted)) in [
            (PersonSource::Crm, "zoë", q),
            (PersonSource::Crm, "Zoe", p),
            (PersonSource::Api, "Zoë", p),
            (PersonSource::Import, "Zoë", r),
        ].into_iter().enumerate() {
            let person = somebody(&format!("p{n}@example.com"), name);
            let made = ok(ada.try_create(&w, source, person).await).person.unwrap();
            assert_eq!(&made.partition_id, wanted, "{source:?} {name}");
        }
        let made = ok(ada.people().create_person(named(&w, q, "n@example.com")).await);
        assert_eq!(&made.person.unwrap().partition_id, q);
        let choice = Some(pb::RoutingDefault { partition_id: r.clone() });
        let change = pb::RoutingPolicy { default_choice: choice, ..policy(&[]) };
        ok(ada.try_route(change, &["default_choice"]).await);
        let person = somebody("d@example.com", "Zoe");
        ok(ada.try_create(&w, PersonSource::Manual, person).await);
        assert_eq!(&home(&ada, all, "d@example.com").await, r);
    }

    /// all ways in go by the rules; of several rows about one person the first decides, and a later change
    /// of what rules look at moves nobody.
    async fn r_04_rules_run_at_creation_only(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p, q) = (ada.partition("P").await, ada.partition("Q").await);
        let w = ada.workspace("W", &[&p, &q]).await;
        let door = Door::new(&ada, &w).await;
        ada.route(&[text("first_name", RoutingOperator::StartsWith, "q", &q)]).await;
        let people = vec![
            somebody("a@example.com", "Quinn"),
            somebody("b@example.com", "Paul"),
            somebody("a@example.com", "Paul"),
            somebody("b@example.com", "Quinn"),
        ];
        let results = ada.sync(&w, PersonWriteMode::CreateOrUpdate, people).await;
        let statuses: Vec<_> = results.iter().map(pb::SyncResult::status).collect();
        use PersonWriteStatus::{Created, Updated};
        assert_eq!(statuses, [Created, Created, Updated, Updated]);
        assert_eq!(home(&ada, all, "a@example.com").await, q);
        assert_eq!(home(&ada, all, "b@example.com").await, p);
        door.submit(&ada, somebody("c@example.com", "Quinn")).await;
        assert_eq!(home(&ada, all, "c@example.com").await, q);
        let header = json!({ "import_id": Uuid::now_v7().to_string(), "workspace_id": w });
        let rows = json!([
            { "email": "d@example.com", "first_name": "Quinn" },
            { "email": "e@example.com", "first_name": "Paul" },
        ]);
        let chunk = json!({ "people": rows, "last": true });
        ada.make("PersonService/ImportPeople", &json!([{ "header": header }, { "chunk": chunk }])).await.ok();
        assert_eq!(home(&ada, all, "d@example.com").await, q);
        assert_eq!(home(&ada, all, "e@example.com").await, p);
    }

    /// an unseen named partition answers as one that never was, a read-only one says so; simulated too.
    async fn r_03_a_named_partition_must_be_seen_and_writable(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let (p, q, r) = (ada.partition("P").await, ada.partition("Q").await, ada.partition("R").await);
        let w = ada.workspace("W", &[&p]).await;
        ada.bind_read_only(&w, &r).await;
        ada.route(&[always(&q)]).await;
        for (partition, code, reason) in [
            (q.clone(), Code::NotFound, ErrorReason::PartitionNotFound),
            (Uuid::now_v7().to_string(), Code::NotFound, ErrorReason::PartitionNotFound),
            (r.clone(), Code::FailedPrecondition, ErrorReason::PartitionReadOnly),
        ] {
            let request = named(&w, &partition, "a@example.com");
            assert_refused(ada.people().create_person(request).await, code, reason);
            let request = pb::SimulateRoutingRequest {
                workspace_id: w.clone(),
                partition_id: partition,
                person: Some(somebody("a@example.com", "Ada")),
                ..pb::SimulateRoutingRequest::default()
            };
            assert_refused(ada.routing().simulate_routing(request).await, code, reason);
        }
    }

    /// R-05, K-01: rules that lead to another region are passed over, unless the tenant allows the pair, and named.
    async fn r_05_rules_of_another_region_are_passed_over(app) {
        let pair = pb::RegionPair { from: "eu".into(), to: "uk".into() };
        let settings = pb::TenantSettings { allowed_region_pairs: vec![pair], ..pb::TenantSettings::default() };
        let acme = tenant_with(app, settings).await;
        let ada = acme.admin();
        let eu = ada.regional_partition("EU", "eu").await;
        let us = ada.regional_partition("US", "us").await;
        let uk = ada.regional_partition("UK", "uk").await;
        let made = pb::CreateWorkspaceRequest {
            workspace: Some(pb::Workspace { display_name: "W".into(), region: "eu".into(), ..pb::Workspace::default() }),
            partition_ids: vec![eu.clone()],
            ..pb::CreateWorkspaceRequest::default()
        };
        let made = ok(ada.workspaces().create_workspace(made).await).workspace.unwrap();
        let w = made.workspace_id;
        ada.route(&[from(PersonSource::Crm, &us), always(&us), from(PersonSource::Crm, &uk)]).await;
        let person = somebody("a@example.com", "Ada");
        let crm = ada.simulate(&w, PersonSource::Crm, person.clone()).await;
        assert_eq!((crm.reason(), crm.rule_index), (RoutingReason::Rule, 2));
        assert_eq!((crm.partition_id, crm.skipped_rule_indexes), (uk.clone(), vec![0, 1]));
        let api = ada.simulate(&w, PersonSource::Api, person.clone()).await;
        assert_eq!((api.reason(), api.rule_index), (RoutingReason::Primary, -1));
        assert_eq!((api.partition_id, api.skipped_rule_indexes), (eu.clone(), vec![1]));
        ok(ada.try_create(&w, PersonSource::Api, person).await);
        ok(ada.try_create(&w, PersonSource::Crm, somebody("b@example.com", "Bob")).await);
        let all = &acme.default_workspace;
        assert_eq!(home(&ada, all, "a@example.com").await, eu);
        assert_eq!(home(&ada, all, "b@example.com").await, uk);
    }
}
