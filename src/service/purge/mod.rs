//! Purging: what was deleted and can no longer be restored goes for good (W-08, W-13, T-04, D-10).
//!
//! Deleting something schedules its purge, restoring it takes that back. A [`Purger`] of any replica finds what is due
//! and works on it in slices. A slice is one write of the tenant, by the service itself, that removes a bounded number
//! of rows; what is left is read from the rows, so whoever is killed loses nothing. The first slice decides: from then
//! on no clock says that the thing can be restored.

mod partition;
mod people;
mod tenant;
mod workspace;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::clock::{Micros, now};
use crate::config::WorkConfig;
use crate::context::{Caller, Context};
use crate::error::{Reason, Result};
use crate::id::TenantId;
use crate::repository::purge::{self, Due, Purge};
use crate::repository::{Store, Tx};

/// How often to look for something that is due.
const POLL: Duration = Duration::from_secs(60);
/// How many purges are looked at for one to work on; others may be worked on elsewhere.
const LOOK: i64 = 16;
/// How long a claim lasts beyond the time of a slice.
const MARGIN: Duration = Duration::from_secs(2);
/// The shortest and the longest rest between slices.
const REST: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));
/// Rows that are removed for each asset, folder or grant: these take several statements, or a record each.
const ROWS_PER_THING: i64 = 10;

/// Purges. Clones are the same.
#[derive(Clone)]
pub struct Purger {
    store: Store,
    config: WorkConfig,
}

/// How much a slice removes at most.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Rows that nobody is told of one by one.
    rows: i64,
    /// Assets, folders and grants.
    things: i64,
}

/// What a deleted thing is at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It lives, or was restored.
    Living,
    /// It can be restored until then.
    Restorable(Micros),
    /// It can no longer be restored, by this clock.
    Past,
    /// It can no longer be restored, by any clock: its purge has begun.
    Begun,
}

// === impl Purger ===

impl Purger {
    /// One for a store.
    pub fn new(store: &Store, config: WorkConfig) -> Self {
        Self { store: store.clone(), config }
    }

    /// Works until it is told to stop; a slice that has begun is then brought to its end. Between slices it rests for
    /// as long as the slice took, so that calls keep half of the database.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let rest = match self.step().await {
                Ok(true) => begun.elapsed().clamp(REST.0, REST.1),
                Ok(false) => POLL,
                Err(error) => {
                    tracing::debug!(%error, "cannot look for what is to be purged");
                    POLL
                }
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Does a slice of the purge that has waited longest; false if none is due.
    pub async fn step(&self) -> Result<bool> {
        for due in self.store.purges_due(LOOK).await? {
            if self.store.claim_purge(due, self.config.slice_time + MARGIN).await? {
                if let Err(error) = self.slice(due).await {
                    // It is due again when the claim is over.
                    tracing::warn!(%error, tenant = %due.tenant, "a slice of a purge failed");
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn slice(&self, due: Due) -> Result<()> {
        let ctx = &self.context(due.tenant);
        let rows = self.config.people;
        let size = Size { rows, things: (rows / ROWS_PER_THING).max(1) };
        let work = |tx: Arc<Tx>| async move {
            let left = match due.what {
                Purge::People => people::slice(&tx, size).await?,
                Purge::Partition(id) => partition::slice(&tx, id, size).await?,
                Purge::Workspace(id) => workspace::slice(&tx, id, size).await?,
                Purge::Tenant => tenant::slice(&tx, size).await?,
            };
            purge::settle(&tx, due.what, left).await
        };
        let done = match due.what {
            Purge::Tenant => self.store.administer(ctx, work).await,
            _ => self.store.write(ctx, work).await,
        };
        match done {
            // It went with its tenant, or waits for that to be restored.
            Err(error) if error.reason() == Some(Reason::TenantNotFound) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The service itself, in a tenant.
    fn context(&self, tenant: TenantId) -> Context {
        Context {
            caller: Caller::service(tenant),
            ..Context::internal("purge", self.config.slice_time)
        }
    }
}

// === impl Stage ===

impl Stage {
    /// A purge that has begun has set the time until which the thing can be restored back to when it was deleted: that
    /// has passed by every clock.
    fn of(delete_time: Option<Micros>, purge_time: Option<Micros>, time: Micros) -> Self {
        match (delete_time, purge_time) {
            (Some(deleted), Some(purge)) if purge <= deleted => Self::Begun,
            (Some(_), Some(purge)) if purge <= time => Self::Past,
            (Some(_), Some(purge)) => Self::Restorable(purge),
            _ => Self::Living,
        }
    }

    /// The same, now.
    fn now(delete_time: Option<Micros>, purge_time: Option<Micros>) -> Self {
        Self::of(delete_time, purge_time, now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W-13: a thing can be restored up to its time and not from then on, and once its purge has begun not even by a
    /// clock that is late.
    #[test]
    fn w_13_what_has_begun_is_past_by_every_clock() {
        assert_eq!(Stage::of(None, None, 50), Stage::Living);
        assert_eq!(Stage::of(Some(10), Some(40), 39), Stage::Restorable(40));
        assert_eq!(Stage::of(Some(10), Some(40), 40), Stage::Past);
        for time in [0, 10, 39, 40, 50] {
            assert_eq!(Stage::of(Some(10), Some(10), time), Stage::Begun);
        }
    }
}
