//! A database per test: an SQLite file as in production, or a copy of a migrated PostgreSQL template.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use precinct::repository::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{config, secrets};

/// A database that is gone when the test is over.
pub struct Database {
    pub url: String,
    _kind: Kind,
}

enum Kind {
    Sqlite { _directory: TempDir },
    Postgres { _copy: Copy },
}

struct Copy(String);

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COPIES: AtomicU32 = AtomicU32::new(0);

// === impl Database ===

impl Database {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        let url = format!("sqlite://{}/test.db", directory.path().display());
        Self { url, _kind: Kind::Sqlite { _directory: directory } }
    }

    pub async fn postgres() -> Self {
        let template = TEMPLATE.get_or_init(make_template).await;
        let name = format!("copy_{}_{}", process::id(), COPIES.fetch_add(1, Ordering::Relaxed));
        administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { url: on_cluster(&name), _kind: Kind::Postgres { _copy: Copy(name) } }
    }

    /// A PostgreSQL database without anything in it.
    pub async fn empty() -> Self {
        let name = format!("empty_{}_{}", process::id(), COPIES.fetch_add(1, Ordering::Relaxed));
        administer(&format!("CREATE DATABASE {name}")).await;
        Self { url: on_cluster(&name), _kind: Kind::Postgres { _copy: Copy(name) } }
    }

    /// Changes rows past the service; `{id}` in the statements stands for an id.
    pub async fn sabotage(&self, sql: &str, id: &str) {
        if self.url.starts_with("sqlite:") {
            let literal = format!("x'{}'", id.replace('-', ""));
            let sql = AssertSqlSafe(sql.replace("{id}", &literal));
            let mut connection = SqliteConnection::connect(&self.url).await.expect("it opens");
            connection.execute(sql).await.expect("the owner may");
        } else {
            let sql = AssertSqlSafe(sql.replace("{id}", &format!("'{id}'")));
            let mut connection = PgConnection::connect(&self.url).await.expect("it answers");
            connection.execute(sql).await.expect("the superuser may");
        }
    }

    /// A store on it, migrated.
    pub async fn connect(&self) -> Store {
        open(&self.url).await
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.0);
        // The test's runtime is in the middle of this drop; the statement needs one of its own.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(administer(&drop));
        });
        let _ = thread.join();
    }
}

/// The throw-away cluster that `tests/run` starts.
pub fn cluster() -> String {
    std::env::var("PRECINCT_TEST_DATABASE_URL")
        .expect("PRECINCT_TEST_DATABASE_URL is not set: run the tests with tests/run")
}

/// The URL of a database of the cluster.
pub fn on_cluster(name: &str) -> String {
    let cluster = cluster();
    let (server, _) = cluster.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}")
}

async fn make_template() -> String {
    let name = format!("template_{}", process::id());
    administer(&format!("CREATE DATABASE {name}")).await;
    // A template with open connections cannot be copied.
    open(&on_cluster(&name)).await.close().await;
    name
}

async fn open(url: &str) -> Store {
    let mut store = Store::connect(&config(url), secrets()).await.expect("the database opens");
    store.migrate().await.expect("the migrations run");
    store.restrict(false).await.expect("the session steps down");
    store.check_secret().await.expect("the secret is the database's");
    store
}

async fn administer(sql: &str) {
    let mut connection = PgConnection::connect(&cluster()).await.expect("the cluster answers");
    connection.execute(AssertSqlSafe(sql)).await.expect("the superuser may");
    connection.close().await.expect("the connection closes");
}
