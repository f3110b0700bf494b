//! `precinct serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::authentication::Ways;
use super::database::Database;
use super::{Failure, duration, migrate, plainly};
use crate::config::{ServerConfig, WorkConfig};
use crate::secret::Secrets;
use crate::server::{Run, TlsFiles};

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

    /// Serve with TLS: the certificate, then those who vouch for it, as PEM; read again when it changes.
    #[arg(long, env = "PRECINCT_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The private key of the certificate, as PEM.
    #[arg(long, env = "PRECINCT_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// Do not offer server reflection.
    #[arg(long, env = "PRECINCT_NO_REFLECTION", value_parser = BoolishValueParser::new())]
    no_reflection: bool,

    /// Most connections of clients.
    #[arg(long, env = "PRECINCT_MAX_CONNECTIONS", default_value_t = ServerConfig::default().connections)]
    max_connections: usize,

    /// Most operations to work on at once; 0 leaves them, and purging, to other replicas.
    #[arg(long, env = "PRECINCT_WORKERS", default_value_t = WorkConfig::default().at_once)]
    workers: usize,

    /// How long a slice of an operation may take; after a crash, another replica takes over that much later.
    #[arg(long, env = "PRECINCT_SLICE_TIME", default_value = "10s", value_parser = duration::parse, hide = true)]
    slice_time: Duration,

    /// How long to go on serving after SIGTERM, until balancers have noticed.
    #[arg(long, env = "PRECINCT_DRAIN_DELAY", default_value = "5s", value_parser = duration::parse)]
    drain_delay: Duration,

    /// How long calls in progress may take after that.
    #[arg(long, env = "PRECINCT_SHUTDOWN_GRACE", default_value = "20s", value_parser = duration::parse)]
    shutdown_grace: Duration,

    /// How long a peer may take to open HTTP/2.
    #[arg(long, env = "PRECINCT_PREFACE_TIMEOUT", default_value = "10s", value_parser = duration::parse, hide = true)]
    preface_timeout: Duration,

    // Last, since its heading would stand over all that follow.
    #[command(flatten)]
    ways: Ways,
}

/// An address, or nowhere.
#[derive(Clone, Copy, Debug)]
struct Optional(Option<SocketAddr>);

// === impl Serve ===

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let plan = self.plan()?;
        let _lock = self.database.lock()?;
        let secrets = self.database.secrets()?;
        if self.migrate || self.database.file().is_some() {
            self.migrate(&secrets).await?;
        }
        let store = self.database.connect(secrets.clone()).await?;
        plan.run(store, secrets).await.map_err(|error| Failure::Config(plainly(error)))
    }

    async fn migrate(&self, secrets: &Secrets) -> Result<(), Failure> {
        let store = self.database.connect_to_migrate(secrets.clone()).await?;
        migrate::up(&store).await?;
        store.close().await;
        Ok(())
    }

    fn plan(&self) -> Result<Run, Failure> {
        Ok(Run {
            server: ServerConfig {
                authentication: self.ways.on(self.listen)?,
                reflection: !self.no_reflection,
                connections: self.max_connections,
                preface_timeout: self.preface_timeout,
                work: WorkConfig {
                    at_once: self.workers,
                    slice_time: self.slice_time,
                    ..WorkConfig::default()
                },
                ..ServerConfig::default()
            },
            listen: self.listen,
            tls: self.tls()?,
            admin: self.admin_listen.0,
            require_restricted_role: self.database.require_restricted_role,
            drain_delay: self.drain_delay,
            shutdown_grace: self.shutdown_grace,
        })
    }

    fn tls(&self) -> Result<Option<TlsFiles>, Failure> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }))
            }
            (None, None) => Ok(None),
            _ => Err(Failure::Config("--tls-cert and --tls-key need each other".into())),
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
