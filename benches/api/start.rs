//! How long the service takes to serve, and what it takes at rest, on SQLite.

use std::time::{Duration, Instant};

use super::server::Server;
use super::table::Table;

/// How often it is started.
const STARTS: usize = 5;

/// Measures a start on a database that is not there yet, and starts after that.
pub async fn measure(table: &mut Table) {
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    let url = format!("sqlite://{}/start.db", directory.path().display());
    let first = start(&url).await.0;
    let mut later = Vec::new();
    for _ in 0..STARTS {
        later.push(start(&url).await.0);
    }
    later.sort();
    let (_, server) = start(&url).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    table.note(&format!(
        "start to SERVING on SQLite: {} ms on a new database, {} ms after that (goal < 1,000); resident \
         memory at rest {} MB (goal < 30)",
        first.as_millis(),
        later[STARTS / 2].as_millis(),
        server.memory()
    ));
}

async fn start(url: &str) -> (Duration, Server) {
    let began = Instant::now();
    let server = Server::start(url).await;
    (began.elapsed(), server)
}
