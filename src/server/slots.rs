//! Load shedding: a bounded number of calls in progress, in all and per tenant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Reason, Result};
use crate::id::TenantId;

/// Room for calls. A full server refuses at once: a caller that waits in a queue gives up in the end and
/// asks again, which is how an overload feeds itself.
#[derive(Debug)]
pub struct Slots {
    all: Arc<Semaphore>,
    per_tenant: usize,
    tenants: Arc<Mutex<Counts>>,
}

type Counts = HashMap<TenantId, usize>;

/// The room that one call takes until this is dropped.
#[derive(Debug)]
pub struct Slot {
    _all: OwnedSemaphorePermit,
    tenant: Option<(TenantId, Arc<Mutex<Counts>>)>,
}

// === impl Slots ===

impl Slots {
    /// Room for so many calls.
    pub fn new(all: usize, per_tenant: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), per_tenant, tenants: Arc::default() }
    }

    /// Takes room, or refuses with OVERLOADED.
    pub fn enter(&self) -> Result<Slot> {
        let all = self.all.clone().try_acquire_owned();
        all.map(|all| Slot { _all: all, tenant: None })
            .map_err(|_| overloaded("the server is busy; try again a little later"))
    }

    /// Counts a call as its tenant's, or refuses with OVERLOADED.
    pub fn assign(&self, mut slot: Slot, tenant: TenantId) -> Result<Slot> {
        let mut counts = lock(&self.tenants);
        let count = counts.entry(tenant).or_default();
        if *count >= self.per_tenant {
            return Err(overloaded(
                "the tenant has too many calls in progress; try again a little later",
            )
            .with("limit", self.per_tenant));
        }
        *count += 1;
        slot.tenant = Some((tenant, self.tenants.clone()));
        Ok(slot)
    }
}

// === impl Slot ===

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((tenant, counts)) = self.tenant.take() else {
            return;
        };
        let mut counts = lock(&counts);
        if let Some(count) = counts.get_mut(&tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&tenant);
            }
        }
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

fn overloaded(message: &str) -> Error {
    Error::new(Reason::Overloaded, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_cannot_crowd_out_the_others() {
        let (slots, acme, globex) = (Slots::new(3, 1), TenantId::new(), TenantId::new());
        let enter = |tenant| slots.enter().and_then(|slot| slots.assign(slot, tenant));
        let held = enter(acme).unwrap();
        assert_eq!(enter(acme).unwrap_err().reason(), Some(Reason::Overloaded));
        enter(globex).unwrap();
        drop(held);
        enter(acme).unwrap();
        assert!(lock(&slots.tenants).is_empty(), "tenants at rest take no memory");
    }

    #[test]
    fn a_full_server_refuses() {
        let slots = Slots::new(1, 1);
        let _held = slots.enter().unwrap();
        assert_eq!(slots.enter().unwrap_err().reason(), Some(Reason::Overloaded));
    }
}
