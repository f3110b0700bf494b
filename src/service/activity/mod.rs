//! What happens in a tenant.

mod watch;

use crate::repository::Store;

pub use crate::repository::feed::{POLL, Start};
pub use watch::{Batch, Watch, Watching};

/// The use cases of activity.
#[derive(Clone)]
pub struct Activities {
    store: Store,
}

// === impl Activities ===

impl Activities {
    /// The use cases over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}
