//! Which workspaces hold a partition: what its people cost is theirs (K-05).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::id::{PartitionId, WorkspaceId};

/// Which partitions a workspace sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// All of the tenant's.
    pub all: bool,
    /// Those that it is bound to.
    pub bound: BTreeSet<PartitionId>,
}

/// Who holds what.
#[derive(Debug, Default)]
pub struct Holders {
    bound: HashMap<PartitionId, Vec<WorkspaceId>>,
    all: Vec<WorkspaceId>,
}

// === impl Sight ===

impl Sight {
    /// Whether it sees a partition.
    pub fn sees(&self, partition: PartitionId) -> bool {
        self.all || self.bound.contains(&partition)
    }
}

// === impl Holders ===

impl Holders {
    /// The holders, by what workspaces see.
    pub fn of(workspaces: &BTreeMap<WorkspaceId, Sight>) -> Self {
        let mut holders = Self::default();
        for (id, sight) in workspaces {
            if sight.all {
                holders.all.push(*id);
            }
            for partition in &sight.bound {
                holders.bound.entry(*partition).or_default().push(*id);
            }
        }
        holders
    }

    /// The workspaces that are bound to a partition; those that see all count only where there is no other. None: the
    /// partition is nobody's.
    pub fn get(&self, partition: PartitionId) -> &[WorkspaceId] {
        self.bound.get(&partition).unwrap_or(&self.all)
    }

    /// The one workspace that holds it; nothing if several do, or none.
    pub fn only(&self, partition: PartitionId) -> Option<WorkspaceId> {
        match self.get(partition) {
            [one] => Some(*one),
            _ => None,
        }
    }
}
