//! Where new people go.

mod policy;
mod router;
mod simulate;

use crate::repository::Store;
use crate::secret::Secrets;

pub use policy::{PolicyPatch, Version};
pub use router::{Router, Sample, Way};
pub use simulate::{Question, Simulated};

/// The use cases of routing.
#[derive(Clone)]
pub struct Routings {
    store: Store,
    secrets: Secrets,
}

// === impl Routings ===

impl Routings {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }
}
