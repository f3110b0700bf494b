//! What happens in a tenant: the feed of changes (K-07), the recent activity of the workspaces that somebody sees (K-04),
//! and the audit log (K-06).

mod entries;
mod judge;
mod recent;
mod verify;
mod watch;

use crate::error::Result;
use crate::repository::audit::{self, Places};
use crate::repository::{Scope, Store};
use crate::secret::Secrets;

pub use crate::repository::feed::{POLL, Start};
pub use entries::{Entry, Shown, Told};
pub use recent::Activity;
pub use verify::Verified;
pub use watch::{Batch, Watch, Watching};

/// Most numbers of records that all places of a walk together give in one step.
const PROBES: i64 = 200_000;

/// The use cases of activity and audit.
#[derive(Clone)]
pub struct Activities {
    store: Store,
    secrets: Secrets,
}

/// A walk over the log, newest first, in steps that grow.
struct Walk<'a> {
    scope: &'a Scope,
    places: Places,
    /// All before this number is still to be looked at.
    seq: i64,
    /// How many are looked at in the next step.
    step: i64,
    /// Nothing is left.
    over: bool,
}

// === impl Activities ===

impl Activities {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }
}

// === impl Walk ===

impl<'a> Walk<'a> {
    /// From a record on that was seen last, with a first step of so many.
    fn new(scope: &'a Scope, places: Places, after: Option<i64>, step: i64) -> Self {
        let step = step.min(fitting(&places));
        Self { scope, places, seq: after.unwrap_or(i64::MAX), step, over: false }
    }

    /// The numbers of the next records; the step after is twice as long, if it may be.
    async fn next(&mut self, longest: i64) -> Result<Vec<i64>> {
        let seqs = audit::before(self.scope, &self.places, self.seq, self.step).await?;
        self.over = i64::try_from(seqs.len()) != Ok(self.step);
        self.seq = seqs.last().copied().unwrap_or(self.seq);
        self.step = (self.step * 2).min(longest.max(self.step)).min(fitting(&self.places));
        Ok(seqs)
    }
}

/// The longest step over so many places.
fn fitting(places: &Places) -> i64 {
    (PROBES / i64::try_from(places.count().max(1)).unwrap_or(PROBES)).max(1)
}
