//! What a predicate looks at, which decides whom a change concerns.

use std::collections::BTreeSet;

use super::Key;
use crate::id::AssetId;

/// What a predicate looks at, or a change changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Fields. Every write of a person changes `update_time`.
    pub fields: BTreeSet<Key>,
    /// Static lists and programs.
    pub members: BTreeSet<AssetId>,
    /// Segmentations.
    pub segmentations: BTreeSet<AssetId>,
    /// In which partition a person is.
    pub partition: bool,
}

// === impl Reads ===

impl Reads {
    /// Adds what another looks at.
    pub fn join(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().copied());
        self.members.extend(&other.members);
        self.segmentations.extend(&other.segmentations);
        self.partition |= other.partition;
    }

    /// Whether a move of the person to another partition changes nothing of it: consent may be a partition's own.
    pub fn stays(&self) -> bool {
        let moves = |key: &Key| matches!(key, Key::BuiltIn("unsubscribed" | "update_time"));
        !self.partition && self.segmentations.is_empty() && !self.fields.iter().any(moves)
    }

    /// Whether the two have anything in common.
    pub fn meet(&self, other: &Self) -> bool {
        !self.fields.is_disjoint(&other.fields)
            || !self.members.is_disjoint(&other.members)
            || !self.segmentations.is_disjoint(&other.segmentations)
            || (self.partition && other.partition)
    }
}
