//! The one write path: a use case's changes, its revision, its audit record and the answer to its
//! `request_id` are one transaction.

use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::change::{Change, Touches};
use super::consent::Address;
use super::index::News;
use super::log::Log;
use super::scope::{Head, Scope, tenant_not_found};
use super::segmentation::follow;
use super::store::{Access, Store};
use super::{audit, consent, operation, request, suppression};
use crate::clock::now;
use crate::context::{Caller, Context};
use crate::domain::filter::Reads;
use crate::error::{Error, Reason, Result};
use crate::id::{AssetId, OperationId, PartitionId, PersonId, TenantId};
use crate::secret::Secrets;

/// How often a transaction that lost against another is run again.
const RETRIES: u32 = 3;

/// A value, and the tenant's revision that it is of.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The value.
    pub value: T,
    /// The revision: of the snapshot for a read, of its own change for a write.
    pub revision: i64,
}

/// A scope that may write.
pub struct Tx {
    scope: Scope,
    log: Mutex<Log>,
    pub(super) secrets: Secrets,
}

/// What a write was, once all is written.
struct Sealed {
    revision: i64,
    /// It changed something, and the revision is its own.
    changed: bool,
    /// It changed who may do what.
    access: bool,
    /// Workers have something to look at.
    due: bool,
    /// How many people were put to the segments of which segmentations.
    evaluated: Vec<(AssetId, i64)>,
}

/// Which tenants a write may find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// A living, active one.
    Active,
    /// The same, for a write that other writes wait for.
    Alone,
    /// Whatever state it is in: operators suspend, resume, delete and restore.
    AnyState,
    /// None yet: the work makes it.
    New(TenantId),
}

// === impl Answer ===

impl<T> Answer<T> {
    /// Another value of the same revision.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: f(self.value), revision: self.revision }
    }
}

// === impl Store ===

impl Store {
    /// Runs a use case as one transaction. It may run again if it lost against another, and must not have
    /// effects outside the transaction. With `validate_only`, everything is checked and nothing kept.
    pub async fn write<T, F, W>(&self, ctx: &Context, work: F) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        self.retry(ctx, Gate::Active, work).await
    }

    /// As [`Store::write`], on a tenant that may be suspended or deleted.
    pub async fn administer<T, F, W>(&self, ctx: &Context, work: F) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        self.retry(ctx, Gate::AnyState, work).await
    }

    /// As [`Store::write`], for the work that makes the tenant.
    pub async fn found<T, F, W>(
        &self,
        ctx: &Context,
        tenant: TenantId,
        work: F,
    ) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        self.retry(ctx, Gate::New(tenant), work).await
    }

    pub(super) async fn retry<T, F, W>(
        &self,
        ctx: &Context,
        gate: Gate,
        work: F,
    ) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        let mut attempt = 0;
        loop {
            match self.attempt(ctx, gate, &work).await {
                Err(Error::Contended) if attempt < RETRIES => {
                    attempt += 1;
                    let spread = rand::random_range(0..10 * u64::from(attempt));
                    tokio::time::sleep(Duration::from_millis(5 + spread)).await;
                }
                other => return other,
            }
        }
    }

    async fn attempt<T, F, W>(&self, ctx: &Context, gate: Gate, work: &F) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        let scope = match gate {
            Gate::Active => self.open_in_company(ctx).await?,
            Gate::Alone | Gate::AnyState => self.open(ctx, ctx.tenant()?, Access::Write).await?,
            Gate::New(tenant) => self.open_new(ctx, tenant).await?,
        };
        if matches!(gate, Gate::Active | Gate::Alone) {
            admit(&scope)?;
        }
        let tx = Arc::new(self.transaction(scope));
        if let Some(answer) = request::claim(&tx, ctx).await? {
            return Ok(answer);
        }
        tx.has_written_nothing();
        let value = work(tx.clone()).await?;
        if ctx.mutation.validate_only {
            return Ok(Answer { value, revision: tx.head().revision });
        }
        let sealed = tx.seal(ctx, &value).await?;
        let Sealed { revision, changed, access, due, evaluated } = sealed;
        let tenant = tx.tenant();
        let tx = Arc::into_inner(tx)
            .ok_or_else(|| Error::internal("a use case kept its transaction"))?;
        let done = tx.commit(ctx).await;
        if access {
            match done {
                // Who may do what has changed: nobody here is answered from before, once this call is.
                Ok(()) => self.swap(ctx, tenant, revision).await,
                Err(_) => self.memory.indexes.doubt(tenant),
            }
        }
        if changed && done.is_ok() {
            self.feeds.tell(tenant, revision);
            self.outbox.tell(News::Change(tenant, revision));
        }
        if done.is_ok() {
            for (segmentation, people) in evaluated {
                self.counts.evaluated(tenant, segmentation, people, now());
            }
        }
        if due {
            self.work.notify_waiters();
        }
        done.map(|()| Answer { value, revision })
    }

    /// A scope that may write.
    pub(super) fn transaction(&self, scope: Scope) -> Tx {
        Tx { scope, log: Mutex::default(), secrets: self.secrets.clone() }
    }

    /// A transaction for a tenant that is not there yet.
    async fn open_new(&self, ctx: &Context, tenant: TenantId) -> Result<Scope> {
        let local = format!("SET LOCAL app.tenant_id = '{tenant}';");
        let mut connection = self.begin(ctx, Access::Write, &local).await?;
        connection.simple("SELECT 1".into()).await?;
        Ok(Scope::new(tenant, Head::new_tenant(), connection, self.memory.clone()))
    }
}

/// A deleted tenant is not there; a suspended one can read and not write (T-04).
fn admit(scope: &Scope) -> Result<()> {
    let head = scope.head();
    if head.delete_time.is_some() {
        return Err(tenant_not_found(scope.tenant()));
    }
    if head.suspend_time.is_some() {
        let message =
            "the tenant is suspended: it can read and not write; an operator can resume it";
        return Err(Error::new(Reason::TenantSuspended, message));
    }
    Ok(())
}

// === impl Tx ===

impl Tx {
    /// Records what was done. A call that records nothing changes nothing, and raises no revision. Its audit record is
    /// about the first change.
    pub fn record(&self, change: Change) {
        self.log().changes.push(change);
    }

    /// As [`Tx::record`], of what the call was for, where what came with it was recorded before.
    pub fn record_first(&self, change: Change) {
        self.log().changes.insert(0, change);
    }

    /// Notes that who unsubscribed has changed, and the addresses that others may share.
    pub(super) fn consent_changed(&self, addresses: &[Address], unsubscribed: bool) {
        self.log().consent.push((addresses.to_vec(), unsubscribed));
    }

    /// Notes people who were made, moved, deleted or changed in many ways: their consent must hold at the commit,
    /// whoever unsubscribes meanwhile, and their segments are worked out anew.
    pub fn people_written(&self, people: impl IntoIterator<Item = PersonId>) {
        self.log().people.push((people.into_iter().collect(), None));
    }

    /// As [`Tx::people_written`], where it is known what was changed of them: only what reads that is worked out anew.
    pub fn people_changed(&self, people: impl IntoIterator<Item = PersonId>, what: Reads) {
        self.log().people.push((people.into_iter().collect(), Some(what)));
    }

    /// Notes how many people went from one partition to another, for those who count them (K-09); nothing: they were
    /// made or restored, or deleted.
    pub fn people_flowed(&self, from: Option<PartitionId>, to: Option<PartitionId>, people: usize) {
        if people > 0 {
            let people = i64::try_from(people).unwrap_or(i64::MAX);
            *self.log().flows.entry((from, to)).or_default() += people;
        }
    }

    /// Notes how many people were put to the segments of a segmentation (K-05).
    pub(super) fn evaluated(&self, segmentation: AssetId, people: usize) {
        self.log().evaluated.push((segmentation, i64::try_from(people).unwrap_or(i64::MAX)));
    }

    /// Notes that what segmentations are computed by was changed: definitions, coverage, lists that they read.
    pub(super) fn segments_changed(&self) {
        self.log().segments = true;
    }

    /// Notes an operation that was started here, or got further: its row is told the revision of the change.
    pub(super) fn operation_written(&self, id: OperationId) {
        self.log().operations.push(id);
        self.work_is_due();
    }

    /// Notes that workers have something to look at, once this is committed.
    pub(super) fn work_is_due(&self) {
        self.log().due = true;
    }

    pub(super) fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        // A panic while the lock is held leaves a list that is complete as far as it goes.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of every write: lock the head, number the change, chain the audit record, keep the answer.
    async fn seal<T: Serialize>(&self, ctx: &Context, value: &T) -> Result<Sealed> {
        let mut log = std::mem::take(&mut *self.log());
        if log.changes.is_empty() {
            let revision = self.head().revision;
            request::keep(self, ctx, value, revision).await?;
            let Log { due, evaluated, .. } = log;
            return Ok(Sealed { revision, changed: false, access: false, due, evaluated });
        }
        let head = audit::lock_head(self).await?;
        if head.access_revision != self.access_revision() {
            self.ask_again(ctx, head.access_revision).await?;
        }
        if head.consent_revision != self.head().consent_revision {
            consent::settle(self, &log.written()).await?;
            suppression::hold(self, &log.written()).await?;
        }
        for (addresses, unsubscribed) in &log.consent {
            let others = consent::follow(self, addresses, *unsubscribed).await?;
            if !others.is_empty() {
                log.changes.push(consent::change(&others, *unsubscribed));
            }
            log.people.push((others.into_iter().map(|one| one.0).collect(), None));
        }
        follow::follow(self, head.segment_revision, &mut log).await?;
        audit::append(self, ctx, &head, &log).await?;
        let revision = head.revision + 1;
        request::keep(self, ctx, value, revision).await?;
        let access = log.touches(Touches::Access);
        if !log.operations.is_empty() {
            operation::settle(self, log.operations, revision).await?;
        }
        Ok(Sealed { revision, changed: true, access, due: log.due, evaluated: log.evaluated })
    }

    /// Access changed between the caller's first right and the lock of the head: what the caller lost
    /// meanwhile, this call may not use any more. It runs again, and is refused as it would have been.
    async fn ask_again(&self, ctx: &Context, access_revision: i64) -> Result<()> {
        let Caller::Member { principal, .. } = &ctx.caller else { return Ok(()) };
        self.access_is_of(access_revision);
        let now = self.index().await?;
        let held =
            |(permission, at): &(_, _)| now.index.holds(principal.as_str(), *permission, *at);
        if self.demands().iter().all(held) { Ok(()) } else { Err(Error::Contended) }
    }

    /// Commits, whatever comes of it.
    pub(super) async fn end(self) -> Result<()> {
        self.scope.connection.into_inner().commit().await
    }

    /// Commits. Where the answer to COMMIT is lost, a call that can be repeated runs again, and finds either
    /// what it did or nothing done; another has to say that it does not know.
    async fn commit(self, ctx: &Context) -> Result<()> {
        match self.end().await {
            Err(error) if error.reason() == Some(Reason::DatabaseUnavailable) => {
                Err(if ctx.mutation.request.is_some() {
                    Error::Contended
                } else {
                    commit_unknown()
                })
            }
            other => other,
        }
    }
}

impl Deref for Tx {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

fn commit_unknown() -> Error {
    Error::new(
        Reason::CommitUnknown,
        "the database went away during the commit: the change may or may not be there; read before you \
         repeat, and send a request_id to make repeating safe",
    )
}

// === impl Head ===

impl Head {
    /// The head of a tenant that is being made.
    fn new_tenant() -> Self {
        Self {
            revision: 0,
            access_revision: 0,
            field_revision: 0,
            consent_revision: 0,
            routing_revision: 0,
            segment_revision: 0,
            delete_time: None,
            suspend_time: None,
            hold_time: None,
            settings: Json::Null,
        }
    }
}
