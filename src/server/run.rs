//! From the first bind to the last connection: starts the parts of the server and ends them in order.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::tls::{Certificate, TlsFiles};
use super::{Server, State};
use crate::config::ServerConfig;
use crate::error::{Error, Result};
use crate::repository::Store;
use crate::secret::Secrets;

/// The exit code of a process that a second signal ended.
const INTERRUPTED: i32 = 130;

/// How long the database may take to let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server with its sockets and its database.
#[derive(Clone, Debug)]
pub struct Run {
    /// How to serve.
    pub server: ServerConfig,
    /// Where to serve.
    pub listen: SocketAddr,
    /// The certificate to serve with, if not in plain text.
    pub tls: Option<TlsFiles>,
    /// Where to serve probes and metrics, if anywhere.
    pub admin: Option<SocketAddr>,
    /// Refuse to serve as an owner of the tables.
    pub require_restricted_role: bool,
    /// How long to go on serving after the signal, until balancers have noticed.
    pub drain_delay: Duration,
    /// How long calls in progress may then take.
    pub shutdown_grace: Duration,
}

// === impl Run ===

impl Run {
    /// Serves until a signal, or until the database turns out not to be ours.
    pub async fn run(self, store: Store, secrets: Secrets) -> Result<()> {
        let mut signals = Signals::new().map_err(Error::internal)?;
        let certificate = self.tls.clone().map(Certificate::read).transpose();
        let certificate = certificate.map_err(Error::internal)?.map(Arc::new);
        let server = Server::new(self.server.clone());
        server.0.ways.prepare();
        let connections = TaskTracker::new();
        let listener = bind("listening on", self.listen).await?;
        connections.spawn(server.clone().listen(listener, certificate, connections.clone()));
        if let Some(admin) = self.admin {
            let listener = bind("admin on", admin).await?;
            let router = server.admin();
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        tokio::select! {
            failed = server.attend(store.clone(), secrets, self.require_restricted_role) => {
                return failed.map(|never| match never {});
            }
            () = signals.next() => {}
        }
        tokio::select! {
            () = self.drain(&server, &connections) => {}
            () = signals.next() => process::exit(INTERRUPTED),
        }
        // What was used and counted in the last seconds is written before the database is let go of.
        if let Some(closed) = server.0.closed.get() {
            if !matches!(timeout(PATIENCE, closed.store.flush_uses()).await, Ok(Ok(()))) {
                tracing::warn!("the last times of use could not be written");
            }
            if !matches!(timeout(PATIENCE, closed.store.flush_counts()).await, Ok(Ok(()))) {
                tracing::warn!("the last counts could not be written");
            }
        }
        close(&store).await;
        Ok(())
    }

    async fn drain(&self, server: &Server, connections: &TaskTracker) {
        // Balancers learn first, and callers keep being served while they do.
        server.health().set(State::Draining);
        tracing::info!("draining");
        sleep(self.drain_delay).await;
        // Then streams end, and connections after their last call.
        server.0.stop.cancel();
        connections.close();
        server.0.tasks.close();
        let all = async {
            connections.wait().await;
            server.0.tasks.wait().await;
        };
        if timeout(self.shutdown_grace, all).await.is_err() {
            tracing::warn!(
                connections = connections.len(),
                calls = server.0.tasks.len(),
                "not all calls ended in time"
            );
        }
    }
}

async fn close(store: &Store) {
    if timeout(PATIENCE, store.close()).await.is_err() {
        tracing::warn!("the database did not let go in time");
    }
    tracing::info!("stopped");
}

/// Binds, and says where on standard output: with port 0 only the system knows.
async fn bind(what: &str, address: SocketAddr) -> Result<TcpListener> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        writeln!(io::stdout(), "{what} {local}")?;
        Ok(listener)
    };
    bound.await.map_err(|error: io::Error| Error::internal(format!("{what} {address}: {error}")))
}

/// SIGTERM from an orchestrator, SIGINT from a terminal.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

// === impl Signals ===

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
