//! One connection inside one transaction, on either database; the only file that runs statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sea_orm::{DbBackend, QueryResult};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Executor, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction};

use super::failure;
use super::sql::Arg;
use crate::context::deadline_exceeded;
use crate::error::{Error, Result};

/// A connection inside a transaction. Dropped without [`Connection::commit`], it rolls back: the pool does
/// so before it lends the connection again.
pub(super) struct Connection {
    link: Link,
    deadline: Instant,
    counter: Arc<AtomicU64>,
    /// What to send along with the first simple statement: on PostgreSQL the transaction begins with it.
    opening: String,
    /// A statement failed, and no savepoint took it back: PostgreSQL would turn COMMIT into ROLLBACK.
    broken: bool,
}

pub(super) enum Link {
    Postgres(PoolConnection<Postgres>),
    Sqlite(Transaction<'static, Sqlite>),
}

// === impl Connection ===

impl Connection {
    pub(super) fn new(link: Link, deadline: Instant, counter: Arc<AtomicU64>) -> Self {
        Self { link, deadline, counter, opening: String::new(), broken: false }
    }

    /// Sends `opening` together with the first simple statement, in one message.
    pub(super) fn prepare(&mut self, opening: String) {
        self.opening = opening;
    }

    pub(super) fn backend(&self) -> DbBackend {
        match self.link {
            Link::Postgres(_) => DbBackend::Postgres,
            Link::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// Runs a prepared statement and returns its rows; one that is `kept` stays prepared.
    pub(super) async fn fetch(
        &mut self,
        sql: SqlStr,
        args: Vec<Arg>,
        kept: bool,
    ) -> Result<Vec<QueryResult>> {
        self.admit()?;
        let rows = match &mut self.link {
            Link::Postgres(connection) => connection
                .fetch_all(sqlx::query_with(sql, postgres(args)?).persistent(kept))
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Link::Sqlite(connection) => connection
                .fetch_all(sqlx::query_with(sql, sqlite(args)?).persistent(kept))
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
        };
        self.outcome(rows)
    }

    /// Runs a prepared statement and returns how many rows it touched; one that is `kept` stays prepared.
    pub(super) async fn execute(&mut self, sql: SqlStr, args: Vec<Arg>, kept: bool) -> Result<u64> {
        self.admit()?;
        let done = match &mut self.link {
            Link::Postgres(connection) => connection
                .execute(sqlx::query_with(sql, postgres(args)?).persistent(kept))
                .await
                .map(|done| done.rows_affected()),
            Link::Sqlite(connection) => connection
                .execute(sqlx::query_with(sql, sqlite(args)?).persistent(kept))
                .await
                .map(|done| done.rows_affected()),
        };
        self.outcome(done)
    }

    /// Runs statements without arguments in one message and returns the rows of the last.
    pub(super) async fn simple(&mut self, sql: String) -> Result<Vec<QueryResult>> {
        self.admit()?;
        let sql = sqlx::raw_sql(AssertSqlSafe(std::mem::take(&mut self.opening) + &sql));
        let rows = match &mut self.link {
            Link::Postgres(connection) => sql
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Link::Sqlite(connection) => sql
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
        };
        self.outcome(rows)
    }

    /// Opens a savepoint.
    pub(super) async fn savepoint(&mut self) -> Result<()> {
        self.simple("SAVEPOINT item".into()).await.map(drop)
    }

    /// Takes back what was done since the savepoint, a failure included.
    pub(super) async fn rollback_to_savepoint(&mut self) -> Result<()> {
        self.simple("ROLLBACK TO SAVEPOINT item; RELEASE SAVEPOINT item".into()).await?;
        self.broken = false;
        Ok(())
    }

    /// Keeps what was done since the savepoint.
    pub(super) async fn release_savepoint(&mut self) -> Result<()> {
        self.simple("RELEASE SAVEPOINT item".into()).await.map(drop)
    }

    /// Commits. An [`Error::Internal`] or DATABASE_UNAVAILABLE from here leaves open whether it happened.
    pub(super) async fn commit(self) -> Result<()> {
        if self.broken {
            return Err(Error::internal("a failed statement was not taken back before the commit"));
        }
        let done = match self.link {
            Link::Postgres(mut connection) => connection.execute("COMMIT").await.map(drop),
            Link::Sqlite(transaction) => transaction.commit().await,
        };
        done.map_err(failure::classify)
    }

    fn admit(&self) -> Result<()> {
        if Instant::now() >= self.deadline {
            return Err(deadline_exceeded());
        }
        self.counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn outcome<T>(&mut self, result: sqlx::Result<T>) -> Result<T> {
        result.map_err(|error| {
            self.broken = true;
            if Instant::now() >= self.deadline {
                deadline_exceeded()
            } else {
                failure::classify(error)
            }
        })
    }
}

fn postgres(args: Vec<Arg>) -> Result<PgArguments> {
    let mut out = PgArguments::default();
    out.reserve(args.len(), 0);
    args.into_iter().try_for_each(|arg| arg.bind_postgres(&mut out)).map_err(Error::internal)?;
    Ok(out)
}

fn sqlite(args: Vec<Arg>) -> Result<SqliteArguments> {
    let mut out = SqliteArguments::default();
    args.into_iter().try_for_each(|arg| arg.bind_sqlite(&mut out)).map_err(Error::internal)?;
    Ok(out)
}

/// A statement's text, for the driver. The texts are literals of this crate; values are always bound.
pub(super) fn text(sql: std::borrow::Cow<'static, str>) -> SqlStr {
    match sql {
        std::borrow::Cow::Borrowed(text) => text.into_sql_str(),
        std::borrow::Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
    }
}
