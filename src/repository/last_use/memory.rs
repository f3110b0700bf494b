//! Uses that this replica knows of: noted in memory by each good call, which costs no statement.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::clock::Micros;
use crate::id::{TenantId, WorkspaceId};

/// What times of use are kept to.
const HOUR: Micros = 60 * 60 * 1_000_000;
/// Most uses that are remembered, and most that wait to be written; beyond, a use may be lost or be written
/// twice, which both does no harm.
const MOST: usize = 50_000;

/// The uses of all tenants.
#[derive(Clone, Debug)]
pub struct Uses(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    /// What was written, or will be.
    known: LruCache<Use, Micros>,
    /// What has to be written.
    waiting: HashMap<Use, Micros>,
}

/// Somebody's use of a workspace, or (nil) of anything.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) tenant: TenantId,
    pub(super) subject: String,
    pub(super) workspace: WorkspaceId,
}

// === impl Uses ===

impl Default for Uses {
    fn default() -> Self {
        let kept = Kept { known: LruCache::unbounded(), waiting: HashMap::new() };
        Self(Arc::new(Mutex::new(kept)))
    }
}

impl Uses {
    /// Takes note of a good call, through a workspace or at all.
    pub fn note(&self, tenant: TenantId, subject: &str, through: Option<WorkspaceId>, now: Micros) {
        let hour = now - now.rem_euclid(HOUR);
        let one = Use { tenant, subject: subject.into(), workspace: workspace(through) };
        let mut kept = self.lock();
        if kept.known.get(&one).is_some_and(|known| *known >= hour) {
            return;
        }
        if kept.waiting.len() >= MOST && !kept.waiting.contains_key(&one) {
            return;
        }
        kept.waiting.insert(one.clone(), hour);
        kept.known.put(one, hour);
        if kept.known.len() > MOST {
            kept.known.pop_lru();
        }
    }

    /// When something was last used, as far as this replica knows.
    pub(super) fn last(&self, one: &Use) -> Option<Micros> {
        let kept = self.lock();
        kept.known.peek(one).or_else(|| kept.waiting.get(one)).copied()
    }

    /// Takes what has to be written, in the order in which all replicas write.
    pub(super) fn take(&self) -> BTreeMap<TenantId, Vec<(Use, Micros)>> {
        let mut taken: Vec<_> = std::mem::take(&mut self.lock().waiting).into_iter().collect();
        taken.sort_unstable();
        let mut tenants: BTreeMap<TenantId, Vec<(Use, Micros)>> = BTreeMap::new();
        for (one, hour) in taken {
            tenants.entry(one.tenant).or_default().push((one, hour));
        }
        tenants
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&self, uses: Vec<(Use, Micros)>) {
        let mut kept = self.lock();
        for (one, hour) in uses {
            if kept.waiting.len() < MOST {
                // What was noted meanwhile is newer.
                kept.waiting.entry(one).or_insert(hour);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A memory of uses is as good after a panic as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A workspace as uses are kept by it: nil stands for none.
pub(super) fn workspace(through: Option<WorkspaceId>) -> WorkspaceId {
    through.unwrap_or(WorkspaceId(uuid::Uuid::nil()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_10_a_use_is_written_once_an_hour() {
        let (uses, tenant, there) = (Uses::default(), TenantId::new(), Some(WorkspaceId::new()));
        for minute in 0..60 {
            uses.note(tenant, "user:ada", there, HOUR + minute * 60_000_000);
        }
        let one = Use { tenant, subject: "user:ada".into(), workspace: workspace(there) };
        assert_eq!(uses.last(&one), Some(HOUR));
        assert_eq!(uses.take().remove(&tenant), Some(vec![(one.clone(), HOUR)]));
        uses.note(tenant, "user:ada", there, HOUR + 1);
        assert!(uses.take().is_empty());
        uses.note(tenant, "user:ada", there, 2 * HOUR + 1);
        assert_eq!(uses.take().remove(&tenant), Some(vec![(one.clone(), 2 * HOUR)]));
        // It is known while it is being written.
        assert_eq!(uses.last(&one), Some(2 * HOUR));
    }

    #[test]
    fn w_10_what_could_not_be_written_waits_and_does_not_hide_what_is_newer() {
        let (uses, tenant) = (Uses::default(), TenantId::new());
        uses.note(tenant, "user:ada", None, HOUR);
        uses.note(tenant, "user:bob", None, HOUR);
        let taken = uses.take().remove(&tenant).unwrap();
        uses.note(tenant, "user:ada", None, 2 * HOUR);
        uses.put_back(taken);
        let waiting = uses.take().remove(&tenant).unwrap();
        let waiting: Vec<_> = waiting.iter().map(|(one, hour)| (&*one.subject, *hour)).collect();
        assert_eq!(waiting, [("user:ada", 2 * HOUR), ("user:bob", HOUR)]);
    }

    #[test]
    fn w_10_memory_is_bounded() {
        let (uses, tenant) = (Uses::default(), TenantId::new());
        for n in 0..MOST + 10 {
            uses.note(tenant, &format!("user:{n}"), None, HOUR);
        }
        assert_eq!(uses.lock().known.len(), MOST);
        let taken = uses.take().remove(&tenant).unwrap();
        assert_eq!(taken.len(), MOST);
        uses.note(tenant, "user:late", None, HOUR);
        uses.put_back(taken);
        assert_eq!(uses.lock().waiting.len(), MOST);
    }
}
