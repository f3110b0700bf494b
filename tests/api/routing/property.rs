//! Whatever the policy, a simulation says where a creation lands.

use precinct::pb;
use precinct::pb::{PersonSource, RoutingOperator, RoutingReason};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::routing::{policy, somebody, text};

const POLICIES: u64 = 12;
const PEOPLE: usize = 6;
const NAMES: [&str; 6] = ["", "Zoe", "ZOË", "zoë", "Straße", "STRASSE"];
const OPERATORS: [RoutingOperator; 8] = [
    RoutingOperator::Unspecified,
    RoutingOperator::Is,
    RoutingOperator::IsNot,
    RoutingOperator::StartsWith,
    RoutingOperator::NotContains,
    RoutingOperator::Empty,
    RoutingOperator::NotEmpty,
    RoutingOperator::NotIn,
];
const SOURCES: [PersonSource; 3] = [PersonSource::Api, PersonSource::Crm, PersonSource::Import];

fn rule(rng: &mut StdRng, partitions: &[String]) -> pb::RoutingRule {
    let partition = partitions.choose(rng).unwrap();
    let operator = *OPERATORS.choose(rng).unwrap();
    let field = ["first_name", "last_name"].choose(rng).unwrap();
    let value = NAMES[1..].choose(rng).unwrap();
    let mut rule = text(field, operator, value, partition);
    match operator {
        RoutingOperator::Unspecified => {
            rule.field = String::new();
            rule.value.clear();
        }
        RoutingOperator::Empty | RoutingOperator::NotEmpty => rule.value.clear(),
        _ => {}
    }
    rule.sources =
        SOURCES.iter().filter(|_| rng.random_bool(0.4)).map(|one| (*one).into()).collect();
    rule
}

fn person(rng: &mut StdRng, email: String) -> pb::Person {
    let last_name = (*NAMES.choose(rng).unwrap()).into();
    pb::Person { last_name, ..somebody(&email, NAMES.choose(rng).unwrap()) }
}

/// Where somebody is, out of all that a workspace sees.
async fn home(ada: &Actor, all: &str, email: &str) -> String {
    let request = pb::LookupPeopleRequest { workspace_id: all.into(), emails: vec![email.into()] };
    let found = ok(ada.people().lookup_people(request).await);
    found.results[0].people[0].partition_id.clone()
}

on_both! {
    /// the partition of a simulation is where CreatePerson puts the same person, hidden or not, and its rule leads
    /// there.
    async fn r_05_a_simulation_is_what_a_creation_does(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let mut partitions = Vec::new();
        for region in ["", "eu", "us", ""] {
            partitions.push(ada.regional_partition(&format!("P{}", partitions.len()), region).await);
        }
        let request = pb::CreateWorkspaceRequest {
            workspace: Some(pb::Workspace { display_name: "W".into(), region: "eu".into(), ..pb::Workspace::default() }),
            partition_ids: partitions[..2].to_vec(),
            primary_partition_id: partitions[0].clone(),
            ..pb::CreateWorkspaceRequest::default()
        };
        let w = ok(ada.workspaces().create_workspace(request).await).workspace.unwrap().workspace_id;
        for seed in 0..POLICIES {
            let rng = &mut StdRng::seed_from_u64(seed);
            let rules: Vec<_> = (0..rng.random_range(0..5)).map(|_| rule(rng, &partitions)).collect();
            let choice = if rng.random_bool(0.5) { partitions.choose(rng).unwrap().clone() } else { String::new() };
            let default_choice = Some(pb::RoutingDefault { partition_id: choice.clone() });
            let change = pb::RoutingPolicy { default_choice, ..policy(&rules) };
            ok(ada.try_route(change, &["rules", "default_choice"]).await);
            for n in 0..PEOPLE {
                let email = format!("p{seed}-{n}@example.com");
                let (person, source) = (person(rng, email.clone()), *SOURCES.choose(rng).unwrap());
                let told = ada.simulate(&w, source, person.clone()).await;
                let made = ok(ada.try_create(&w, source, person).await);
                let at = home(&ada, all, &email).await;
                assert_eq!(told.partition_id, at, "seed {seed}, {n}: {rules:#?}");
                assert_eq!((told.hidden, made.person.is_none()), (made.hidden, made.hidden));
                match told.reason() {
                    RoutingReason::Rule => {
                        let rule = &rules[usize::try_from(told.rule_index).unwrap()];
                        assert_eq!(rule.partition_id, at, "seed {seed}, {n}");
                    }
                    RoutingReason::Default => assert_eq!(choice, at, "seed {seed}, {n}"),
                    other => assert_eq!((other, &at), (RoutingReason::Primary, &partitions[0])),
                }
            }
        }
    }
}
