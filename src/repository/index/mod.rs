//! The index of each tenant (who may do what), kept in memory until the tenant's access revision moves.
//!
//! A scope asks for the index of its own snapshot, and gets one that is at least as new. Checks that read no
//! row at all take the one in memory, if the database confirmed within [`FRESH`] that nothing newer is there.

mod kept;
mod keys;
mod load;
mod topology;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::scope::Scope;
use super::store::Store;
use crate::clock::Micros;
use crate::context::Context;
use crate::domain::visibility::Index;
use crate::error::{Error, Reason, Result};
use crate::id::{ApiKeyId, ServiceAccountId, TenantId};

pub use kept::Indexes;
pub(super) use watch::Outbox;

/// How old a confirmation may be.
pub const FRESH: Duration = Duration::from_secs(2);

/// Who may do what in a tenant, as of an access revision.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The access revision.
    pub revision: i64,
    /// The grants, groups, workspaces and bindings.
    pub index: Index,
    /// The keys of service accounts.
    pub keys: Vec<Key>,
    /// How often it was patched since it was built.
    patches: u32,
    /// When it was made.
    made: Option<Instant>,
}

/// A key of a service account.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub account: ServiceAccountId,
    /// The hash of its secret.
    pub hash: Vec<u8>,
    /// When it ends.
    pub expire_time: Micros,
}

/// An index that is fresh enough to answer from.
#[derive(Clone, Debug)]
pub struct Current {
    /// The index.
    pub snapshot: Arc<Snapshot>,
    /// The tenant's revision that it is at least as new as.
    pub revision: i64,
}

// === impl Store ===

impl Store {
    /// The index of the context's tenant, if the one in memory is fresh enough.
    pub fn index_in_memory(&self, ctx: &Context) -> Result<Option<Current>> {
        Ok(self.memory.indexes.fresh(ctx.tenant()?, ctx.at_least_revision))
    }

    /// The index of the context's tenant, from memory if that is fresh enough, else from the database.
    pub async fn index(&self, ctx: &Context) -> Result<Current> {
        let tenant = ctx.tenant()?;
        if let Some(current) = self.memory.indexes.fresh(tenant, ctx.at_least_revision) {
            return Ok(current);
        }
        match self.confirm(ctx).await {
            Err(error) if error.reason() == Some(Reason::DatabaseUnavailable) => Err(stale()),
            other => other,
        }
    }

    /// Brings the index of a tenant up to date with the database.
    pub(super) async fn confirm(&self, ctx: &Context) -> Result<Current> {
        let asked = Instant::now();
        let scope = self.read(ctx).await?;
        let snapshot = scope.index().await?;
        let revision = scope.head().revision;
        let access = scope.head().access_revision;
        // A deleted tenant answers operators only, who ask the database each time.
        if scope.head().delete_time.is_none() {
            self.memory.indexes.confirm(scope.tenant(), access, revision, asked);
        } else {
            // What is in memory is of before: nobody is answered from it any more.
            self.memory.indexes.want(scope.tenant(), access);
        }
        Ok(Current { snapshot, revision })
    }

    /// Takes note of a change of access that was just committed here: nobody gets an older index from now on.
    pub(super) async fn swap(&self, ctx: &Context, tenant: TenantId, revision: i64) {
        self.memory.indexes.want(tenant, revision);
        self.outbox.tell(tenant);
        if self.memory.indexes.keeps(tenant)
            && let Err(error) = self.confirm(&ctx.reading()).await
        {
            // Whoever asks next tries again, and refuses if that fails too.
            tracing::debug!(%error, "an index could not be renewed after a change");
        }
    }
}

// === impl Scope ===

impl Scope {
    /// Who may do what in the scope's tenant, as of its snapshot or later.
    pub async fn index(&self) -> Result<Arc<Snapshot>> {
        let (tenant, revision) = (self.tenant(), self.access_revision());
        let entry = self.memory().indexes.entry(tenant);
        if let Some(kept) = entry.at_least(revision) {
            return Ok(kept);
        }
        // One builds, the others wait for it.
        let building = entry.building().await;
        if let Some(kept) = entry.at_least(revision) {
            return Ok(kept);
        }
        let next = Arc::new(load::next(self, entry.newest().as_deref()).await?);
        // What this transaction changed and has not committed is nobody else's business; a deleted tenant has
        // none.
        if !self.has_written() && self.head().delete_time.is_none() {
            self.memory().indexes.keep(tenant, &entry, next.clone());
        }
        drop(building);
        Ok(next)
    }
}

/// STALE_INDEX.
fn stale() -> Error {
    let message =
        "who may do what could not be confirmed with the database in the last 2 seconds; try again";
    Error::new(Reason::StaleIndex, message)
}

// === impl Snapshot ===

impl Snapshot {
    /// Roughly how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let key = size_of::<Key>() + 32;
        size_of::<Self>() + self.index.bytes() + self.keys.len() * key
    }
}
