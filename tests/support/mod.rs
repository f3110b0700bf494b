//! The harness: the real stack without a port, on a database of its own per test, and actors who call it.

pub mod access;
pub mod accounts;
pub mod actor;
pub mod assets;
pub mod check;
pub mod checker;
pub mod cluster;
pub mod database;
pub mod dump;
pub mod dynamic;
pub mod feed;
pub mod filters;
pub mod folders;
pub mod lifecycle;
pub mod lists;
pub mod look;
pub mod members;
pub mod operations;
pub mod plans;
pub mod process;
pub mod redact;
pub mod requests;
pub mod routing;
pub mod rows;
pub mod segmentations;
pub mod status;
pub mod tokens;
pub mod topology;
pub mod transfers;
pub mod usage;
pub mod world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use precinct::config::{Authentication, DatabaseConfig, ServerConfig, WatchConfig};
use precinct::context::{Caller, Context, Lacked, Mutation, Source, Through};
use precinct::id::TenantId;
use precinct::pb;
use precinct::repository::Store;
use precinct::secret::Secrets;
use precinct::server::Server;

use self::actor::{Actor, Line};
use self::database::Database;
use self::rows::Rows;

/// Runs each test on SQLite and on PostgreSQL, and checks in the end that the database still makes sense.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all of its file's imports")]
            use super::*;

            async fn test($app: &$crate::support::App) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let app = $crate::support::App::sqlite().await;
                test(&app).await;
                app.check().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let app = $crate::support::App::postgres().await;
                test(&app).await;
                app.check().await;
            }
        }
    )+};
}

/// A server and its database.
pub struct App {
    pub server: Server,
    pub store: Store,
    pub database: Database,
}

/// A tenant, made through the API.
#[derive(Clone)]
pub struct Tenant {
    pub id: String,
    pub display_name: String,
    pub default_workspace: String,
    pub default_partition: String,
    line: Line,
}

/// The context of somebody who may all, past the API.
pub fn context(tenant: TenantId) -> Context {
    Context {
        // An operator sees deleted tenants too.
        caller: Caller::Operator { name: "test".into(), acting_on: Some(tenant) },
        source: Source::Internal,
        call_id: "test".into(),
        deadline: Instant::now() + Duration::from_secs(60),
        at_least_revision: None,
        method: "Test/Test",
        mutation: Mutation::default(),
        through: Through::default(),
        lacked: Lacked::default(),
    }
}

// === impl App ===

impl App {
    pub async fn sqlite() -> Self {
        Self::over(Database::sqlite()).await
    }

    pub async fn postgres() -> Self {
        Self::over(Database::postgres().await).await
    }

    async fn over(database: Database) -> Self {
        let store = database.connect().await;
        let server = serve(&store);
        Self { server, store, database }
    }

    /// Another replica on the same database.
    pub async fn replica(&self) -> Server {
        serve(&self.database.connect().await)
    }

    /// Another replica, which hears of changes that others make, and tells of its own.
    pub async fn watching_replica(&self) -> Server {
        let (store, watching) = self.database.connect().await.watched();
        tokio::spawn(watching);
        serve(&store)
    }

    /// A server over a store.
    pub fn serve(store: &Store) -> Server {
        serve(store)
    }

    /// Another replica, with its own way to be watched.
    pub async fn watched_as(&self, watch: WatchConfig) -> (Server, Store) {
        let (store, watching) = self.database.connect().await.watched();
        tokio::spawn(watching);
        let server = Server::new(ServerConfig { watch, ..settings() });
        server.open(&store, &secrets());
        (server, store)
    }

    /// An operator of the platform.
    pub fn operator(&self) -> Actor {
        Actor::operator(self.server.clone(), "ops")
    }

    /// A new tenant.
    pub async fn tenant(&self, name: &str) -> Tenant {
        self.operator().tenant(name).await
    }

    /// Fails if any rule is broken in the database.
    pub async fn check(&self) {
        checker::check(&self.database.url).await;
    }

    /// The rows of these tenants in its database.
    pub async fn rows(&self, tenants: &[TenantId]) -> BTreeMap<TenantId, Rows> {
        Rows::of(&self.database.url, tenants).await
    }

    /// How many statements a call takes, once everything that is cached is warm.
    pub async fn statements<T>(&self, call: impl AsyncFn() -> T) -> u64 {
        call().await;
        let before = self.store.statements();
        call().await;
        self.store.statements() - before
    }
}

// === impl Tenant ===

impl Tenant {
    /// Somebody of the tenant.
    pub fn user(&self, name: &str) -> Actor {
        Actor::over(self.line.clone())
            .with("x-precinct-tenant", &self.id)
            .with("x-precinct-principal", &format!("user:{name}"))
    }

    /// Whoever has this key.
    pub fn bearer(&self, key: &str) -> Actor {
        Actor::over(self.line.clone()).with("authorization", &format!("Bearer {key}"))
    }

    /// The owner.
    pub fn admin(&self) -> Actor {
        self.user("owner")
    }

    /// The same tenant, through another server.
    pub fn through(&self, server: Server) -> Self {
        self.over(actor::line(server))
    }

    /// The same tenant, over another connection.
    pub fn over(&self, line: Line) -> Self {
        Self { line, ..self.clone() }
    }
}

/// The secret of all test databases.
pub const SECRET: &str = "a secret for tests only";

/// The same, parsed.
pub fn secrets() -> Secrets {
    Secrets::parse(SECRET).expect("long enough")
}

fn serve(store: &Store) -> Server {
    let server = Server::new(settings());
    server.open(store, &secrets());
    server
}

fn settings() -> ServerConfig {
    ServerConfig {
        authentication: Authentication { api_keys: true, ..Authentication::trusted_headers() },
        work: operations::work(),
        ..ServerConfig::default()
    }
}

/// A database as the service is told of it.
pub fn config(url: &str) -> DatabaseConfig {
    DatabaseConfig {
        url: url.into(),
        max_connections: 8,
        min_connections: 0,
        require_restricted_role: false,
    }
}

/// Settings of a tenant under which one email may be in several partitions.
pub fn allowing_duplicates() -> pb::TenantSettings {
    pb::TenantSettings {
        duplicate_policy: pb::DuplicatePolicy::Allow.into(),
        ..pb::TenantSettings::default()
    }
}
