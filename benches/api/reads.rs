//! Single reads, against `pgbench -S` on a table of the same size.

use precinct::pb;

use super::load::{load, scatter};
use super::measure::{Sample, duel, sample};
use super::rows;
use super::table::Table;
use super::world::World;

/// Measures `GetPerson` and `GetWorkspace`.
pub async fn measure(world: &World, table: &mut Table) {
    check(world).await;
    for in_flight in [1, 16, 64] {
        let person = duel(
            world.size.rounds,
            async || get_person(world, in_flight).await,
            async || limit(world, in_flight).await,
        );
        let work = format!("GetPerson, {in_flight} in flight");
        table.row(&work, "pgbench -S", goal(in_flight), &person.await);
        let workspace = duel(
            world.size.rounds,
            async || get_workspace(world, in_flight).await,
            async || limit(world, in_flight).await,
        );
        let work = format!("GetWorkspace, {in_flight} in flight");
        table.row(&work, "pgbench -S", goal(in_flight), &workspace.await);
    }
}

fn goal(in_flight: usize) -> &'static str {
    if in_flight == 64 { "0.15" } else { "" }
}

/// What the service says of a person is what is stored.
async fn check(world: &World) {
    let request =
        pb::GetPersonRequest { workspace_id: world.everything.clone(), person_id: rows::id(4_321) };
    let found = world.member.people(0).get_person(request).await.expect("the person");
    let found = found.into_inner().person.expect("the person");
    let row = rows::row(4_321);
    assert_eq!((&found.email, &found.external_id), (&row.email, &row.external_id));
    assert_eq!((&found.first_name, &found.last_name), (&row.first_name, &row.last_name));
    assert_eq!(found.attributes, row.attributes);
}

async fn get_person(world: &World, in_flight: usize) -> Sample {
    let (member, workspace) = (world.member.clone(), world.everything.clone());
    let people = world.size.people;
    let calls = load(in_flight, world.size.seconds, move |slot, number| {
        let mut client = member.people(slot);
        let person_id = rows::id(scatter(number, people));
        let request = pb::GetPersonRequest { workspace_id: workspace.clone(), person_id };
        async move {
            client.get_person(request).await.expect("the person");
        }
    });
    sample(Some(world.server.meter()), world.database.meter(), calls).await
}

async fn get_workspace(world: &World, in_flight: usize) -> Sample {
    let (member, workspaces) = (world.member.clone(), world.workspaces.clone());
    let calls = load(in_flight, world.size.seconds, move |slot, number| {
        let mut client = member.workspaces(slot);
        let nth = usize::try_from(number).expect("a number") % workspaces.len();
        let request = pb::GetWorkspaceRequest { workspace_id: workspaces[nth].clone() };
        async move {
            client.get_workspace(request).await.expect("the workspace");
        }
    });
    sample(Some(world.server.meter()), world.database.meter(), calls).await
}

async fn limit(world: &World, in_flight: usize) -> Sample {
    let calls = world.database.pgbench("-S", in_flight, world.size.seconds);
    sample(None, world.database.meter(), calls).await
}
