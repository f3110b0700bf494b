//! L-03: the same filter gives the same people whether the database or the service evaluates it.

use std::collections::BTreeSet;
use std::sync::Arc;

use precinct::domain::attribute::{Type, Value};
use precinct::domain::filter::{Binding, Filter, Predicate, Set, SmartLists, holds_first};
use precinct::entity::Person;
use precinct::id::{AssetId, PartitionId, PersonId};
use precinct::pb;
use precinct::repository::field_set::FieldSet;
use precinct::repository::{Scope, filter};
use precinct::{args, sql};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use sea_orm::FromQueryResult;
use time::macros::date;
use uuid::Uuid;

use super::random::{FIELDS, node, person};
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::members::Holders;
use crate::support::{App, Tenant, context};

const FILTERS: usize = 300;
const PEOPLE: usize = 40;

/// People of two partitions, who came in by all ways and were changed since, some of them in a program and a list.
async fn fill(rng: &mut StdRng, tenant: &Tenant, ada: &Actor) -> (Vec<Set>, Vec<Set>) {
    let other = ada.partition("Other").await;
    let partitions = [tenant.default_partition.clone(), other];
    let workspace = &tenant.default_workspace;
    for (name, kind) in FIELDS {
        ada.field(name, kind).await;
    }
    let sources = [pb::PersonSource::Api, pb::PersonSource::Form, pb::PersonSource::Manual];
    for round in 0..4 {
        let partition_id = partitions[round % 2].clone();
        let people: Vec<pb::Person> = (0..PEOPLE / 2)
            .map(|n| person(rng, format!("P{}.{n}@Example.com", round % 2)))
            .collect();
        let request = pb::SyncPeopleRequest {
            workspace_id: workspace.clone(),
            partition_id,
            source: sources[round % 3].into(),
            people,
            ..pb::SyncPeopleRequest::default()
        };
        ok(ada.people().sync_people(request).await);
    }
    let people = ada.list(workspace, 1_000).await;
    assert_eq!(people.len(), PEOPLE);
    let holders = Holders::new(ada, workspace, &people[0].person_id).await;
    let members: Vec<&str> =
        people.iter().skip(3).step_by(3).map(|one| one.person_id.as_str()).collect();
    let list = crate::support::members::Members::new(
        ada,
        crate::support::members::Kind::List,
        workspace,
        &holders.list,
    );
    list.add(&members).await;
    let asset = |id: &str| AssetId(id.parse().expect("an id"));
    let partition = |id: &String| Set::Partition(PartitionId(id.parse().expect("an id")));
    let sets = vec![
        Set::List(asset(&holders.list)),
        Set::Program(asset(&holders.program)),
        Set::List(asset(&holders.empty_list)),
        partition(&partitions[0]),
        partition(&partitions[1]),
    ];
    let smart = (0..3).map(|_| Set::SmartList(AssetId::new())).collect();
    (sets, smart)
}

/// The values that people have in the tenant's own fields.
fn values(people: &[Person], fields: &FieldSet) -> Vec<Value> {
    let all = people.iter().flat_map(|one| one.attributes.as_object().into_iter().flatten());
    all.filter_map(|(key, stored)| Value::load(stored, fields.keyed(key)?.1)).collect()
}

async fn chosen(scope: &Scope, predicate: &Predicate) -> BTreeSet<PersonId> {
    let sql = sql!("SELECT id FROM person p WHERE p.tenant_id = $1 AND {filter} AND p.id <> $2");
    let found = scope.column(sql.matching(predicate), args![Uuid::nil()]).await;
    found.unwrap_or_else(|error| panic!("{error}: {predicate:?}")).into_iter().collect()
}

/// The first of some predicates that holds for each person, by the database.
async fn sorted(scope: &Scope, segments: &[(Uuid, &Predicate)]) -> Vec<(PersonId, Uuid)> {
    #[derive(FromQueryResult)]
    struct Row {
        id: PersonId,
        segment: Uuid,
    }
    let sql = sql!("SELECT p.id, {filter} AS segment FROM person p WHERE p.tenant_id = $1");
    let rows: Vec<Row> =
        scope.all(sql.sorting(segments.iter().copied()), args![]).await.expect("it runs");
    rows.into_iter().map(|row| (row.id, row.segment)).collect()
}

async fn run(app: &App, seed: u64) {
    let rng = &mut StdRng::seed_from_u64(seed);
    let tenant = app.tenant("acme").await;
    let (sets, smart) = fill(rng, &tenant, &tenant.admin()).await;
    let scope = app.store.read(&context(tenant.id.parse().unwrap())).await.expect("a scope");
    let fields = scope.fields().await.expect("fields");
    let people: Vec<Person> = scope
        .all(sql!("SELECT * FROM person WHERE tenant_id = $1"), args![])
        .await
        .expect("people");
    for one in &people {
        assert_eq!(one.folded, Some(one.fold()), "what is kept is what the values give: {one:?}");
    }
    let seen = values(&people, &fields);
    let field = |name: &str| -> Option<(i64, Type)> { fields.named(name) };
    let (mut lists, mut known, mut predicates) = (SmartLists::new(), sets, Vec::new());
    while predicates.len() < FILTERS {
        let tree = node(rng, 3, &known, &seen);
        let filter = Filter::new(tree).expect("within the budgets");
        let binding = Binding { field: &field, smart_lists: &lists, today: date!(2026 - 03 - 31) };
        let bound =
            filter.bind(binding).unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
        // Some of the first become smart lists, which later ones refer to.
        if let Some(Set::SmartList(id)) = smart.get(lists.len()) {
            lists.insert(*id, Arc::new(bound.clone()));
            known.push(Set::SmartList(*id));
        }
        predicates.push((filter, bound));
    }
    compare(&scope, &people, &predicates).await;
    sort(&scope, rng, &people, &predicates).await;
}

async fn compare(scope: &Scope, people: &[Person], predicates: &[(Filter, Predicate)]) {
    let mut some = 0;
    for (filter, predicate) in predicates {
        let facts = filter::facts(scope, people, predicate.reads()).await.expect("facts");
        let holds = |id: &PersonId| predicate.holds(&facts[id]);
        let expected: BTreeSet<PersonId> = facts.keys().copied().filter(holds).collect();
        let found = chosen(scope, predicate).await;
        let differ: Vec<&Person> = people
            .iter()
            .filter(|one| expected.contains(&one.id) != found.contains(&one.id))
            .collect();
        assert!(differ.is_empty(), "{filter}\n{differ:#?}");
        some += usize::from(!found.is_empty() && found.len() < people.len());
    }
    assert!(some > predicates.len() / 3, "many filters tell people apart: {some}");
}

async fn sort(
    scope: &Scope,
    rng: &mut StdRng,
    people: &[Person],
    predicates: &[(Filter, Predicate)],
) {
    for _ in 0..20 {
        let count = rng.random_range(0..5);
        let segments: Vec<(Uuid, &Predicate)> = (0..count)
            .filter_map(|_| predicates.choose(rng))
            .map(|(_, predicate)| (Uuid::now_v7(), predicate))
            .collect();
        let found = sorted(scope, &segments).await;
        assert_eq!(found.len(), people.len());
        let mut reads = precinct::domain::filter::Reads::default();
        segments.iter().for_each(|(_, one)| reads.join(one.reads()));
        let facts = filter::facts(scope, people, &reads).await.expect("facts");
        for (person, segment) in found {
            let first = holds_first(segments.iter().map(|(_, one)| *one), &facts[&person]);
            assert_eq!(segment, first.map_or(Uuid::nil(), |at| segments[at].0));
        }
    }
}

on_both! {
    /// L-02, L-03: random filters over random people.
    async fn l_03_the_database_and_the_service_agree_1(app) {
        run(app, 1).await;
    }

    /// The same, of others.
    async fn l_03_the_database_and_the_service_agree_2(app) {
        run(app, 2).await;
    }
}
