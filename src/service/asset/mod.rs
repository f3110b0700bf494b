//! Assets: reading them; how they are made, changed, approved, copied and deleted is in the files below.

mod member;

use crate::entity::tenant::Settings;
use crate::error::{Error, Reason, Result};
use crate::repository::{Store, Tx, effect};
use crate::secret::Secrets;

pub use member::{Leaving, MemberOutcome, Which};

/// Refuses more segmentations than the tenant may have (G-01); under the lock of its folders.
pub(super) async fn refuse_segmentations(tx: &Tx, settings: &Settings, more: i64) -> Result<()> {
    let (total, limit) =
        (effect::count_segmentations(tx).await?, i64::from(settings.segmentation_limit));
    if total + more <= limit {
        return Ok(());
    }
    let message = format!(
        "the tenant has {total} segmentations and may have {limit}, over all its workspaces; delete some, or raise \
         segmentation_limit in its settings"
    );
    Err(Error::new(Reason::SegmentationLimit, message).with("limit", limit).with("total", total))
}

/// The use cases of assets.
#[derive(Clone)]
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
