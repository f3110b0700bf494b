//! The PostgreSQL cluster that `benches/run` started: databases, statements by hand, and `pgbench`.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tempfile::NamedTempFile;

use super::measure::Meter;
use super::server::migrate;

/// As which user the service connects: as in production, one that owns nothing.
const SERVICE: &str = "precinct_service";

pub struct Cluster {
    /// `postgres://postgres@host:port`.
    url: String,
    programs: PathBuf,
    postmaster: u32,
}

/// A database of the cluster.
#[derive(Clone)]
pub struct Database {
    /// As its superuser.
    pub url: String,
    /// As the service.
    pub service_url: String,
    programs: PathBuf,
    meter: Meter,
}

// === impl Cluster ===

impl Cluster {
    pub async fn from_env() -> Self {
        let variable =
            |name| env::var(name).unwrap_or_else(|_| panic!("no {name}: use benches/run"));
        let url = variable("PRECINCT_BENCH_DATABASE_URL");
        let mut connection = PgConnection::connect(&url).await.expect("the cluster answers");
        let file: String = connection
            .fetch_one("SELECT pg_read_file('postmaster.pid')")
            .await
            .expect("a superuser may")
            .get(0);
        let postmaster = file.lines().next().and_then(|pid| pid.parse().ok()).expect("a process");
        let create = format!("CREATE ROLE {SERVICE} LOGIN");
        connection.execute(AssertSqlSafe(create)).await.expect("a superuser may");
        let (url, _) = url.rsplit_once('/').expect("a URL with a database");
        let programs = variable("PRECINCT_BENCH_PG_BIN").into();
        Self { url: url.into(), programs, postmaster }
    }

    /// A new database with the tables of the service.
    pub async fn database(&self, name: &str) -> Database {
        let database = self.empty(name).await;
        migrate(&database.url);
        database.execute(&format!("GRANT precinct_app TO {SERVICE}")).await;
        database
    }

    /// A new database.
    pub async fn empty(&self, name: &str) -> Database {
        let create = format!("CREATE DATABASE {name}");
        let mut connection =
            PgConnection::connect(&format!("{}/postgres", self.url)).await.expect("it answers");
        connection.execute(AssertSqlSafe(create)).await.expect("a superuser may");
        let url = format!("{}/{name}", self.url);
        Database {
            service_url: url.replace("postgres@", &format!("{SERVICE}@")),
            url,
            programs: self.programs.clone(),
            meter: Meter::Family(self.postmaster),
        }
    }
}

// === impl Database ===

impl Database {
    /// The CPU time of the whole cluster.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("the cluster answers")
    }

    /// Runs statements as the superuser.
    pub async fn execute(&self, sql: &str) {
        let done = self.connect().await.execute(AssertSqlSafe(sql.to_owned())).await;
        done.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// The single number that a statement answers.
    pub async fn number(&self, sql: &str) -> i64 {
        let row = self.connect().await.fetch_one(AssertSqlSafe(sql.to_owned())).await;
        row.unwrap_or_else(|error| panic!("{error}: {sql}")).get(0)
    }

    /// Makes the tables of `pgbench`, with so many accounts.
    pub async fn fill_pgbench(&self, accounts: i64) {
        self.run("pgbench", &["-q", "-i", "-s", &(accounts / 100_000).to_string()]).await;
    }

    /// Runs `pgbench` and returns how many transactions it did.
    pub async fn pgbench(&self, mode: &str, clients: usize, seconds: u64) -> u64 {
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        let arguments = ["-n", "-M", "prepared", mode, "-c", &clients, "-j", "2", "-T", &seconds];
        let out = self.run("pgbench", &arguments).await;
        let line = "number of transactions actually processed: ";
        let done = out.lines().find_map(|text| text.strip_prefix(line)?.parse().ok());
        done.unwrap_or_else(|| panic!("pgbench counted nothing: {out}"))
    }

    /// Runs a statement by `pgbench`, again and again.
    pub async fn pgbench_statement(&self, sql: &str, clients: usize, seconds: u64) -> u64 {
        self.pgbench_script(&format!("{sql};"), clients, seconds).await
    }

    /// The same of a script, with variables of `pgbench`.
    pub async fn pgbench_script(&self, text: &str, clients: usize, seconds: u64) -> u64 {
        let mut script = NamedTempFile::new().expect("a temporary file");
        writeln!(script, "{text}").expect("it can be written");
        let mode = format!("--file={}", script.path().display());
        self.pgbench(&mode, clients, seconds).await
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).arg(&self.url);
        let done = tokio::task::spawn_blocking(move || command.output()).await;
        let done = done.expect("it does not panic").expect("the program is there");
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("text")
    }
}
