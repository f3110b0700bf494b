//! What a call of one tenant costs beside ten tenants, a thousand, and ten thousand.

use precinct::pb;

use super::Size;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::load::load;
use super::measure::{Sample, duel, sample};
use super::rows;
use super::server::Server;
use super::table::Table;
use super::world;

/// People of the tenant that calls.
const PEOPLE: i64 = 1_000;
const IN_FLIGHT: usize = 16;

/// One tenant that calls, among others.
struct Crowd {
    database: Database,
    server: Server,
    caller: Caller,
    workspace: String,
}

/// Measures `GetPerson`.
pub async fn measure(cluster: &Cluster, size: Size, table: &mut Table) {
    let few = Crowd::new(cluster, 10).await;
    for others in [1_000, 10_000] {
        let many = Crowd::new(cluster, others).await;
        let get = duel(
            size.rounds,
            async || many.get_person(size.seconds).await,
            async || few.get_person(size.seconds).await,
        );
        let work = format!("GetPerson, {IN_FLIGHT} in flight, {others} tenants");
        table.row(&work, "10 tenants", "≥ 0.87", &get.await);
    }
}

// === impl Crowd ===

impl Crowd {
    async fn new(cluster: &Cluster, tenants: i64) -> Self {
        let database = cluster.database(&format!("tenants_{tenants}")).await;
        let server = Server::start(&database.service_url).await;
        let operator = Caller::operator(&server.address).await;
        let made = world::tenant(&operator, "Caller").await;
        let tenant = world::id(&made).to_owned();
        rows::store(&database, &tenant, std::slice::from_ref(&made.default_partition_id), PEOPLE)
            .await;
        add_others(&database, &tenant, tenants - 1).await;
        let caller = operator.member(&tenant);
        Self { database, server, caller, workspace: made.default_workspace_id }
    }

    async fn get_person(&self, seconds: u64) -> Sample {
        let (caller, workspace) = (self.caller.clone(), self.workspace.clone());
        let calls = load(IN_FLIGHT, seconds, move |slot, number| {
            let mut client = caller.people(slot);
            let person_id = rows::id(super::load::scatter(number, PEOPLE));
            let request = pb::GetPersonRequest { workspace_id: workspace.clone(), person_id };
            async move {
                client.get_person(request).await.expect("the person");
            }
        });
        sample(Some(self.server.meter()), self.database.meter(), calls).await
    }
}

/// Copies a tenant, with what belongs to it and ten of its people, under new ids.
async fn add_others(database: &Database, tenant: &str, others: i64) {
    let tables =
        ["tenant", "tenant_head", "workspace", "person_partition", "binding", "field", "person"];
    for table in tables {
        let some = if table == "person" {
            format!("AND old.id < '{}'", rows::id(10))
        } else {
            String::new()
        };
        let copy = format!(
            "INSERT INTO {table} SELECT new.* FROM {table} old, \
             (SELECT ('0000000a-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id \
                 FROM generate_series(1, {others}) n) other, \
             LATERAL jsonb_populate_record(old, jsonb_build_object('tenant_id', other.id)) new \
             WHERE old.tenant_id = '{tenant}' {some}"
        );
        database.execute(&copy).await;
    }
    database.execute("VACUUM ANALYZE").await;
}
