//! What this replica counted and has not written yet: noted in memory, which costs a call no statement.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Micros;
use crate::domain::usage::{Day, Series};
use crate::id::{AssetId, TenantId, WorkspaceId};

/// Most counts of one tenant, workspace and day that wait to be written; they are written every few seconds. Beyond,
/// while the database is away, what is new is not counted.
const MOST: usize = 50_000;

/// The counts of all tenants.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    waiting: Arc<Mutex<HashMap<Count, i64>>>,
    /// Held by whoever writes them.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// What is counted: whose, on which day, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Count {
    pub(super) tenant: TenantId,
    pub(super) whose: Whose,
    pub(super) day: Day,
    pub(super) series: Series,
}

/// Whose a count is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Whose {
    /// The shared remainder's.
    Shared,
    /// A workspace's.
    Workspace(WorkspaceId),
    /// That of the workspace that an asset belongs to.
    Asset(AssetId),
}

// === impl Counts ===

impl Counts {
    /// Counts a call through a workspace, or through none.
    pub fn call(&self, tenant: TenantId, through: Option<WorkspaceId>, now: Micros) {
        let whose = through.map_or(Whose::Shared, Whose::Workspace);
        self.add(Count { tenant, whose, day: Day::of(now), series: Series::ApiCalls }, 1);
    }

    /// Counts people who were put to the segments of a segmentation.
    pub(in crate::repository) fn evaluated(
        &self,
        tenant: TenantId,
        segmentation: AssetId,
        people: i64,
        now: Micros,
    ) {
        let (whose, series) = (Whose::Asset(segmentation), Series::SegmentEvaluations);
        self.add(Count { tenant, whose, day: Day::of(now), series }, people);
    }

    /// Waits until nobody else writes.
    pub(super) async fn writing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// Takes what has to be written, in the order in which all replicas write.
    pub(super) fn take(&self) -> BTreeMap<TenantId, Vec<(Count, i64)>> {
        let mut taken: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        taken.sort_unstable();
        let mut tenants: BTreeMap<TenantId, Vec<(Count, i64)>> = BTreeMap::new();
        for (count, value) in taken {
            tenants.entry(count.tenant).or_default().push((count, value));
        }
        tenants
    }

    /// Counts something, or puts back what could not be written.
    pub(super) fn add(&self, count: Count, value: i64) {
        let mut waiting = self.lock();
        if waiting.len() < MOST || waiting.contains_key(&count) {
            *waiting.entry(count).or_default() += value;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Count, i64>> {
        // Counts are as good after a panic as before.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY;

    #[test]
    fn k_05_calls_add_up_by_workspace_and_day_until_they_are_taken() {
        let (counts, tenant, there) = (Counts::default(), TenantId::new(), WorkspaceId::new());
        for now in [0, 1, DAY - 1, DAY] {
            counts.call(tenant, Some(there), now);
        }
        counts.call(tenant, None, 0);
        let taken = counts.take().remove(&tenant).unwrap();
        let told: Vec<_> = taken.iter().map(|(one, n)| (one.whose, one.day.0, *n)).collect();
        let whose = Whose::Workspace(there);
        assert_eq!(told, [(Whose::Shared, 0, 1), (whose, 0, 3), (whose, 1, 1)]);
        assert!(counts.take().is_empty());
        // What could not be written adds to what came meanwhile.
        counts.call(tenant, None, 0);
        counts.add(taken[0].0, taken[0].1);
        assert_eq!(counts.take().remove(&tenant).unwrap(), [(taken[0].0, 2)]);
    }

    #[test]
    fn k_05_memory_is_bounded() {
        let counts = Counts::default();
        for _ in 0..MOST {
            counts.call(TenantId::new(), None, 0);
        }
        let late = TenantId::new();
        counts.call(late, None, 0);
        assert!(!counts.take().contains_key(&late));
    }
}
