//! Carries operations on: finds one that is due, claims it, does a slice of it, lets go of it.
//!
//! Tenants take turns, slice by slice, and so do the operations of a tenant: a small one never waits for a large one to
//! end. After a slice its tenant rests for as long as the slice took, so that its calls keep half of the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Jobs, change, step};
use crate::clock::{after, now};
use crate::config::WorkConfig;
use crate::context::{Caller, Context, Lacked, Mutation, Principal, Source, Through};
use crate::domain::access::rpc::known;
use crate::entity::Operation;
use crate::error::{Error, Reason, Refusal, Result, is_passing};
use crate::id::{OperationId, TenantId};
use crate::repository::due::Claimant;
use crate::repository::{Store, Tx, operation};
use crate::secret::Secrets;
use crate::service::access::{self, At};

/// How often to look for work that another replica started.
const POLL: Duration = Duration::from_secs(1);
/// How many tenants with work are looked at for one that is not worked for.
const TENANTS: i64 = 64;
/// How long a lease lasts beyond the time of a slice; it is given more where the kind has more.
const MARGIN: Duration = Duration::from_secs(2);
/// The shortest and the longest rest of a tenant between slices.
const REST: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// How often a slice is tried that fails for reasons that pass.
const ATTEMPTS: i64 = 10;
/// How long to wait before the second attempt; twice as long before each that follows.
const BACKOFF: Duration = Duration::from_millis(200);

/// Works on operations. Clones are the same worker.
#[derive(Clone)]
pub struct Worker {
    store: Store,
    jobs: Jobs,
    config: WorkConfig,
    holder: Uuid,
    turns: Arc<Mutex<Turns>>,
}

/// Whose turn it is.
#[derive(Default)]
struct Turns {
    /// The tenant that was worked for last.
    last: Option<TenantId>,
    /// Tenants that are worked for now, or rest until a time.
    away: HashMap<TenantId, Option<Instant>>,
}

/// What came of looking for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// A slice of this operation was done, or tried.
    On(OperationId),
    /// All who have work rest until then.
    Resting(Instant),
    /// Nobody has work.
    Nothing,
}

// === impl Worker ===

impl Worker {
    /// A worker for a store.
    pub fn new(store: &Store, secrets: &Secrets, config: WorkConfig) -> Self {
        let jobs = Jobs::new(store.clone(), secrets.clone(), config.people);
        let store = store.clone();
        Self { store, jobs, config, holder: Uuid::now_v7(), turns: Arc::default() }
    }

    /// Works until it is told to stop; a slice that has begun is then brought to its end.
    pub async fn run(self, stop: CancellationToken) {
        let hands = (0..self.config.at_once).map(|_| self.clone().hand(stop.clone()));
        futures_util::future::join_all(hands).await;
    }

    async fn hand(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let mut told = std::pin::pin!(self.store.work().notified());
            told.as_mut().enable();
            let idle = match self.step(true).await {
                Ok(Worked::On(_)) => continue,
                Ok(Worked::Resting(until)) => until.saturating_duration_since(Instant::now()),
                Ok(Worked::Nothing) => POLL,
                Err(error) => {
                    tracing::debug!(%error, "cannot look for operations to work on");
                    POLL
                }
            };
            tokio::select! {
                () = told => {}
                () = tokio::time::sleep(idle.min(POLL)) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Does one slice for the tenant whose turn it is. If `paced`, tenants rest between their slices.
    pub async fn step(&self, paced: bool) -> Result<Worked> {
        for _ in 0..TENANTS {
            let tenant = match self.next().await? {
                Ok(tenant) => tenant,
                Err(idle) => return Ok(idle),
            };
            let begun = Instant::now();
            let lease = self.config.slice_time + MARGIN;
            let claimed = self.store.claim(tenant, Claimant { holder: self.holder, lease }).await;
            let worked = match claimed {
                Ok(Some(operation)) => {
                    let id = operation.id;
                    self.clone().work(operation).await;
                    Ok(Some(id))
                }
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            let rests = paced && matches!(worked, Ok(Some(_)));
            self.turns().back(tenant, rests.then(|| begun.elapsed().clamp(REST.0, REST.1)));
            if let Some(id) = worked? {
                return Ok(Worked::On(id));
            }
            // Somebody else was faster, or the tenant is closed: it is due later now.
        }
        Ok(Worked::Nothing)
    }

    /// The next tenant in turn that has work and is not worked for here.
    async fn next(&self) -> Result<Result<TenantId, Worked>> {
        let last = self.turns().last.unwrap_or(TenantId(Uuid::nil()));
        let due = self.store.tenants_with_work(last, TENANTS).await?;
        Ok(self.turns().take(&due))
    }

    /// Does a slice of an operation that was claimed, in a task of its own: whoever stops waiting never cuts a
    /// transaction in the middle, and a panic is the operation's alone.
    pub async fn work(self, operation: Operation) {
        let (worker, claimed) = (self.clone(), operation.clone());
        let task = tokio::spawn(async move {
            let asked = claimed.cancel_time.filter(|_| !claimed.must_end());
            let stopped = asked.map(|_| cancelled(&claimed).into_refusal());
            worker.write(&worker.context(&claimed), &claimed, stopped.as_deref()).await
        });
        let done = task.await.unwrap_or_else(|panic| Err(Error::internal(panic)));
        if let Err(error) = done
            && let Err(error) = self.setback(&operation, error).await
        {
            // Its lease ends by itself.
            tracing::warn!(%error, operation = %operation.id, "cannot say what became of a slice");
        }
    }

    /// One write of the operation: its next slice, or its end by a refusal. Writes nothing for who was overtaken.
    async fn write(
        &self,
        ctx: &Context,
        operation: &Operation,
        why: Option<&Refusal>,
    ) -> Result<()> {
        let done = self.store.write(ctx, |tx| async move {
            let tx = &*tx;
            if !operation::is_held(tx, operation).await? {
                return Ok(());
            }
            let after = match why {
                None => self.slice(tx, ctx, operation).await?,
                Some(why) => {
                    self.jobs.abandon(tx, operation).await?;
                    step::fail(operation, why, now())?
                }
            };
            if after.end_time.is_some() {
                tx.record(change("operation.ended", &after));
            }
            // Overtaken while it worked: all of it is rolled back.
            if operation::advance(tx, &after).await? { Ok(()) } else { Err(Error::Contended) }
        });
        done.await.map(drop)
    }

    async fn slice(&self, tx: &Tx, ctx: &Context, operation: &Operation) -> Result<Operation> {
        if !operation.kind.is_own() && !operation.must_end() {
            // Who started it may have lost the right since.
            let at = operation.workspace_id.map_or(At::Tenant, At::Workspace);
            access::demand(tx, ctx, at).await?;
        }
        let step = self.jobs.slice(tx, ctx, operation).await?;
        Ok(step.apply(operation, now()))
    }

    /// What becomes of an operation whose slice was refused or failed.
    async fn setback(&self, operation: &Operation, error: Error) -> Result<()> {
        let attempts = operation.attempts + 1;
        let at = after(now(), backoff(operation.attempts));
        match fate(&error) {
            Fate::Waits => self.store.put_back(operation, operation.attempts, at).await.map(drop),
            Fate::Passes if attempts < ATTEMPTS => {
                tracing::debug!(%error, operation = %operation.id, attempts, "a slice is tried again");
                self.store.put_back(operation, attempts, at).await.map(drop)
            }
            // Nothing else knows what is still to be done.
            Fate::Passes | Fate::Ends if operation.must_end() => {
                tracing::warn!(%error, operation = %operation.id, attempts, "a slice that must be done failed");
                self.store.put_back(operation, attempts, at).await.map(drop)
            }
            Fate::Passes | Fate::Ends => {
                let why = error.into_refusal();
                match self.write(&self.context(operation), operation, Some(&why)).await {
                    Ok(()) => Ok(()),
                    Err(_) => self.store.put_back(operation, attempts, at).await.map(drop),
                }
            }
        }
    }

    /// The context of a slice: who started the operation, by the rpc that did.
    fn context(&self, operation: &Operation) -> Context {
        let principal = &operation.principal;
        let caller = match principal.strip_prefix("platform:") {
            Some(name) => {
                Caller::Operator { name: name.into(), acting_on: Some(operation.tenant_id) }
            }
            None => Caller::Member {
                tenant: operation.tenant_id,
                principal: Principal::parse(principal).unwrap_or_else(|_| Principal::nobody()),
            },
        };
        Context {
            caller,
            source: Source::Internal,
            call_id: operation.name(),
            deadline: Instant::now() + self.config.slice_time + operation.kind.more_time(),
            at_least_revision: None,
            // An rpc that this version does not have needs what nobody holds.
            method: known(&operation.method).unwrap_or_default(),
            mutation: Mutation::default(),
            through: Through::default(),
            lacked: Lacked::default(),
        }
    }

    fn turns(&self) -> std::sync::MutexGuard<'_, Turns> {
        // A panic while the lock is held leaves turns that are complete as far as they go.
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Turns ===

impl Turns {
    /// Takes the first of those who are due that is not worked for here; else what to wait for.
    fn take(&mut self, due: &[TenantId]) -> Result<TenantId, Worked> {
        let now = Instant::now();
        self.away.retain(|_, rests| rests.is_none_or(|until| until > now));
        match due.iter().find(|tenant| !self.away.contains_key(tenant)) {
            Some(tenant) => {
                self.last = Some(*tenant);
                self.away.insert(*tenant, None);
                Ok(*tenant)
            }
            None => {
                let rests = due.iter().filter_map(|tenant| self.away.get(tenant).copied()?);
                Err(rests.min().map_or(Worked::Nothing, Worked::Resting))
            }
        }
    }

    /// Gives a tenant its next turn, after a rest if it needs one.
    fn back(&mut self, tenant: TenantId, rest: Option<Duration>) {
        match rest {
            Some(rest) => self.away.insert(tenant, Some(Instant::now() + rest)),
            None => self.away.remove(&tenant),
        };
    }
}

fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, ATTEMPTS)).unwrap_or_default();
    BACKOFF * 2u32.pow(doublings)
}

/// What a failed slice means for its operation.
enum Fate {
    /// Nothing: its tenant may not change now.
    Waits,
    /// It is tried again.
    Passes,
    /// It is over.
    Ends,
}

fn fate(error: &Error) -> Fate {
    match error.reason() {
        Some(Reason::TenantSuspended | Reason::TenantNotFound) => Fate::Waits,
        None => Fate::Passes,
        Some(reason) if is_passing(reason) => Fate::Passes,
        Some(_) => Fate::Ends,
    }
}

fn cancelled(operation: &Operation) -> Error {
    let message = "the operation was cancelled; what it did until then stays done";
    Error::new(Reason::OperationCancelled, message).with("operation_id", operation.id)
}
