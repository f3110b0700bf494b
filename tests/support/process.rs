//! A server in a process of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use futures_util::StreamExt;
use tempfile::TempDir;
use tonic::Status;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::SECRET;
use super::actor::{Actor, Line};
use super::database::Database;

const LOG: &str = "log";

/// A running `precinct serve`; killed when dropped.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: String,
    /// Where its admin port is.
    pub admin: String,
    /// Holds its database, if that is a file.
    pub directory: TempDir,
}

/// The program, without what this machine's environment would tell it.
pub fn precinct() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precinct"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PRECINCT_") {
            command.env_remove(name);
        }
    }
    command
}

/// The URL of an SQLite file in a directory.
pub fn sqlite(directory: &Path) -> String {
    format!("sqlite://{}/test.db", directory.display())
}

// === impl Process ===

impl Process {
    /// Starts a server on an SQLite file.
    pub fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        let url = sqlite(directory.path());
        Self::on(&url, directory, arguments)
    }

    /// Starts a server on ports that the system chooses.
    pub fn on(url: &str, directory: TempDir, arguments: &[&str]) -> Self {
        Self::run(precinct().args(["--log", "error"]), url, directory, arguments)
    }

    /// Starts a server that logs all it can into a file of its directory.
    pub fn logging(directory: TempDir, arguments: &[&str]) -> Self {
        let log = File::create(directory.path().join(LOG)).expect("a file");
        let url = sqlite(directory.path());
        Self::run(precinct().args(["--log", "trace"]).stderr(log), &url, directory, arguments)
    }

    /// What it logged until now.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join(LOG)).expect("a log")
    }

    fn run(command: &mut Command, url: &str, directory: TempDir, arguments: &[&str]) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .args(["--database-url", url])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let address = after("listening on ", &mut output);
        let admin = after("admin on ", &mut output);
        Self { child, address, admin, directory }
    }

    /// Starts a server on a database of the tests.
    pub fn serving(database: &Database, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        Self::on(&database.url, directory, &[&["--secret", SECRET], arguments].concat())
    }

    /// A connection to it, which is made anew when it breaks.
    pub fn connect(&self) -> Channel {
        let address = Channel::from_shared(format!("http://{}", self.address));
        address.expect("an address").connect_lazy()
    }

    /// The same, for actors.
    pub fn line(&self) -> Line {
        let channel = self.connect();
        BoxCloneSyncService::new(channel.map_err(|error| Status::from_error(Box::new(error))))
    }

    /// An operator of the platform.
    pub fn operator(&self) -> Actor {
        Actor::over(self.line()).with("x-precinct-principal", "platform:ops")
    }

    /// The health of the server, as it changes.
    pub async fn watch(&self) -> impl futures_util::Stream<Item = Seen> + Unpin + use<> {
        let changes = HealthClient::new(self.connect()).watch(HealthCheckRequest::default()).await;
        changes.expect("a watch").into_inner().map(Seen::from)
    }

    /// Waits until calls are served.
    pub async fn ready(&self) {
        let mut changes = self.watch().await;
        while changes.next().await.expect("the watch goes on") != Seen::Serving {}
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        let sent = Command::new("kill").args([&signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// How the process ended.
    pub async fn exit(mut self) -> ExitStatus {
        let waiting = tokio::task::spawn_blocking(move || self.child.wait());
        waiting.await.expect("no panic").expect("the process ended")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a watch says.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    Serving,
    NotServing,
    Ended(String),
}

impl From<Result<HealthCheckResponse, tonic::Status>> for Seen {
    fn from(message: Result<HealthCheckResponse, tonic::Status>) -> Self {
        match message {
            Ok(response) if response.status() == ServingStatus::Serving => Self::Serving,
            Ok(_) => Self::NotServing,
            Err(status) => Self::Ended(crate::support::status::reason(&status)),
        }
    }
}

fn after(prefix: &str, output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    let rest = line.strip_prefix(prefix).unwrap_or_else(|| panic!("{prefix:?}, not {line:?}"));
    rest.trim_end().to_owned()
}
