//! Writes that must be alone in their tenant, such as a switch of the policy for duplicates.
//!
//! Every write shares the lock of the tenant's row, and such a one takes it alone. A database lets sharers
//! pass by who waits to be alone, for ever under load: so writes that come later are asked to wait.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::scope::Scope;
use super::store::{Access, Store};
use super::write::{Answer, Gate, Tx};
use crate::clock::{Micros, after, now};
use crate::context::Context;
use crate::error::Result;
use crate::{args, sql};

/// How often a write that waits looks whether it may begin.
const POLL: Duration = Duration::from_millis(20);
/// How long taking back the request to wait may take.
const RELEASE: Duration = Duration::from_secs(5);

// === impl Store ===

impl Store {
    /// As [`Store::write`], for work that locks the tenant's row: writes that begin meanwhile wait, at most
    /// for as long as this call has.
    pub async fn write_alone<T, F, W>(&self, ctx: &Context, work: F) -> Result<Answer<T>>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Arc<Tx>) -> W,
        W: Future<Output = Result<T>>,
    {
        self.hold(ctx, Some(after(now(), ctx.time_left()?))).await?;
        let done = self.retry(ctx, Gate::Alone, work).await;
        let release = Context { deadline: Instant::now() + RELEASE, ..ctx.clone() };
        if let Err(error) = self.hold(&release, None).await {
            // It ends by itself, with the time of this call.
            tracing::warn!(%error, "could not let the writes of a tenant go on at once");
        }
        done
    }

    /// A transaction for a write, once nobody wants to be alone.
    pub(super) async fn open_in_company(&self, ctx: &Context) -> Result<Scope> {
        loop {
            let scope = self.open(ctx, ctx.tenant()?, Access::Write).await?;
            if scope.head().hold_time.is_none_or(|time| time <= now()) {
                return Ok(scope);
            }
            drop(scope);
            tokio::time::sleep(POLL).await;
        }
    }

    async fn hold(&self, ctx: &Context, until: Option<Micros>) -> Result<()> {
        let scope = self.open(ctx, ctx.tenant()?, Access::Write).await?;
        scope
            .execute(
                sql!("UPDATE tenant_head SET hold_time = $2 WHERE tenant_id = $1"),
                args![until],
            )
            .await?;
        scope.connection.into_inner().commit().await
    }
}
