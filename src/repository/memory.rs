//! What is kept in memory of tenants, so that calls need no statement for it: each thing for as long as the revision
//! that it is of stays.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::field_set::FieldSet;
use super::index::Indexes;
use super::routing::Policy;
use super::segmentation::definitions::Computed;
use crate::error::Result;
use crate::id::TenantId;

/// How many tenants' fields are kept: a few MB at most.
const FIELDS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// How many tenants' policies and segmentations are kept: some MB at most.
const RULES: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// What a store keeps in memory. Clones are the same memory.
#[derive(Clone)]
pub(super) struct Memory {
    /// Who may do what.
    pub(super) indexes: Indexes,
    /// The fields of people.
    pub(super) fields: Kept<FieldSet>,
    /// Where new people go.
    pub(super) policies: Kept<Policy>,
    /// What segmentations are computed by.
    pub(super) segmentations: Kept<Vec<Computed>>,
}

/// One thing of each of the tenants that were used last, with the revision that it is of.
pub(super) struct Kept<T>(Arc<Mutex<ByTenant<T>>>);

type ByTenant<T> = LruCache<TenantId, (i64, Arc<T>)>;

// === impl Memory ===

impl Default for Memory {
    fn default() -> Self {
        Self {
            indexes: Indexes::default(),
            fields: Kept::new(FIELDS),
            policies: Kept::new(RULES),
            segmentations: Kept::new(RULES),
        }
    }
}

// === impl Kept ===

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Kept<T> {
    fn new(tenants: NonZeroUsize) -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(tenants))))
    }

    /// What is kept of a tenant, if it is of this revision; else it is loaded, and kept.
    pub(super) async fn of(
        &self,
        tenant: TenantId,
        revision: i64,
        load: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        if let Some((kept, value)) = self.lock().get(&tenant)
            && *kept == revision
        {
            return Ok(value.clone());
        }
        let value = Arc::new(load.await?);
        self.lock().put(tenant, (revision, value.clone()));
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, ByTenant<T>> {
        // A cache is as good after a panic as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
