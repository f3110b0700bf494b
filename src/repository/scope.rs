//! One tenant, one transaction: the only way to the tenant's rows.
//!
//! A scope binds its tenant as the first value of every statement, and takes only statements that name it
//! ([`Statement`]): a query that could forget the tenant does not compile.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};

use sea_orm::sea_query::Iden;
use sea_orm::{
    DbBackend, EntityTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn,
    QueryResult, Value,
};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::connection::{Connection, text};
use super::index::Snapshot;
use super::memory::Memory;
use super::sql::{Arg, Composed, Statement};
use super::write::Answer;
use crate::clock::Micros;
use crate::domain::access::Permission;
use crate::domain::visibility::At;
use crate::error::{Error, Noun, Result};
use crate::id::TenantId;

/// A transaction over one tenant's rows.
pub struct Scope {
    tenant: TenantId,
    head: Head,
    pub(super) connection: Mutex<Connection>,
    memory: Memory,
    /// The access revision that decisions here are of: the head's, until the transaction looked again.
    access_revision: AtomicI64,
    /// What the caller's rights were asked for: a write asks again if they change before it commits.
    demands: Lock<Vec<(Permission, At)>>,
    /// Something was changed here that nobody else sees yet.
    written: AtomicBool,
    /// The index with what this transaction has written, and the access revision that it was made from.
    ahead: Lock<Option<(i64, Arc<Snapshot>)>>,
}

/// What a transaction knows of its tenant from the message that opened it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Head {
    /// The tenant's revision, as of the snapshot.
    pub revision: i64,
    /// The revision of the last change of what decides access.
    pub access_revision: i64,
    /// The revision of the last change of the tenant's fields.
    pub field_revision: i64,
    /// The revision of the last change of who unsubscribed.
    pub consent_revision: i64,
    /// The revision of the last change of the routing policy; 0: there is none.
    pub routing_revision: i64,
    /// The revision of the last change of what segmentations are computed by.
    pub segment_revision: i64,
    /// When the tenant was deleted.
    pub delete_time: Option<Micros>,
    /// When the tenant was suspended.
    pub suspend_time: Option<Micros>,
    /// Until when writes wait for one that wants to be alone.
    pub hold_time: Option<Micros>,
    /// The tenant's settings.
    pub settings: Json,
}

// === impl Scope ===

impl Scope {
    pub(super) fn new(
        tenant: TenantId,
        head: Head,
        connection: Connection,
        memory: Memory,
    ) -> Self {
        let access_revision = AtomicI64::new(head.access_revision);
        Self {
            tenant,
            head,
            connection: Mutex::new(connection),
            memory,
            access_revision,
            demands: Lock::default(),
            written: AtomicBool::default(),
            ahead: Lock::default(),
        }
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The access revision that decisions here are of.
    pub(super) fn access_revision(&self) -> i64 {
        self.access_revision.load(Ordering::Relaxed)
    }

    /// Says that the transaction looked again, under a lock that keeps it so.
    pub(super) fn access_is_of(&self, revision: i64) {
        self.access_revision.store(revision, Ordering::Relaxed);
    }

    /// Notes a right that the caller was asked for, and had.
    pub fn demanded(&self, permission: Permission, at: At) {
        self.demands.lock().unwrap_or_else(PoisonError::into_inner).push((permission, at));
    }

    /// The rights that the caller was asked for.
    pub(super) fn demands(&self) -> Vec<(Permission, At)> {
        self.demands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether something was changed here that nobody else sees yet.
    pub(super) fn has_written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// Says that what was changed so far is nothing that an index is made of.
    pub(super) fn has_written_nothing(&self) {
        self.written.store(false, Ordering::Relaxed);
    }

    /// The index with what this transaction has written, if it was made from one of this access revision.
    pub(super) fn ahead(&self, revision: i64) -> Option<Arc<Snapshot>> {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        ahead.as_ref().filter(|(of, _)| *of == revision).map(|(_, snapshot)| snapshot.clone())
    }

    /// Says what the index is here from now on.
    pub(super) fn go_ahead(&self, snapshot: Snapshot) {
        let ahead = Some((self.access_revision(), Arc::new(snapshot)));
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    /// What the index is here from some revision on, to come back to.
    pub(super) fn foreseen(&self) -> Option<(i64, Arc<Snapshot>)> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Comes back to what was foreseen before.
    pub(super) fn foresee_again(&self, foreseen: Option<(i64, Arc<Snapshot>)>) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = foreseen;
    }

    /// The tenant that every statement is bound to.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The tenant as it stood when the transaction began.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// A value that was read here, with the revision that it is of.
    pub fn answer<T>(&self, value: T) -> Answer<T> {
        Answer { value, revision: self.head.revision }
    }

    /// The database behind this scope.
    pub async fn backend(&self) -> DbBackend {
        self.connection.lock().await.backend()
    }

    /// All rows of a statement.
    pub async fn all<T: FromQueryResult>(
        &self,
        sql: impl Statement,
        args: Vec<Arg>,
    ) -> Result<Vec<T>> {
        let rows = self.rows(sql, args).await?;
        rows.iter().map(|row| T::from_query_result(row, "").map_err(Error::internal)).collect()
    }

    /// The first row of a statement.
    pub async fn one<T: FromQueryResult>(
        &self,
        sql: impl Statement,
        args: Vec<Arg>,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The first column of all rows of a statement.
    pub async fn column<T: sea_orm::TryGetable>(
        &self,
        sql: impl Statement,
        args: Vec<Arg>,
    ) -> Result<Vec<T>> {
        let rows = self.rows(sql, args).await?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(Error::internal)).collect()
    }

    /// The single number that a statement counts.
    pub async fn count(&self, sql: impl Statement, args: Vec<Arg>) -> Result<i64> {
        Ok(self.column::<i64>(sql, args).await?.into_iter().next().unwrap_or_default())
    }

    /// Runs a statement and returns how many rows it touched.
    pub async fn execute(&self, sql: impl Statement, args: Vec<Arg>) -> Result<u64> {
        let mut connection = self.connection.lock().await;
        let mut args = self.bind(args);
        let Composed { text: sql, kept } = sql.compose(connection.backend(), &mut args);
        self.written.store(true, Ordering::Relaxed);
        connection.execute(text(sql), args, kept).await
    }

    /// Inserts a row; its tenant is the scope's, whatever the model says.
    pub async fn insert<M>(&self, model: &M) -> Result<()>
    where
        M: ModelTrait,
    {
        let columns: Vec<_> = <M::Entity as EntityTrait>::Column::iter().collect();
        let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            <M::Entity as Default>::default().unquoted(),
            names.join(", "),
            places.join(", ")
        );
        self.run(sql, self.values(model, &columns)).await.map(drop)
    }

    /// Writes all columns of a row that was read before, if nobody changed it since: the row must still have
    /// the version before the model's.
    pub async fn update<M>(&self, model: &M) -> Result<()>
    where
        M: ModelTrait,
    {
        let columns: Vec<_> = <M::Entity as EntityTrait>::Column::iter().collect();
        let place = |name: &str| columns.iter().position(|c| c.as_str() == name).map(|i| i + 1);
        let sets: Vec<String> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| !is_key::<M::Entity>(column))
            .map(|(i, column)| format!("{} = ${}", column.as_str(), i + 1))
            .collect();
        let keys: Vec<String> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| is_key::<M::Entity>(column))
            .map(|(i, column)| format!("{} = ${}", column.as_str(), i + 1))
            .collect();
        let version = place("version").unwrap_or_default();
        let sql = format!(
            "UPDATE {} SET {} WHERE {} AND version = ${version} - 1",
            <M::Entity as Default>::default().unquoted(),
            sets.join(", "),
            keys.join(" AND ")
        );
        match self.run(sql, self.values(model, &columns)).await? {
            1 => Ok(()),
            // Read and written in one transaction, and yet another came between: run it again.
            _ => Err(Error::Contended),
        }
    }

    /// Runs work that one item of a set may fail in without harming the others.
    pub async fn savepoint<T>(&self, work: impl AsyncFnOnce() -> Result<T>) -> Result<Result<T>> {
        self.connection.lock().await.savepoint().await?;
        let done = work().await;
        let mut connection = self.connection.lock().await;
        match &done {
            Ok(_) => connection.release_savepoint().await?,
            Err(Error::Refused(_) | Error::Unique(_)) => connection.rollback_to_savepoint().await?,
            Err(_) => return done.map(Ok),
        }
        Ok(done)
    }

    async fn rows(&self, sql: impl Statement, args: Vec<Arg>) -> Result<Vec<QueryResult>> {
        let mut connection = self.connection.lock().await;
        let mut args = self.bind(args);
        let Composed { text: sql, kept } = sql.compose(connection.backend(), &mut args);
        if !sql.starts_with("SELECT") {
            self.written.store(true, Ordering::Relaxed);
        }
        connection.fetch(text(sql), args, kept).await
    }

    async fn run(&self, sql: String, args: Vec<Arg>) -> Result<u64> {
        self.written.store(true, Ordering::Relaxed);
        self.connection.lock().await.execute(text(sql.into()), args, true).await
    }

    fn bind(&self, args: Vec<Arg>) -> Vec<Arg> {
        let mut bound = Vec::with_capacity(args.len() + 1);
        bound.push(Arg::from(self.tenant));
        bound.extend(args);
        bound
    }

    fn values<M: ModelTrait>(
        &self,
        model: &M,
        columns: &[<M::Entity as EntityTrait>::Column],
    ) -> Vec<Arg> {
        let of = |column: &<M::Entity as EntityTrait>::Column| match column.as_str() {
            "tenant_id" => Arg::from(self.tenant),
            _ => arg(model.get(*column)),
        };
        columns.iter().map(of).collect()
    }
}

/// NOT_FOUND of the tenant itself: it never was, or it is deleted.
pub(super) fn tenant_not_found(tenant: TenantId) -> Error {
    Error::not_found(Noun::Tenant, tenant)
}

fn is_key<E: EntityTrait>(column: &E::Column) -> bool {
    E::PrimaryKey::iter().any(|key| key.into_column().as_str() == column.as_str())
}

/// A model's value, for binding.
fn arg(value: Value) -> Arg {
    match value {
        Value::Uuid(value) => Arg::Uuid(value),
        Value::String(value) => Arg::Text(value),
        Value::Int(value) => Arg::Int(value.map(Into::into)),
        Value::BigInt(value) => Arg::Int(value),
        Value::Bool(value) => Arg::Bool(value.unwrap_or_default()),
        Value::Bytes(value) => Arg::Bytes(value.unwrap_or_default()),
        Value::Json(value) => Arg::Json(value.map(|json| *json).unwrap_or_default()),
        other => unreachable!("no entity has a column of the type of {other:?}"),
    }
}
