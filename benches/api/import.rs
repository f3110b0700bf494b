//! An import with duplicates and bad rows, against COPY of the good rows into the same indexed table.

use std::sync::Arc;

use precinct::pb;
use precinct::pb::import_people_request::Part;
use sqlx::postgres::PgPoolCopyExt;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::Size;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::measure::{Duel, Sample, duel, sample};
use super::rows;
use super::server::Server;
use super::table::Table;
use super::world;

/// Rows of a chunk.
const CHUNK: i64 = 5_000;
/// Chunks on their way without an answer.
const WINDOW: usize = 4;
/// Rounds: each is an import of all rows into a tenant of its own.
const ROUNDS: usize = 3;

struct Bench<'a> {
    database: &'a Database,
    server: &'a Server,
    operator: &'a Caller,
    rows: i64,
}

/// Measures an import of new people, and the same import again.
pub async fn measure(cluster: &Cluster, size: Size, table: &mut Table) {
    let database = cluster.database("import").await;
    // Row-level security is not copied: COPY refuses a table that has it.
    database.execute("CREATE TABLE person_copy (LIKE person INCLUDING ALL)").await;
    let server = Server::start(&database.service_url).await;
    let operator = Caller::operator(&server.address).await;
    let bench =
        Bench { database: &database, server: &server, operator: &operator, rows: size.rows };
    let (new, again) = bench.run().await;
    table.row("ImportPeople, row of new people", "COPY, row", "0.5", &new);
    table.row("ImportPeople, row again unchanged", "COPY, row", "", &again);
    table.note(&format!(
        "import of {} rows: peak resident memory of the server {} MB (goal < 200)",
        size.rows,
        server.peak_memory()
    ));
}

// === impl Bench ===

impl Bench<'_> {
    async fn run(&self) -> (Duel, Duel) {
        let tenants = std::sync::Mutex::new(Vec::new());
        let copied = std::sync::atomic::AtomicU8::new(0);
        let new = duel(
            ROUNDS,
            async || {
                let made = world::tenant(self.operator, "Import").await;
                tenants.lock().expect("nobody panics").push(made.clone());
                self.import(&made, false).await
            },
            async || {
                let nth = copied.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                self.copy(nth).await
            },
        )
        .await;
        let tenants = tenants.into_inner().expect("nobody panics");
        let next = std::sync::atomic::AtomicUsize::new(0);
        let again = duel(
            ROUNDS,
            async || {
                let nth = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                self.import(&tenants[nth], true).await
            },
            async || {
                let nth = copied.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                self.copy(nth).await
            },
        )
        .await;
        (new, again)
    }

    async fn import(&self, tenant: &pb::CreateTenantResponse, again: bool) -> Sample {
        let caller = self.operator.member(world::id(tenant));
        let header = pb::ImportHeader {
            import_id: rows::id(i64::from(again)),
            workspace_id: tenant.default_workspace_id.clone(),
            mode: pb::PersonWriteMode::CreateOrUpdate.into(),
            lookup_field: pb::PersonLookupField::Email.into(),
            source: pb::PersonSource::Import.into(),
            ..pb::ImportHeader::default()
        };
        let all = self.rows;
        let work = async {
            let (created, failed) = send(&caller, header, all).await;
            let (new, bad) = rows::expected(all);
            assert_eq!((created, failed), (if again { 0 } else { new }, bad));
            all.unsigned_abs()
        };
        let sample = sample(Some(self.server.meter()), self.database.meter(), work).await;
        let tenant = world::id(tenant);
        let count = format!("SELECT count(*) FROM person WHERE tenant_id = '{tenant}'");
        assert_eq!(self.database.number(&count).await, rows::expected(all).0);
        sample
    }

    async fn copy(&self, nth: u8) -> Sample {
        let pool = sqlx::PgPool::connect(&self.database.url).await.expect("the cluster answers");
        let tenant = rows::id(i64::from(nth));
        let all = self.rows;
        let work = async {
            let sql = rows::copy_into("person_copy");
            let mut copy = pool.copy_in_raw(&sql).await.expect("COPY begins");
            for first in (0..all).step_by(usize::try_from(CHUNK).expect("a few")) {
                let lines =
                    rows::copy_lines(&tenant, nth, &tenant, first..(first + CHUNK).min(all));
                copy.send(lines.as_bytes()).await.expect("COPY takes rows");
            }
            copy.finish().await.expect("COPY ends")
        };
        let sample = sample(None, self.database.meter(), work).await;
        pool.close().await;
        sample
    }
}

/// Imports all rows and returns how many people were made and how many rows were refused.
async fn send(caller: &Caller, header: pb::ImportHeader, rows: i64) -> (i64, i64) {
    let (messages, stream) = mpsc::channel(1);
    let window = Arc::new(Semaphore::new(WINDOW));
    let sender = tokio::spawn({
        let window = window.clone();
        async move {
            let message = |part| pb::ImportPeopleRequest { part: Some(part) };
            messages.send(message(Part::Header(header))).await.expect("the stream is open");
            let mut first_row = 0;
            while first_row < rows {
                window.acquire().await.expect("the window is open").forget();
                let end = (first_row + CHUNK).min(rows);
                let people = (first_row..end).map(rows::row).collect();
                let chunk = pb::ImportChunk { first_row, people, last: end == rows };
                messages.send(message(Part::Chunk(chunk))).await.expect("the stream is open");
                first_row = end;
            }
        }
    });
    let replies = caller.people(0).import_people(ReceiverStream::new(stream)).await;
    let mut replies = replies.expect("the import begins").into_inner();
    let (mut created, mut failed) = (0, 0);
    while let Some(reply) = replies.message().await.expect("a chunk is in") {
        created += reply.created;
        failed += reply.failed;
        window.add_permits(1);
    }
    sender.await.expect("all rows are sent");
    (created, failed)
}
