//! Transfers: assets go to another workspace as packages, within a tenant by promotion (K-02), elsewhere as files (K-03).
//!
//! Both go the same way: `gather` takes what is live out of a workspace, `plan` compares it with what is in the
//! target, `apply` writes the difference, asset by asset as if somebody saved it, in one transaction.

mod apply;
mod compare;
mod export;
mod gather;
mod import;
mod names;
mod place;
mod plan;
mod promote;
mod settle;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::asset::Type;
use crate::domain::package::Part;
use crate::id::{AssetId, FolderId, PartitionId};
use crate::repository::Store;
use crate::secret::Secrets;
use crate::service::segmentation::Segmentations;

pub use export::Export;
pub use import::{Import, invalid};
pub use promote::{Counts, Promoted, Promotion};

/// The use cases of transfers.
#[derive(Clone)]
pub struct Transfers {
    store: Store,
    segmentations: Segmentations,
}

/// How a package is fitted into a workspace. What is mapped and not in the package does nothing, so that one mapping can
/// serve for many packages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// Other names for assets.
    pub names: BTreeMap<AssetId, String>,
    /// Folders of the workspace in place of those of the package, with all that lies below.
    pub folders: BTreeMap<FolderId, FolderId>,
    /// Assets that the workspace sees in place of those that the package uses and does not hold.
    pub assets: BTreeMap<AssetId, AssetId>,
    /// Partitions that the workspace sees in place of those that filters name.
    pub partitions: BTreeMap<PartitionId, PartitionId>,
    /// Fields in place of those that filters name.
    pub fields: BTreeMap<String, String>,
    /// Write over what was changed in the workspace since the last transfer.
    pub overwrite: bool,
    /// Approve what is written, as far as all that it uses is live.
    pub approve: bool,
}

/// What a transfer changes in a workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Diff {
    /// Asset by asset, in the order in which they are written.
    pub changes: Vec<Change>,
    /// The folders that are made, by name, from the root of their area.
    pub folders: Vec<Vec<String>>,
}

/// What a transfer does to an asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The asset that it comes of.
    pub origin: AssetId,
    /// What came of it before; nothing: it is added.
    pub asset: Option<AssetId>,
    /// What it is.
    pub kind: Type,
    /// The name that it will have.
    pub display_name: String,
    /// Nobody asked for it: it comes along.
    pub along: bool,
    /// What is changed of one that is there.
    pub parts: Vec<Part>,
    /// It was changed in the workspace since the last transfer.
    pub target_changed: bool,
    /// It came before, and is not in the workspace any more.
    pub again: bool,
    /// How far it will be.
    pub approval: Approval,
}

/// How far an asset will be after a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approval {
    /// As live as it was, or live as it is: nothing is approved.
    Unchanged,
    /// A draft, which nobody asked to approve.
    Draft,
    /// Approved by the transfer.
    Approved,
    /// A draft, since something that it uses is not live, or, of a segmentation, since it is computed first.
    Waits,
}

// === impl Transfers ===

impl Transfers {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        let segmentations = Segmentations::new(store.clone(), secrets);
        Self { store, segmentations }
    }
}

// === impl Diff ===

impl Diff {
    /// Something is written.
    pub fn writes(&self) -> bool {
        self.changes.iter().any(Change::writes)
    }
}

// === impl Change ===

impl Change {
    /// The asset is written.
    pub fn writes(&self) -> bool {
        self.asset.is_none() || !self.parts.is_empty()
    }
}
