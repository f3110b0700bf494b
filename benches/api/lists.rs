//! What a workspace with one of four partitions sees, against SQL by hand and against no filter.

use precinct::pb;

use super::load::load;
use super::measure::{Sample, duel, sample};
use super::table::Table;
use super::world::World;

/// Rows of a page.
const PAGE: i32 = 50;
const IN_FLIGHT: usize = 16;

/// Measures the first page of `ListPeople`, and `CountPeople`.
pub async fn measure(world: &World, table: &mut Table) {
    let one = &world.workspaces[0];
    let by_hand = By::hand(world);
    by_hand.check(world, one).await;
    let list = duel(
        world.size.rounds,
        async || list_people(world, one).await,
        async || statement(world, &by_hand.list).await,
    );
    table.row("ListPeople, 50 of 1 of 4 partitions", "SQL by hand", "", &list.await);
    let list = duel(
        world.size.rounds,
        async || list_people(world, one).await,
        async || list_people(world, &world.everything).await,
    );
    table.row("ListPeople, 50 of 1 of 4 partitions", "of all 4", "≥ 0.91", &list.await);
    let count = duel(
        world.size.rounds,
        async || count_people(world, one).await,
        async || statement(world, &by_hand.count).await,
    );
    table.row("CountPeople, 1 of 4 partitions", "SQL by hand", "", &count.await);
    // People counted, not calls: without the filter there are four times as many.
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let people = world.size.people as f64;
    let count = duel(
        world.size.rounds,
        async || people_counted(count_people(world, one).await, people / 4.0),
        async || people_counted(count_people(world, &world.everything).await, people),
    );
    table.row("people counted, 1 of 4 partitions", "of all 4", "≥ 0.91", &count.await);
}

/// The statements that somebody would write who knows only what is asked.
struct By {
    list: String,
    count: String,
}

// === impl By ===

impl By {
    fn hand(world: &World) -> Self {
        let (tenant, workspace) = (&world.tenant, &world.workspaces[0]);
        let bound = format!(
            "SELECT partition_id FROM binding WHERE tenant_id = '{tenant}' AND workspace_id = '{workspace}'"
        );
        let living = format!("tenant_id = '{tenant}' AND delete_time IS NULL");
        Self {
            list: format!(
                "SELECT p.* FROM ({bound}) b CROSS JOIN LATERAL (SELECT * FROM person WHERE {living} \
                 AND partition_id = b.partition_id ORDER BY create_time, id LIMIT {PAGE}) p \
                 ORDER BY create_time, id LIMIT {PAGE}"
            ),
            count: format!(
                "SELECT count(*) FROM person WHERE {living} AND partition_id IN ({bound})"
            ),
        }
    }

    async fn check(&self, world: &World, workspace: &str) {
        let request =
            pb::CountPeopleRequest { workspace_id: workspace.into(), ..Default::default() };
        let counted = world.member.people(0).count_people(request).await.expect("a count");
        assert_eq!(counted.into_inner().total, world.database.number(&self.count).await);
        let page = page(world, workspace).await;
        let emails: Vec<String> =
            page.people.iter().map(|one| format!("'{}'", one.email)).collect();
        let same = format!(
            "SELECT count(*) FROM ({}) p WHERE email = ANY(ARRAY[{}])",
            self.list,
            emails.join(",")
        );
        assert_eq!(world.database.number(&same).await, i64::from(PAGE));
    }
}

async fn page(world: &World, workspace: &str) -> pb::ListPeopleResponse {
    let request = list_request(workspace);
    world.member.people(0).list_people(request).await.expect("a page").into_inner()
}

fn list_request(workspace: &str) -> pb::ListPeopleRequest {
    pb::ListPeopleRequest { workspace_id: workspace.into(), page_size: PAGE, ..Default::default() }
}

async fn list_people(world: &World, workspace: &str) -> Sample {
    let (member, workspace) = (world.member.clone(), workspace.to_owned());
    let calls = load(IN_FLIGHT, world.size.seconds, move |slot, _| {
        let (mut client, request) = (member.people(slot), list_request(&workspace));
        async move {
            client.list_people(request).await.expect("a page");
        }
    });
    sample(Some(world.server.meter()), world.database.meter(), calls).await
}

async fn count_people(world: &World, workspace: &str) -> Sample {
    let (member, workspace) = (world.member.clone(), workspace.to_owned());
    let calls = load(2, world.size.seconds, move |slot, _| {
        let mut client = member.people(slot);
        let request =
            pb::CountPeopleRequest { workspace_id: workspace.clone(), ..Default::default() };
        async move {
            client.count_people(request).await.expect("a count");
        }
    });
    sample(Some(world.server.meter()), world.database.meter(), calls).await
}

fn people_counted(sample: Sample, people: f64) -> Sample {
    sample.counting(sample.units * people)
}

async fn statement(world: &World, sql: &str) -> Sample {
    let clients = if sql.contains("count(") { 2 } else { IN_FLIGHT };
    let calls = world.database.pgbench_statement(sql, clients, world.size.seconds);
    sample(None, world.database.meter(), calls).await
}
