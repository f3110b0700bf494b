//! What a change of the topology does: two indexes, compared over the people, principals, assets and references
//! that it touches.

mod content;
mod people;

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::access::Permission;
use super::visibility::State;
use crate::id::WorkspaceId;

pub use content::{Broken, Placed, Use, compare, viewers};
pub use people::{Counts, Evaluation, Segmentation, Transfer};

/// What changes in a workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Effect {
    /// What becomes of the workspace itself; nothing: it stays as it is.
    pub state: Option<(State, State)>,
    pub people_gained: i64,
    pub people_lost: i64,
    pub partitions_gained: i64,
    pub partitions_lost: i64,
    pub principals_gained: i64,
    pub principals_lost: i64,
    pub assets_gained: i64,
    pub assets_lost: i64,
    pub references_gained: i64,
    pub references_lost: i64,
    pub references_broken: i64,
    pub references_mended: i64,
}

/// One of the numbers of an effect.
type Number = fn(&mut Effect) -> &mut i64;

/// What a change does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// For each workspace where something changes.
    pub effects: BTreeMap<WorkspaceId, Effect>,
    /// The references that break.
    pub broken: Vec<Broken>,
}

// === impl Effect ===

impl Effect {
    /// The part that somebody may know who holds some permissions in the workspace, and the rest.
    pub fn split(mut self, holds: impl Fn(Permission) -> bool) -> (Self, Self) {
        let mut rest = Self::default();
        let aspects: [(Permission, &[Number]); 4] = [
            (Permission::PeopleRead, &[|one| &mut one.people_gained, |one| &mut one.people_lost]),
            (
                Permission::PartitionsRead,
                &[|one| &mut one.partitions_gained, |one| &mut one.partitions_lost],
            ),
            (
                Permission::AccessRead,
                &[|one| &mut one.principals_gained, |one| &mut one.principals_lost],
            ),
            (
                Permission::AssetsRead,
                &[
                    |one| &mut one.assets_gained,
                    |one| &mut one.assets_lost,
                    |one| &mut one.references_gained,
                    |one| &mut one.references_lost,
                    |one| &mut one.references_broken,
                    |one| &mut one.references_mended,
                ],
            ),
        ];
        for (permission, numbers) in aspects {
            if !holds(permission) {
                for number in numbers {
                    *number(&mut rest) = std::mem::take(number(&mut self));
                }
            }
        }
        if !holds(Permission::WorkspacesRead) {
            self.state = None;
        }
        (self, rest)
    }

    /// Whether nothing changes.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Effect {
    fn add_assign(&mut self, other: Self) {
        self.people_gained += other.people_gained;
        self.people_lost += other.people_lost;
        self.partitions_gained += other.partitions_gained;
        self.partitions_lost += other.partitions_lost;
        self.principals_gained += other.principals_gained;
        self.principals_lost += other.principals_lost;
        self.assets_gained += other.assets_gained;
        self.assets_lost += other.assets_lost;
        self.references_gained += other.references_gained;
        self.references_lost += other.references_lost;
        self.references_broken += other.references_broken;
        self.references_mended += other.references_mended;
    }
}

// === impl Difference ===

impl Difference {
    fn at(&mut self, workspace: WorkspaceId) -> &mut Effect {
        self.effects.entry(workspace).or_default()
    }
}
