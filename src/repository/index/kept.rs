//! The indexes in memory: of the tenants that were used last, up to a number of bytes.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use lru::LruCache;

use super::{Current, FRESH, Snapshot};
use crate::config::INDEX_BYTES;
use crate::id::TenantId;

/// How many tenants are kept at most, however small.
const TENANTS: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// The indexes of the tenants that were used last.
#[derive(Clone)]
pub struct Indexes {
    kept: Arc<Mutex<Kept>>,
    began: Instant,
    /// How many bytes are kept at most.
    room: usize,
}

struct Kept {
    tenants: LruCache<TenantId, Arc<Entry>>,
    bytes: usize,
}

/// The index of one tenant, and how fresh it is known to be.
#[derive(Default)]
pub(super) struct Entry {
    current: ArcSwapOption<Snapshot>,
    /// The newest access revision that is known to be there.
    wanted: AtomicI64,
    /// The tenant's revision when the database last confirmed `current`.
    revision: AtomicI64,
    /// When that was asked, in microseconds since the start; 0: never.
    confirmed: AtomicU64,
    /// When the index was last asked for, in the same unit.
    used: AtomicU64,
    building: tokio::sync::Mutex<()>,
}

// === impl Indexes ===

impl Default for Indexes {
    fn default() -> Self {
        Self::with_room(INDEX_BYTES)
    }
}

impl Indexes {
    fn with_room(room: usize) -> Self {
        let kept = Kept { tenants: LruCache::new(TENANTS), bytes: 0 };
        Self { kept: Arc::new(Mutex::new(kept)), began: Instant::now(), room }
    }

    /// The index of a tenant, if it was confirmed a moment ago and is as new as asked for.
    pub(super) fn fresh(&self, tenant: TenantId, at_least: Option<i64>) -> Option<Current> {
        self.fresh_at(Instant::now(), tenant, at_least)
    }

    fn fresh_at(&self, now: Instant, tenant: TenantId, at_least: Option<i64>) -> Option<Current> {
        let now = self.since(now);
        let entry = self.lock().tenants.get(&tenant).cloned()?;
        entry.used.store(now, Ordering::Relaxed);
        // Read before the index: an index is swapped before its confirmation is raised.
        let confirmed = entry.confirmed.load(Ordering::Acquire);
        let revision = entry.revision.load(Ordering::Acquire);
        let wanted = entry.wanted.load(Ordering::Acquire);
        let snapshot = entry.current.load_full()?;
        let fresh = confirmed > 0
            && now.saturating_sub(confirmed) < micros(FRESH)
            && snapshot.revision >= wanted
            && at_least.is_none_or(|wanted| revision >= wanted);
        fresh.then_some(Current { snapshot, revision })
    }

    /// Takes note that the database, when it was asked, knew of no access revision after this one.
    /// False if what is kept is older, and cannot be confirmed.
    pub(super) fn confirm(
        &self,
        tenant: TenantId,
        access: i64,
        revision: i64,
        asked: Instant,
    ) -> bool {
        let entry = self.entry(tenant);
        entry.wanted.fetch_max(access, Ordering::AcqRel);
        let newest = entry.at_least(access).is_some();
        if newest {
            entry.revision.fetch_max(revision, Ordering::AcqRel);
            entry.confirmed.fetch_max(self.since(asked), Ordering::AcqRel);
        }
        newest
    }

    /// Takes note that an access revision is there, wherever that was heard.
    pub(super) fn want(&self, tenant: TenantId, access: i64) {
        if let Some(entry) = self.lock().tenants.peek(&tenant) {
            entry.wanted.fetch_max(access, Ordering::AcqRel);
        }
    }

    /// Takes note that something may have changed: the next who asks has to ask the database.
    pub(in crate::repository) fn doubt(&self, tenant: TenantId) {
        if let Some(entry) = self.lock().tenants.peek(&tenant) {
            entry.confirmed.store(0, Ordering::Release);
        }
    }

    /// Whether an index of the tenant is in memory.
    pub(super) fn keeps(&self, tenant: TenantId) -> bool {
        let entry = self.lock().tenants.peek(&tenant).cloned();
        entry.is_some_and(|entry| entry.current.load().is_some())
    }

    /// The tenants whose index was asked for within a time.
    pub(in crate::repository) fn used_within(&self, time: Duration) -> Vec<TenantId> {
        let since = self.clock().saturating_sub(micros(time));
        let used = |entry: &Entry| entry.used.load(Ordering::Relaxed) > since;
        let kept = self.lock();
        kept.tenants.iter().filter(|(_, one)| used(one)).map(|(tenant, _)| *tenant).collect()
    }

    pub(super) fn entry(&self, tenant: TenantId) -> Arc<Entry> {
        self.lock().tenants.get_or_insert(tenant, Arc::default).clone()
    }

    /// Puts an index in the place of an older one, and lets go of what is too much.
    pub(super) fn keep(&self, tenant: TenantId, entry: &Arc<Entry>, next: Arc<Snapshot>) {
        let mut kept = self.lock();
        let size = next.bytes();
        let old = entry.current.swap(Some(next));
        if kept.tenants.peek(&tenant).is_none_or(|there| !Arc::ptr_eq(there, entry)) {
            // It was let go meanwhile; who waits for it has it.
            return;
        }
        kept.bytes = kept.bytes + size - old.map_or(0, |old| old.bytes());
        while kept.bytes > self.room && kept.tenants.len() > 1 {
            let Some((_, gone)) = kept.tenants.pop_lru() else { return };
            kept.bytes -= gone.current.load().as_ref().map_or(0, |old| old.bytes());
        }
    }

    fn clock(&self) -> u64 {
        self.since(Instant::now())
    }

    /// Never 0, which means never.
    fn since(&self, time: Instant) -> u64 {
        micros(time.saturating_duration_since(self.began)).max(1)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A cache is as good after a panic as before.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Entry ===

impl Entry {
    /// The index, if it is of this access revision or a later one.
    pub(super) fn at_least(&self, revision: i64) -> Option<Arc<Snapshot>> {
        self.current.load_full().filter(|kept| kept.revision >= revision)
    }

    /// The index, however old.
    pub(super) fn newest(&self) -> Option<Arc<Snapshot>> {
        self.current.load_full()
    }

    /// The right to build: one at a time.
    pub(super) async fn building(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.building.lock().await
    }
}

fn micros(time: Duration) -> u64 {
    // Half a million years fit.
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(indexes: &Indexes, tenant: TenantId, revision: i64) -> Arc<Entry> {
        let entry = indexes.entry(tenant);
        let snapshot = Snapshot { revision, ..Snapshot::default() };
        indexes.keep(tenant, &entry, Arc::new(snapshot));
        entry
    }

    /// an index is good for 2 seconds after the database was asked, and not from the answer on.
    #[test]
    fn a_05_an_index_is_fresh_for_two_seconds() {
        let (indexes, tenant) = (Indexes::default(), TenantId::new());
        let asked = indexes.began + Duration::from_secs(7);
        let at = |millis| indexes.fresh_at(asked + Duration::from_millis(millis), tenant, None);
        assert!(at(0).is_none(), "nothing is kept");
        kept(&indexes, tenant, 3);
        assert!(at(0).is_none(), "nothing is confirmed");
        assert!(indexes.confirm(tenant, 3, 9, asked));
        assert_eq!(at(1_999).map(|one| (one.snapshot.revision, one.revision)), Some((3, 9)));
        assert!(at(2_000).is_none());
        // A question that was asked before and answered after makes it no younger.
        assert!(indexes.confirm(tenant, 3, 9, asked - Duration::from_secs(1)));
        assert!(at(2_000).is_none());
    }

    /// once a newer access revision is known, the older index answers nobody, however young.
    #[test]
    fn a_05_a_newer_revision_ends_an_index_at_once() {
        let (indexes, tenant) = (Indexes::default(), TenantId::new());
        let now = indexes.began + Duration::from_secs(1);
        let entry = kept(&indexes, tenant, 3);
        indexes.confirm(tenant, 3, 9, now);
        indexes.want(tenant, 10);
        assert!(indexes.fresh_at(now, tenant, None).is_none());
        assert!(!indexes.confirm(tenant, 10, 10, now), "the older one is not confirmed");
        assert!(indexes.fresh_at(now, tenant, None).is_none());
        let next = Snapshot { revision: 10, ..Snapshot::default() };
        indexes.keep(tenant, &entry, Arc::new(next));
        assert!(indexes.confirm(tenant, 10, 12, now));
        assert!(indexes.fresh_at(now, tenant, Some(12)).is_some());
        // Who asks for more than was seen has to wait for more.
        assert!(indexes.fresh_at(now, tenant, Some(13)).is_none());
        indexes.doubt(tenant);
        assert!(indexes.fresh_at(now, tenant, None).is_none());
    }

    /// The indexes that were used last stay, as far as there is room.
    #[test]
    fn the_least_used_index_goes_first() {
        let indexes = Indexes::with_room(2 * Snapshot::default().bytes());
        let tenants: Vec<TenantId> = (0..3).map(|_| TenantId::new()).collect();
        for tenant in &tenants {
            kept(&indexes, *tenant, 1);
            indexes.fresh(tenants[0], None);
        }
        let there: Vec<bool> = tenants.iter().map(|tenant| indexes.keeps(*tenant)).collect();
        assert_eq!(there, [true, false, true]);
    }
}
