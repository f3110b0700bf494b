//! Migrations, the restricted role, and the check that the secret is the one that the data was made with.

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Executor, PgPool, Row};

use super::failure;
use super::store::{Pools, Store};
use crate::error::{Error, Result};

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// The role that the service acts as on PostgreSQL: it owns nothing, so row-level security binds it.
pub const ROLE: &str = "precinct_app";

/// Whether the database is ready for this version of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// All migrations are in.
    Current,
    /// These are missing, by number.
    Behind(Vec<i64>),
}

// === impl Store ===

impl Store {
    /// Runs the missing migrations, one replica at a time, and fills what these leave to the service.
    pub async fn migrate(&self) -> Result<()> {
        self.migrate_schema().await?;
        self.fill_folded().await
    }

    async fn migrate_schema(&self) -> Result<()> {
        match self.pools() {
            Pools::Postgres(pool) => {
                make_role(pool).await?;
                POSTGRES.run(pool).await.map_err(Error::internal)?;
                // The service compares the versions before it serves; the table is sqlx's own.
                let grant = format!("GRANT SELECT ON _sqlx_migrations TO {ROLE}");
                pool.execute(AssertSqlSafe(grant)).await.map(drop).map_err(Error::internal)
            }
            Pools::Sqlite { writer, .. } => SQLITE.run(writer).await.map_err(Error::internal),
        }
    }

    /// Compares the database with the migrations of this version.
    pub async fn schema(&self) -> Result<Schema> {
        let query = "SELECT version FROM _sqlx_migrations WHERE success";
        let (migrator, applied) = match self.pools() {
            Pools::Postgres(pool) => (
                &POSTGRES,
                pool.fetch_all(query).await.map(|rows| rows.iter().map(|row| row.get(0)).collect()),
            ),
            Pools::Sqlite { readers, .. } => (
                &SQLITE,
                readers
                    .fetch_all(query)
                    .await
                    .map(|rows| rows.iter().map(|row| row.get(0)).collect()),
            ),
        };
        let applied: Vec<i64> = match applied {
            Ok(applied) => applied,
            // No migration ever ran here: the table itself is missing.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => vec![],
            Err(sqlx::Error::Database(error)) if error.message().contains("no such table") => {
                vec![]
            }
            Err(error) => return Err(failure::classify(error)),
        };
        let missing: Vec<i64> =
            migrator.iter().map(|one| one.version).filter(|one| !applied.contains(one)).collect();
        Ok(if missing.is_empty() { Schema::Current } else { Schema::Behind(missing) })
    }

    /// Makes sure that every statement runs under row-level security: a session of an owner or superuser
    /// steps down to the restricted role, or is refused if that is asked for.
    pub async fn restrict(&mut self, required: bool) -> Result<()> {
        let Pools::Postgres(pool) = self.pools() else { return Ok(()) };
        let query = "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c \
                     WHERE c.relname = 'person' AND pg_has_role(current_user, c.relowner, 'MEMBER')) \
                     FROM pg_roles r WHERE r.rolname = current_user";
        let unbound: bool = pool.fetch_one(query).await.map_err(failure::classify)?.get(0);
        if !unbound {
            return Ok(());
        }
        if required {
            return Err(Error::internal(format!(
                "the database user owns the tables or bypasses row-level security; connect as a user that \
                 has only the role {ROLE}, or drop --require-restricted-role"
            )));
        }
        tracing::warn!(
            role = ROLE,
            "connected as an owner of the tables: stepping down for every statement"
        );
        self.act_as("SET LOCAL ROLE precinct_app;");
        Ok(())
    }

    /// Refuses a secret other than the one that the hashes in the database were made with.
    pub async fn check_secret(&self) -> Result<()> {
        let fingerprint = self.secrets.fingerprint().to_vec();
        let insert =
            "INSERT INTO instance (id, secret_fingerprint) VALUES (1, $1) ON CONFLICT DO NOTHING";
        let select = "SELECT secret_fingerprint FROM instance WHERE id = 1";
        let stored: Vec<u8> = match self.pools() {
            Pools::Postgres(pool) => {
                let query = sqlx::query(insert).bind(fingerprint.clone());
                query.execute(pool).await.map_err(failure::classify)?;
                pool.fetch_one(select).await.map_err(failure::classify)?.get(0)
            }
            Pools::Sqlite { writer, .. } => {
                let query = sqlx::query(insert).bind(fingerprint.clone());
                query.execute(writer).await.map_err(failure::classify)?;
                writer.fetch_one(select).await.map_err(failure::classify)?.get(0)
            }
        };
        if stored == fingerprint {
            return Ok(());
        }
        Err(Error::internal(
            "PRECINCT_SECRET is not the one that this database was made with; its hashes of unsubscribed \
             emails and its audit chain would not verify. Give the old secret, as the last of the list",
        ))
    }
}

/// Makes the restricted role and lets the migrating user act as it, where it may.
async fn make_role(pool: &PgPool) -> Result<()> {
    let exists = format!("SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'");
    let exists = pool.fetch_optional(AssertSqlSafe(exists)).await.map_err(failure::classify)?;
    if exists.is_none() {
        let create = format!("CREATE ROLE {ROLE} NOLOGIN");
        if let Err(error) = pool.execute(AssertSqlSafe(create)).await {
            // Another migration, of another database of this cluster, may have been faster.
            let code = error.as_database_error().and_then(|error| error.code().map(String::from));
            if !matches!(code.as_deref(), Some("42710" | "23505")) {
                return Err(Error::internal(format!(
                    "cannot make the role {ROLE}: have a superuser run CREATE ROLE {ROLE} NOLOGIN; \
                     GRANT {ROLE} TO the user of the service ({error})"
                )));
            }
        }
    }
    let grant = format!("GRANT {ROLE} TO CURRENT_USER");
    if let Err(error) = pool.execute(AssertSqlSafe(grant)).await {
        tracing::warn!(%error, "could not grant {ROLE} to the migrating user; grant it to the service's");
    }
    Ok(())
}
