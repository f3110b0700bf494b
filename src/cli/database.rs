//! The flags that say which database, and what they lead to.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;

use super::{Failure, plainly};
use crate::config::DatabaseConfig;
use crate::repository::{Store, sqlite_file};
use crate::secret::Secrets;

/// Which database, and how to use it.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// The database: `sqlite://file.db` or `postgres://user:password@host/name`.
    #[arg(
        long,
        env = "PRECINCT_DATABASE_URL",
        default_value = "sqlite://precinct.db",
        hide_env_values = true
    )]
    pub(super) database_url: String,

    /// The same database as a user who may change its schema, for migrations; else `--database-url`.
    #[arg(long, env = "PRECINCT_MIGRATE_DATABASE_URL", hide_env_values = true)]
    migrate_database_url: Option<String>,

    /// The secret that page tokens are signed, emails hashed and audit records chained with: newest first,
    /// separated by commas. On SQLite a file beside the database stands in for it.
    #[arg(long, env = "PRECINCT_SECRET", hide_env_values = true)]
    secret: Option<String>,

    /// Most connections to the database; for SQLite, most readers.
    #[arg(long, env = "PRECINCT_DATABASE_CONNECTIONS", default_value_t = 16)]
    database_connections: u32,

    /// Refuse to serve as an owner of the tables or a superuser, instead of stepping down.
    #[arg(long, env = "PRECINCT_REQUIRE_RESTRICTED_ROLE", value_parser = BoolishValueParser::new())]
    pub(super) require_restricted_role: bool,
}

// === impl Database ===

impl Database {
    /// Opens the pools that serve.
    pub(super) async fn connect(&self, secrets: Secrets) -> Result<Store, Failure> {
        self.open(&self.database_url, secrets).await
    }

    /// Opens a connection that may migrate.
    pub(super) async fn connect_to_migrate(&self, secrets: Secrets) -> Result<Store, Failure> {
        let url = self.migrate_database_url.as_ref().unwrap_or(&self.database_url);
        self.open(url, secrets).await
    }

    async fn open(&self, url: &str, secrets: Secrets) -> Result<Store, Failure> {
        let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|one| url.starts_with(one));
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(Failure::Config("an SQLite database must be a file".into()));
        }
        if !known {
            return Err(Failure::Config(
                "--database-url (PRECINCT_DATABASE_URL) must begin with sqlite: or postgres:"
                    .into(),
            ));
        }
        let config = DatabaseConfig {
            url: url.into(),
            max_connections: self.database_connections,
            min_connections: 1,
            require_restricted_role: self.require_restricted_role,
        };
        Store::connect(&config, secrets).await.map_err(|error| Failure::Config(plainly(error)))
    }

    /// The SQLite file, if that is what the URL names.
    pub(super) fn file(&self) -> Option<PathBuf> {
        sqlite_file(&self.database_url)
    }

    /// Keeps a second server away from an SQLite file, for as long as the lock is held.
    pub(super) fn lock(&self) -> Result<Option<File>, Failure> {
        let Some(file) = self.file() else {
            return Ok(None);
        };
        let path = beside(&file, "lock");
        let refused = |what: &dyn std::fmt::Display| {
            Failure::Config(format!("cannot lock the database ({}): {what}", path.display()))
        };
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| refused(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => Err(refused(&"another server serves it")),
            Err(fs::TryLockError::Error(error)) => Err(refused(&error)),
        }
    }

    /// The secrets given, else those in the file beside an SQLite database, which is made if it is missing.
    pub(super) fn secrets(&self) -> Result<Secrets, Failure> {
        let text = match (&self.secret, self.file()) {
            (Some(secret), _) => secret.clone(),
            (None, Some(file)) => {
                let path = beside(&file, "secret");
                development_secret(&path)
                    .map_err(|error| Failure::Config(format!("{}: {error}", path.display())))?
            }
            (None, None) => {
                return Err(Failure::Config(
                    "a secret is required: set PRECINCT_SECRET to at least 16 random characters, \
                     such as those of `openssl rand -hex 32`"
                        .into(),
                ));
            }
        };
        Secrets::parse(text.trim())
            .map_err(|error| Failure::Config(format!("--secret (PRECINCT_SECRET): {error}")))
    }
}

fn development_secret(path: &Path) -> std::io::Result<String> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let bytes: [u8; 32] = rand::random();
            let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(file, "{secret}")?;
            tracing::warn!(file = %path.display(), "made a secret for development; keep it with the database");
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::read_to_string(path),
        Err(error) => Err(error),
    }
}

/// A file that goes with the database's.
fn beside(database: &Path, extension: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}
