//! What a use case did so far, for what follows at the end of its write.

use std::collections::BTreeMap;

use super::change::{Change, Touches};
use super::consent::Address;
use super::segmentation::follow::Written;
use crate::domain::plan::Transfer;
use crate::id::{AssetId, OperationId, PartitionId, PersonId};

/// What a use case did so far.
#[derive(Default)]
pub(super) struct Log {
    pub(super) changes: Vec<Change>,
    /// Addresses that were unsubscribed (true) or taken back (false).
    pub(super) consent: Vec<(Vec<Address>, bool)>,
    /// People written here: their consent was looked up before the head was locked, and their segments follow.
    pub(super) people: Vec<Written>,
    /// How many people went from where to where; nothing: into the world, or out of it.
    pub(super) flows: BTreeMap<(Option<PartitionId>, Option<PartitionId>), i64>,
    /// How many people were put to the segments of which segmentations.
    pub(super) evaluated: Vec<(AssetId, i64)>,
    /// What segmentations are computed by was changed.
    pub(super) segments: bool,
    /// Operations that were started here, or got further.
    pub(super) operations: Vec<OperationId>,
    /// Where people went or will go; for plans.
    pub(super) transfers: Vec<Transfer>,
    /// Workers have something to look at.
    pub(super) due: bool,
}

// === impl Log ===

impl Log {
    /// Whether any of the changes makes something stale.
    pub(super) fn touches(&self, touches: Touches) -> bool {
        self.changes.iter().any(|change| change.touches == touches)
    }

    /// Takes in what was done after it.
    pub(super) fn join(&mut self, later: Self) {
        self.changes.extend(later.changes);
        self.consent.extend(later.consent);
        self.people.extend(later.people);
        for (way, people) in later.flows {
            *self.flows.entry(way).or_default() += people;
        }
        self.evaluated.extend(later.evaluated);
        self.segments |= later.segments;
        self.operations.extend(later.operations);
        self.transfers.extend(later.transfers);
        self.due |= later.due;
    }

    /// All people who were written.
    pub(super) fn written(&self) -> Vec<PersonId> {
        self.people.iter().flat_map(|(people, _)| people.iter().copied()).collect()
    }
}
