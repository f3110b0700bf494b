//! Operations: work that outlives the call that started it (H-09).
//!
//! A use case starts one inside its own write, by [`start`]; a [`Worker`] of any replica carries it on, slice by slice.
//! A slice is one write of the tenant that does a part of the work and says how far the operation is, all or nothing: a
//! process that is killed at any point has lost a slice that nobody saw, and repeats none that somebody did.
//!
//! # How to add a kind
//! 1. A variant of `entity::operation::Kind`, one of `pb::OperationKind` and their line in `grpc/operation`.
//! 2. The use case checks all that can be checked, then calls [`start`] in its `store.write`, with a request of its own
//!    as JSON. The rpc that it belongs to is the one whose permission is asked for again before each slice.
//! 3. A function `slice(tx, ctx, &operation) -> Result<Step>` and its arm in `job.rs`. It reads where it stands from
//!    `operation.cursor` (null at first) and does at most some 50 ms of work; what is all or nothing is one slice, of a
//!    kind that has `more_time`. It may run again, and must change nothing outside of `tx`. A refusal ends the operation
//!    with it; contention and a database that is away are tried again. What nobody could finish after it says so in
//!    `Operation::must_end`, and is tried again whatever happens.
//! 4. An arm of `abandon` in `job.rs` for what a stopped or failed operation must not leave behind.
//! 5. If it has a result, the message for it in `grpc/operation`.

mod job;
mod step;
mod worker;

use std::time::{Duration, Instant};

use serde_json::Value as Json;
use uuid::Uuid;

use super::access::{At, Permission, Sight};
use crate::clock::now;
use crate::context::Context;
use crate::domain::access::rpc::{Need, need};
use crate::domain::visibility::Seen as Places;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{OperationId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::operation::{self, Filter, Seen};
use crate::repository::{Answer, Change, Scope, Store, Tx};
use crate::secret::Secrets;

use self::job::Jobs;
pub use self::step::{Progress, Step};
pub use self::worker::{Worked, Worker};

/// How often somebody who waits for an operation of another replica looks at it.
const POLL: Duration = Duration::from_millis(100);
/// What is left of a call's time when waiting ends: its answer has to get back.
const MARGIN: Duration = Duration::from_millis(250);

/// The use cases of operations.
#[derive(Clone)]
pub struct Operations {
    store: Store,
    secrets: Secrets,
}

/// What is started.
#[derive(Clone, Debug)]
pub struct New {
    /// What it does.
    pub kind: Kind,
    /// The workspace through which it works; nothing: the whole tenant.
    pub workspace: Option<WorkspaceId>,
    /// The thing that it works on, where it is one.
    pub resource: Option<Uuid>,
    /// What is asked for: what its slices go by.
    pub request: Json,
    /// How much there is to do; 0 if that is not known.
    pub total: i64,
}

/// Which operations a caller wants to see.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Only these.
    pub filter: Filter,
    /// How many.
    pub page_size: i32,
    /// Where to go on.
    pub page_token: String,
}

/// Starts an operation in the name of the caller of this rpc, with the write that this transaction is. What it
/// answers is for the reply; its revision is that of the write.
pub async fn start(tx: &Tx, ctx: &Context, new: New) -> Result<Operation> {
    let queued = Operation::queued(tx.tenant(), new.kind, ctx.caller.to_string(), now());
    let operation = Operation {
        method: ctx.method.to_owned(),
        workspace_id: new.workspace,
        resource_id: new.resource,
        request: new.request,
        total: new.total,
        ..queued
    };
    operation::start(tx, &operation).await?;
    tx.record(change("operation.started", &operation));
    Ok(Operation { request: Json::Null, ..operation })
}

/// OPERATION_RUNNING, if an operation is at work on a thing.
pub async fn refuse_at_work(scope: &Scope, resource: Uuid) -> Result<()> {
    match operation::of_resource(scope, resource).await? {
        Some(id) => Err(running(id)),
        None => Ok(()),
    }
}

// === impl Operations ===

impl Operations {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// An operation that the caller may see.
    pub async fn get(&self, ctx: &Context, id: OperationId) -> Result<Answer<Operation>> {
        let scope = self.store.read(ctx).await?;
        let found = visible(&scope, ctx, id).await?;
        Ok(scope.answer(found))
    }

    /// A page of the operations that the caller may see, newest first.
    pub async fn list(
        &self,
        ctx: &Context,
        listing: &Listing,
    ) -> Result<Answer<Listed<Operation>>> {
        let Listing { filter, page_size, page_token } = listing;
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{filter:?}")]);
        let page = tokens.request(*page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let seen = seen(&Sight::of(&scope, ctx).await?);
        let rows = operation::list(&scope, seen, filter, page.after, page.limit()).await?;
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.id)))
    }

    /// Asks an operation to stop.
    pub async fn cancel(&self, ctx: &Context, id: OperationId) -> Result<Answer<()>> {
        self.store
            .write(ctx, |tx| async move {
                let found = visible(&tx, ctx, id).await?;
                if operation::cancel(&tx, id, now()).await? {
                    tx.record(change("operation.cancelled", &found));
                }
                Ok(())
            })
            .await
    }

    /// Forgets an operation that has ended.
    pub async fn delete(&self, ctx: &Context, id: OperationId) -> Result<Answer<()>> {
        self.store
            .write(ctx, |tx| async move {
                let found = visible(&tx, ctx, id).await?;
                if !operation::delete(&tx, id).await? {
                    return Err(running(id));
                }
                let gone = change("operation.deleted", &found);
                tx.record(Change { before: gone.after.clone(), after: Json::Null, ..gone });
                Ok(())
            })
            .await
    }

    /// An operation once it has ended, or as it is when the time is up.
    pub async fn wait(
        &self,
        ctx: &Context,
        id: OperationId,
        timeout: Option<Duration>,
    ) -> Result<Answer<Operation>> {
        let latest = ctx.deadline.checked_sub(MARGIN).unwrap_or(ctx.deadline);
        let asked = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let until = asked.unwrap_or(latest).min(latest);
        loop {
            let mut told = std::pin::pin!(self.store.work().notified());
            told.as_mut().enable();
            let found = self.get(ctx, id).await?;
            let left = until.saturating_duration_since(Instant::now());
            if found.value.end_time.is_some() || left.is_zero() {
                return Ok(found);
            }
            let _ = tokio::time::timeout(left.min(POLL), told).await;
        }
    }
}

/// An operation that the caller may see, or OPERATION_NOT_FOUND.
async fn visible(scope: &Scope, ctx: &Context, id: OperationId) -> Result<Operation> {
    let sight = Sight::of(scope, ctx).await?;
    let found = operation::get(scope, id).await?.filter(|found| sees(&sight, found));
    found.ok_or_else(|| Error::not_found(Noun::Operation, id))
}

/// Who started it sees it, and who may do what started it where it works. Of a promotion they must read the assets of the
/// workspace that it goes to as well: what is in its way is there.
fn sees(sight: &Sight, operation: &Operation) -> bool {
    let holds = |permission, place: Option<WorkspaceId>| {
        let local = |id| sight.holds(permission, At::Workspace(id));
        sight.holds(permission, At::Tenant) || place.is_some_and(local)
    };
    let may = permission(&operation.method).is_some_and(|one| holds(one, operation.workspace_id));
    let target = || operation.resource_id.map(WorkspaceId);
    let there = || operation.kind != Kind::Promote || holds(Permission::AssetsRead, target());
    operation.principal == sight.principal() || (may && there())
}

/// The same, of all operations.
fn seen(sight: &Sight) -> Seen {
    let mut seen = Seen { principal: sight.principal().to_owned(), ..Seen::default() };
    for method in job::METHODS {
        let Some(permission) = permission(method) else { continue };
        match sight.workspaces_with(permission) {
            Places::All => seen.methods.push((*method).to_owned()),
            Places::These(places) => {
                seen.places.extend(places.into_iter().map(|place| ((*method).to_owned(), place)));
            }
        }
    }
    match sight.workspaces_with(Permission::AssetsRead) {
        Places::All => seen.all_targets = true,
        Places::These(places) => seen.targets = places,
    }
    seen
}

/// The permission that an rpc needs.
fn permission(method: &str) -> Option<Permission> {
    match need(method) {
        Some(Need::Permission(permission, _)) => Some(permission),
        _ => None,
    }
}

fn running(id: OperationId) -> Error {
    let message = "the operation has not ended; wait for it, or cancel it";
    Error::new(Reason::OperationRunning, message)
        .with("operation_id", id)
        .resource(Noun::Operation, id.to_string())
}

/// What happened to an operation, for the feed and the audit log.
fn change(kind: &'static str, operation: &Operation) -> Change {
    Change {
        kind,
        resource_id: Some(operation.id.0),
        workspace_id: operation.workspace_id,
        detail: serde_json::json!({
            "kind": operation.kind,
            "state": operation.state,
            "rpc": operation.method,
        }),
        after: serde_json::json!({
            "kind": operation.kind,
            "done": operation.done,
            "total": operation.total,
            "failed": operation.failed,
            "error": ended_by(operation),
        }),
        ..Change::default()
    }
}

/// The refusal that ended an operation, for who reads the audit log where it works: of a promotion the reason alone.
fn ended_by(operation: &Operation) -> Json {
    match (operation.kind, operation.error.get("reason")) {
        (Kind::Promote, Some(reason)) => serde_json::json!({ "reason": reason }),
        _ => operation.error.clone(),
    }
}
