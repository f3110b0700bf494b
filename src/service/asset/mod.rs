//! Assets: reading them; how they are made, changed, approved, copied and deleted is in the files below.

use crate::repository::Store;
use crate::secret::Secrets;

/// The use cases of assets.
#[derive(Clone)]
#[allow(dead_code)]
pub struct Assets {
    store: Store,
    secrets: Secrets,
}

// === impl Assets ===

impl Assets {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }
}
