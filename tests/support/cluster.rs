//! A PostgreSQL cluster of a test's own, for what the shared one would not survive.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

/// A cluster that is gone when the test is over.
pub struct Cluster {
    directory: TempDir,
    pub url: String,
}

// === impl Cluster ===

impl Cluster {
    /// Starts one that keeps what it has answered when it is ended.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        // The server does not run as root, and must reach it.
        let open = Permissions::from_mode(0o755);
        fs::set_permissions(directory.path(), open).expect("the directory is ours");
        let mut cluster = Self { directory, url: String::new() };
        cluster.url = cluster.tell(&["start"]).trim().to_owned();
        // Those of the tests answer before they have written.
        let durable = "ALTER DATABASE postgres SET synchronous_commit = on";
        let mut connection = PgConnection::connect(&cluster.url).await.expect("it answers");
        connection.execute(durable).await.expect("the superuser may");
        cluster
    }

    /// Ends it without notice to its clients.
    pub fn stop(&self) {
        self.tell(&["stop", "immediate"]);
    }

    /// Brings it back, where it was.
    pub fn restart(&self) {
        assert_eq!(self.tell(&["start"]).trim(), self.url);
    }

    fn tell(&self, what: &[&str]) -> String {
        let mut command = Command::new("tests/cluster");
        command.arg(what[0]).arg(self.directory.path()).args(&what[1..]);
        let output = command.output().expect("the script runs");
        assert!(output.status.success(), "{what:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a URL")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.tell(&["remove"]);
    }
}
