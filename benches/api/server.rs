//! The service as a process of its own, on a port of the system's choice.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::measure::{Meter, memory};

/// The release build of this package.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_precinct");

/// Any secret: the databases live as long as the measurement.
pub const SECRET: &str = "a secret for measuring only";

/// A process that listens; killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: String,
}

// === impl Server ===

impl Server {
    /// Starts the service over a database, as it is by default, and waits until it serves.
    pub async fn start(url: &str) -> Self {
        let server = Self::spawn(
            PROGRAM,
            ["serve", "--listen=127.0.0.1:0", "--admin-listen=", "--database-url", url],
        );
        server.serving().await;
        server
    }

    /// Starts a program whose first line ends in its address.
    pub fn spawn(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env("PRECINCT_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the server says where it listens");
        let address = line.split_whitespace().last().expect("an address").to_owned();
        Self { child, address }
    }

    async fn serving(&self) {
        let endpoint =
            Endpoint::from_shared(format!("http://{}", self.address)).expect("an address");
        let mut health = HealthClient::new(endpoint.connect().await.expect("it listens"));
        for _ in 0..30_000 {
            let reply = health.check(HealthCheckRequest::default()).await;
            if reply.is_ok_and(|reply| reply.into_inner().status() == ServingStatus::Serving) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("the server does not serve");
    }

    pub fn meter(&self) -> Meter {
        Meter::Process(self.child.id())
    }

    /// Resident memory, in MB.
    pub fn memory(&self) -> u64 {
        memory(self.child.id(), "VmRSS")
    }

    /// The most that it ever was.
    pub fn peak_memory(&self) -> u64 {
        memory(self.child.id(), "VmHWM")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Brings a database to this version.
pub fn migrate(url: &str) {
    let done = Command::new(PROGRAM)
        .args(["migrate", "up", "--database-url", url])
        .env("PRECINCT_SECRET", SECRET)
        .output()
        .expect("the program runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
