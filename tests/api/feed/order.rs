//! In order, without gap or repeat, whoever writes and however it is read (K-07).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use precinct::config::WatchConfig;
use precinct::pb;
use precinct::repository::{Change, Tx};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::rename;
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::feed::{cursor_of, places};
use crate::support::process::Process;
use crate::support::{App, Tenant};

/// How many write at once.
const WRITERS: usize = 8;
/// How often each.
const WRITES: usize = 6;

/// The changes that are stored, in order.
async fn stored(app: &App, tenant: &Tenant) -> Vec<(i64, i32, String)> {
    let id = tenant.id.parse().expect("an id");
    let rows = app.rows(&[id]).await.remove(&id).expect("its rows");
    rows.changes.into_iter().map(|one| (one.revision, one.ordinal, one.kind)).collect()
}

/// Writes of all kinds, one after the other; the last revision.
async fn write(admin: &Actor, workspace: &str, writer: usize) -> i64 {
    let mut last = 0;
    for turn in 0..WRITES {
        let name = format!("{writer}-{turn}");
        last = match turn % 3 {
            0 => {
                ok(admin.try_person(workspace, "", &format!("p{name}@example.com")).await).revision
            }
            1 => {
                // Several changes of one revision.
                let made = admin.group(&name, &[&format!("user:{name}")]).await;
                ok(admin.try_delete_group(&made).await).revision
            }
            _ => {
                let folder = pb::Folder { display_name: name, ..folder(workspace) };
                let request =
                    pb::CreateFolderRequest { folder: Some(folder), ..Default::default() };
                ok(admin.folders().create_folder(request).await).revision
            }
        };
    }
    last
}

/// Three who write at once.
fn rename_thrice(admin: &Actor, workspace: &str) -> JoinSet<i64> {
    let writer = |writer: usize| {
        let (admin, workspace) = (admin.clone(), workspace.to_owned());
        async move { rename(&admin, &workspace, &format!("{writer}")).await }
    };
    (0..3).map(writer).collect()
}

fn folder(workspace: &str) -> pb::Folder {
    pb::Folder {
        workspace_id: workspace.into(),
        area: pb::Area::Database.into(),
        ..pb::Folder::default()
    }
}

on_both! {
    /// K-07: eight write while three read: one that takes what comes, one that reconnects after each message, to this server
    /// and another in turn, and one that goes away and comes back; all are told the same, which is all there is.
    async fn k_07_all_readers_are_told_all_changes_once_and_in_order(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let workspace = acme.default_workspace.clone();
        let small = WatchConfig { page: 3, ..WatchConfig::default() };
        let there = acme.through(app.watched_as(small).await.0).admin();
        let done = Arc::new(AtomicBool::new(false));
        let mut steady = there.watch(0, "").await;
        let reconnecting = {
            let (here, there, done) = (admin.clone(), there.clone(), done.clone());
            tokio::spawn(async move {
                let (mut all, mut cursor, mut turn) = (Vec::new(), String::new(), 0);
                while !done.load(Ordering::SeqCst) {
                    let who = if turn % 2 == 0 { &there } else { &here };
                    let mut feed = match cursor.as_str() {
                        "" => who.watch(0, "").await,
                        cursor => who.resume(cursor, "").await,
                    };
                    // The first message is the place alone.
                    feed.message().await.expect("it goes on");
                    feed.message().await.expect("it goes on");
                    all.extend(feed.changes);
                    cursor = feed.cursor;
                    turn += 1;
                }
                (all, cursor)
            })
        };
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (admin, workspace) = (admin.clone(), workspace.clone());
            writers.spawn(async move { write(&admin, &workspace, writer).await });
        }
        let last = writers.join_all().await.into_iter().max().expect("some wrote");
        steady.until(last).await.expect("it goes on");
        done.store(true, Ordering::SeqCst);
        // Whoever still waits for a change gets one.
        let last = rename(&admin, &workspace, "the last").await;
        steady.until(last).await.expect("it goes on");
        let (mut all, cursor) = reconnecting.await.expect("no panic");
        let mut rest = admin.resume(&cursor, "").await;
        rest.until(last).await.expect("it goes on");
        all.extend(rest.changes);
        let stored = stored(app, &acme).await;
        assert_eq!(places(&steady.changes), stored);
        assert_eq!(places(&all), stored);
        assert_eq!(places(&admin.changes(0, "").await), stored);
        assert!(stored.iter().any(|(_, ordinal, _)| *ordinal > 0), "some have several");
    }

    /// K-07: a revision of more changes than a page is told in several messages, and resumed in its middle.
    async fn k_07_a_large_revision_is_resumed_in_its_middle(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let mut workspaces = Vec::new();
        for name in ["A", "B", "C", "D", "E"] {
            workspaces.push(admin.workspace(name, &[&acme.default_partition]).await);
        }
        let before = admin.revision().await;
        let request = pb::CreatePartitionRequest {
            partition: Some(pb::Partition { display_name: "P".into(), ..Default::default() }),
            workspace_ids: workspaces,
            ..pb::CreatePartitionRequest::default()
        };
        let revision = ok(admin.partitions().create_partition(request).await).revision;
        let small = WatchConfig { page: 2, ..WatchConfig::default() };
        let there = acme.through(app.watched_as(small).await.0).admin();
        // To its end, while it is the newest too.
        assert_eq!(there.changes(before, "").await.len(), 6);
        rename(&admin, &acme.default_workspace, "after").await;
        let mut all = Vec::new();
        let mut cursor = String::new();
        while all.len() < 7 {
            let mut feed = match cursor.as_str() {
                "" => there.watch(before, "").await,
                cursor => there.resume(cursor, "").await,
            };
            all.extend(feed.some().await);
            cursor = feed.cursor;
        }
        let expected = (0..6).map(|ordinal| (revision, ordinal)).chain([(revision + 1, 0)]);
        let told = all.iter().map(|one| (one.revision, one.ordinal));
        assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        // Revisions that fit are told whole.
        let whole = there.changes(revision, "").await;
        assert_eq!(whole.len(), 1);
    }

    /// K-07: while a writer holds a revision that it has not committed, nobody passes it; and if it gives it up, the next
    /// writer has it.
    async fn k_07_a_held_revision_makes_no_gap(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let before = admin.revision().await;
        let mut feed = admin.watch(before, "").await;
        feed.message().await.expect("its place");
        let held = Held::new(app, &acme.id, before + 1).await;
        let writers = rename_thrice(&admin, &acme.default_workspace);
        assert_eq!(places(&admin.changes(before, "").await), []);
        held.give_up().await;
        assert_eq!(writers.join_all().await.into_iter().max(), Some(before + 3));
        feed.until(before + 3).await.expect("it goes on");
        let revisions: Vec<i64> = feed.changes.iter().map(|one| one.revision).collect();
        assert_eq!(revisions, [before + 1, before + 2, before + 3]);
    }

    /// K-07: a transaction that began before others and commits after them is told where it committed: a reader that is past
    /// them misses nothing.
    async fn k_07_a_held_transaction_makes_no_gap(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let before = admin.revision().await;
        let mut feed = admin.watch(before, "").await;
        feed.message().await.expect("its place");
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let held = {
            let (store, begun, go) = (app.store.clone(), begun.clone(), go.clone());
            let context = crate::support::context(acme.id.parse().expect("an id"));
            tokio::spawn(async move {
                let work = |tx: Arc<Tx>| {
                    let (begun, go) = (begun.clone(), go.clone());
                    async move {
                        tx.record(Change { kind: "field.updated", ..Change::default() });
                        begun.notify_one();
                        go.notified().await;
                        Ok(())
                    }
                };
                store.write(&context, work).await.expect("it commits").revision
            })
        };
        begun.notified().await;
        let writers = rename_thrice(&admin, &acme.default_workspace);
        // On SQLite all wait for it; on PostgreSQL they pass it, and so does the reader.
        let passed = if app.store.kind() == "sqlite" { 0 } else { 3 };
        feed.until(before + passed).await.expect("it goes on");
        go.notify_one();
        assert_eq!(held.await.expect("no panic"), before + passed + 1);
        writers.join_all().await;
        feed.until(before + 4).await.expect("it goes on");
        let revisions: Vec<i64> = feed.changes.iter().map(|one| one.revision).collect();
        assert_eq!(revisions, (before + 1..=before + 4).collect::<Vec<_>>());
    }

    /// K-07: who is told by a server that is killed goes on where it was, on the one that takes its place.
    async fn k_07_a_watcher_survives_the_server(app) {
        let acme = app.tenant("acme").await;
        let workspace = acme.default_workspace.clone();
        let before = acme.admin().revision().await;
        let first = Process::serving(&app.database, &[]);
        first.ready().await;
        let admin = acme.over(first.line()).admin();
        let mut feed = admin.watch(before, "").await;
        let revision = rename(&admin, &workspace, "one").await;
        feed.until(revision).await.expect("it goes on");
        let cursor = feed.cursor.clone();
        drop(first);
        feed.refusal().await;
        rename(&acme.admin(), &workspace, "two").await;
        let second = Process::serving(&app.database, &["--drain-delay", "0s"]);
        second.ready().await;
        let admin = acme.over(second.line()).admin();
        let mut again = admin.resume(&cursor, "").await;
        let last = rename(&admin, &workspace, "three").await;
        again.until(last).await.expect("it goes on");
        let told: Vec<i64> =
            feed.changes.iter().chain(&again.changes).map(|one| one.revision).collect();
        assert_eq!(told, (before + 1..=last).collect::<Vec<_>>());
        // One that ends in good order says where to resume.
        second.signal("TERM");
        let status = again.refusal().await;
        let said = crate::support::status::reason(&status);
        assert_eq!(said, "Unavailable / SHUTTING_DOWN", "{status:?}");
        assert_eq!(cursor_of(&status), again.cursor);
    }

    /// K-07: what another replica commits is told of without being asked for: on PostgreSQL by a notification.
    async fn k_07_other_replicas_are_heard(app) {
        let acme = app.tenant("acme").await;
        let (there, here) = (app.watching_replica().await, app.watching_replica().await);
        let (there, here) = (acme.through(there).admin(), acme.through(here).admin());
        let mut feed = there.watch(here.revision().await, "").await;
        // SQLite has nothing to notify by, and is asked.
        let rounds = if app.store.kind() == "sqlite" { 1 } else { 3 };
        for round in 0..rounds {
            let revision = rename(&here, &acme.default_workspace, &format!("{round}")).await;
            let told = feed.some().await;
            assert_eq!(told.iter().map(|one| one.revision).collect::<Vec<_>>(), [revision]);
        }
    }

    /// K-07: many who watch are served by one read, and cost nothing while nothing happens.
    async fn k_07_watchers_share_what_is_read(app) {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let mut feeds = Vec::new();
        let before = admin.revision().await;
        for _ in 0..100 {
            let mut feed = admin.watch(before, "").await;
            feed.message().await.expect("its place");
            feeds.push(feed);
        }
        let alone = app.store.statements();
        let revision = rename(&admin, &acme.default_workspace, "new").await;
        for feed in &mut feeds {
            feed.until(revision).await.expect("it goes on");
            assert_eq!(feed.changes.len(), 1);
        }
        // The write itself, and a few looks; not one for each.
        let statements = app.store.statements() - alone;
        assert!(statements < 40, "{statements}");
    }
}

/// A transaction past the service that has a revision and has not committed.
enum Held {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

// === impl Held ===

impl Held {
    async fn new(app: &App, tenant: &str, revision: i64) -> Self {
        let sqlite = app.database.url.starts_with("sqlite:");
        let id = match sqlite {
            true => format!("x'{}'", tenant.replace('-', "")),
            false => format!("'{tenant}'"),
        };
        let sql = format!(
            "UPDATE tenant_head SET revision = {revision} WHERE tenant_id = {id}; \
             INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, create_time, epoch) \
             SELECT tenant_id, {revision}, 0, 'workspace.updated', default_workspace_id, '{{}}', create_time, 7 \
             FROM tenant WHERE tenant_id = {id}"
        );
        let sql = AssertSqlSafe(sql);
        if sqlite {
            let mut connection = SqliteConnection::connect(&app.database.url).await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            connection.execute(sql).await.unwrap();
            return Self::Sqlite(connection);
        }
        let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
        connection.execute("BEGIN").await.unwrap();
        connection.execute(sql).await.unwrap();
        Self::Postgres(connection)
    }

    async fn give_up(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("ROLLBACK").await.map(drop).unwrap(),
            Self::Postgres(mut connection) => {
                connection.execute("ROLLBACK").await.map(drop).unwrap();
            }
        }
    }
}
