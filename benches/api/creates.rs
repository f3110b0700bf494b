//! Single creates of people, against `pgbench -N` with the same durability.

use std::sync::atomic::{AtomicU64, Ordering};

use precinct::pb;

use super::load::load;
use super::measure::{Sample, duel, sample};
use super::table::Table;
use super::world::{self, World};

/// No email is made twice.
static ROUND: AtomicU64 = AtomicU64::new(0);

/// Measures `CreatePerson` in one tenant, whose writes come one after the other, and in sixteen.
pub async fn measure(world: &World, table: &mut Table) {
    let mut tenants = vec![(world.tenant.clone(), world.everything.clone())];
    for nth in 1..16 {
        let made = world::tenant(&world.operator, &format!("Tenant {nth}")).await;
        tenants.push((world::id(&made).into(), made.default_workspace_id.clone()));
    }
    for (in_flight, tenants, of) in [
        (1, &tenants[..1], "one tenant"),
        (16, &tenants[..1], "one tenant"),
        (64, &tenants[..1], "one tenant"),
        (64, &tenants[..], "16 tenants"),
    ] {
        let create = duel(
            world.size.rounds,
            async || create_people(world, tenants, in_flight).await,
            async || limit(world, in_flight).await,
        );
        let goal = if in_flight == 64 { "4.0" } else { "" };
        let work = format!("CreatePerson, {in_flight} in flight, {of}");
        table.row(&work, "pgbench -N", goal, &create.await);
    }
}

async fn create_people(world: &World, tenants: &[(String, String)], in_flight: usize) -> Sample {
    let round = ROUND.fetch_add(1, Ordering::Relaxed);
    let count = format!("SELECT count(*) FROM person WHERE email_key LIKE 'new.{round}.%'");
    let callers: Vec<_> = tenants
        .iter()
        .map(|(tenant, workspace)| (world.operator.member(tenant), workspace.clone()))
        .collect();
    let calls = load(in_flight, world.size.seconds, move |slot, number| {
        let (caller, workspace) = &callers[slot % callers.len()];
        let mut client = caller.people(slot);
        let person = pb::Person {
            email: format!("New.{round}.{number}@Example.com"),
            first_name: "Ada".into(),
            last_name: "Lovelace".into(),
            ..pb::Person::default()
        };
        let request = pb::CreatePersonRequest {
            workspace_id: workspace.clone(),
            person: Some(person),
            ..pb::CreatePersonRequest::default()
        };
        async move {
            client.create_person(request).await.expect("a person");
        }
    });
    let sample = sample(Some(world.server.meter()), world.database.meter(), calls).await;
    let stored = world.database.number(&count).await;
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let stored = stored as f64;
    assert!((sample.units - stored).abs() < 0.5, "every acknowledged create is stored");
    sample
}

/// The limit of single writes.
pub async fn limit(world: &World, in_flight: usize) -> Sample {
    let calls = world.database.pgbench("-N", in_flight, world.size.seconds);
    sample(None, world.database.meter(), calls).await
}
