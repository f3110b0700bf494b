//! H-09: a server that is killed in the middle of an import loses nothing that it answered, and applies
//! nothing twice, when the client goes on where the database says.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::import_people_request::Part;

use crate::support::actor::{Actor, ok};
use crate::support::checker;
use crate::support::database::Database;
use crate::support::process::Process;

const ROWS: usize = 20_000;
const CHUNK: usize = 500;
/// After so many replies since the last start, the server is killed.
const KILLS: [usize; 3] = [1, 9, 14];

const IMPORT: &str = "0190f0e0-0000-4000-8000-000000000007";

/// One row in a hundred is refused, and one repeats the row before it.
fn row(n: usize) -> pb::Person {
    let email = match n % 100 {
        13 => "not an address".to_owned(),
        57 => format!("p{:05}@example.com", n - 1),
        _ => format!("p{n:05}@example.com"),
    };
    pb::Person { email, ..pb::Person::default() }
}

/// The import from a place on.
fn messages(workspace: &str, from: usize) -> Vec<pb::ImportPeopleRequest> {
    let header = pb::ImportHeader {
        import_id: IMPORT.into(),
        workspace_id: workspace.into(),
        mode: pb::PersonWriteMode::CreateOrUpdate.into(),
        source: pb::PersonSource::Import.into(),
        ..pb::ImportHeader::default()
    };
    let chunk = |first: usize| pb::ImportChunk {
        first_row: i64::try_from(first).unwrap(),
        people: (first..first + CHUNK).map(row).collect(),
        last: first + CHUNK == ROWS,
    };
    let chunks = (from..ROWS).step_by(CHUNK).map(chunk).map(Part::Chunk);
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    parts.map(|part| pb::ImportPeopleRequest { part: Some(part) }).collect()
}

async fn progress(ada: &Actor, workspace: &str) -> pb::Import {
    let request = pb::GetImportRequest { workspace_id: workspace.into(), import_id: IMPORT.into() };
    ok(ada.people().get_import(request).await).import.unwrap()
}

/// Imports until the end, or until so many replies have come; the last place that was answered.
async fn import(ada: &Actor, workspace: &str, from: usize, patience: usize) -> i64 {
    let messages = tokio_stream::iter(messages(workspace, from));
    let mut replies = ok(ada.people().import_people(messages).await);
    let mut committed = 0;
    for _ in 0..patience {
        match replies.message().await.expect("the server is there") {
            Some(reply) => committed = reply.committed_rows,
            None => break,
        }
    }
    committed
}

async fn killed_and_resumed(database: Database) {
    let mut server = Process::serving(&database, &[]);
    server.ready().await;
    let mut tenant = server.operator().tenant("acme").await;
    let workspace = tenant.default_workspace.clone();
    let mut from = 0;
    for patience in KILLS {
        let answered = import(&tenant.admin(), &workspace, from, patience).await;
        server.signal("KILL");
        server.exit().await;
        server = Process::serving(&database, &[]);
        server.ready().await;
        tenant = tenant.over(server.line());
        let committed = progress(&tenant.admin(), &workspace).await.committed_rows;
        assert!(committed >= answered, "{answered} rows were answered, {committed} are there");
        // The client may not know of all that is in, and sends the last chunk that was answered again.
        from = usize::try_from(answered).unwrap() - CHUNK;
    }
    import(&tenant.admin(), &workspace, from, usize::MAX).await;
    complete(&tenant.admin(), &workspace).await;
    checker::check(&database.url).await;
}

/// Everybody is there, once, and the counters add up.
async fn complete(ada: &Actor, workspace: &str) {
    let done = progress(ada, workspace).await;
    let hundredth = i64::try_from(ROWS / 100).unwrap();
    assert_eq!(done.state(), pb::ImportState::Complete);
    assert_eq!((done.failed, done.unchanged, done.updated), (hundredth, hundredth, 0));
    assert_eq!((done.committed_rows, done.created), (100 * hundredth, 98 * hundredth));
    let people = ada.list(workspace, 1_000).await;
    let there: BTreeSet<String> = people.iter().map(|person| person.email.clone()).collect();
    let sent = (0..ROWS).map(|n| row(n).email).filter(|email| email.contains('@'));
    assert!(there == sent.collect(), "lost or made up");
    assert_eq!((there.len(), ada.count(workspace).await), (people.len(), done.created));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_import_survives_kill_9_on_sqlite() {
    killed_and_resumed(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h_09_an_import_survives_kill_9_on_postgres() {
    killed_and_resumed(Database::postgres().await).await;
}
