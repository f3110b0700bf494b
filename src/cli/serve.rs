//! `precinct serve`.

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::database::Database;
use super::{Failure, duration, migrate, plainly};
use crate::config::ServerConfig;
use crate::secret::Secrets;
use crate::server::Run;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    database: Database,

    /// Run the missing migrations first; SQLite always does.
    #[arg(long, env = "PRECINCT_MIGRATE", value_parser = BoolishValueParser::new())]
    migrate: bool,

    /// Where to serve gRPC; port 0 takes a free one.
    #[arg(long, env = "PRECINCT_LISTEN", default_value = "127.0.0.1:50051")]
    listen: SocketAddr,

    /// Where to serve /livez, /readyz and /metrics; empty for nowhere.
    #[arg(long, env = "PRECINCT_ADMIN_LISTEN", default_value = "127.0.0.1:9090")]
    admin_listen: Optional,

    /// Take the caller from x-precinct-tenant and x-precinct-principal, on any address: only behind a proxy
    /// or mesh that sets them itself.
    #[arg(long, env = "PRECINCT_TRUSTED_HEADERS", value_parser = BoolishValueParser::new())]
    trusted_headers: bool,

    /// Do not offer server reflection.
    #[arg(long, env = "PRECINCT_NO_REFLECTION", value_parser = BoolishValueParser::new())]
    no_reflection: bool,

    /// Most connections of clients.
    #[arg(long, env = "PRECINCT_MAX_CONNECTIONS", default_value_t = ServerConfig::default().connections)]
    max_connections: usize,

    /// How long to go on serving after SIGTERM, until balancers have noticed.
    #[arg(long, env = "PRECINCT_DRAIN_DELAY", default_value = "5s", value_parser = duration::parse)]
    drain_delay: Duration,

    /// How long calls in progress may take after that.
    #[arg(long, env = "PRECINCT_SHUTDOWN_GRACE", default_value = "20s", value_parser = duration::parse)]
    shutdown_grace: Duration,

    /// How long a peer may take to open HTTP/2.
    #[arg(long, env = "PRECINCT_PREFACE_TIMEOUT", default_value = "10s", value_parser = duration::parse, hide = true)]
    preface_timeout: Duration,
}

/// An address, or nowhere.
#[derive(Clone, Copy, Debug)]
struct Optional(Option<SocketAddr>);

// === impl Serve ===

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if !self.trusted_headers && !self.listen.ip().is_loopback() {
            return Err(Failure::Config(format!(
                "{} can be reached from other machines, and nothing authenticates callers: behind a proxy or \
                 mesh that sets x-precinct-tenant and x-precinct-principal, set --trusted-headers \
                 (PRECINCT_TRUSTED_HEADERS=true); else listen on 127.0.0.1",
                self.listen
            )));
        }
        let _lock = self.database.lock()?;
        let secrets = self.database.secrets()?;
        if self.migrate || self.database.file().is_some() {
            self.migrate(&secrets).await?;
        }
        let store = self.database.connect(secrets.clone()).await?;
        self.plan().run(store, secrets).await.map_err(|error| Failure::Config(plainly(error)))
    }

    async fn migrate(&self, secrets: &Secrets) -> Result<(), Failure> {
        let store = self.database.connect_to_migrate(secrets.clone()).await?;
        migrate::up(&store).await?;
        store.close().await;
        Ok(())
    }

    fn plan(&self) -> Run {
        Run {
            server: ServerConfig {
                trusted_headers: true,
                reflection: !self.no_reflection,
                connections: self.max_connections,
                preface_timeout: self.preface_timeout,
                ..ServerConfig::default()
            },
            listen: self.listen,
            admin: self.admin_listen.0,
            require_restricted_role: self.database.require_restricted_role,
            drain_delay: self.drain_delay,
            shutdown_grace: self.shutdown_grace,
        }
    }
}

// === impl Optional ===

impl FromStr for Optional {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}
