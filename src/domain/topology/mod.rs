//! A tenant's workspaces and partitions, who sees what and who shares what, as somebody sees it; and how it is drawn.

mod label;
mod mermaid;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{HashMap, HashSet};

use super::environment::Environment;
use crate::id::{FolderId, PartitionId, WorkspaceId};

/// The topology of a tenant, as far as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// The living workspaces, Default first, then by name.
    pub workspaces: Vec<Workspace>,
    /// The living partitions, by name.
    pub partitions: Vec<Partition>,
    /// The bindings that have a row, by workspace; those that stand by `all_partitions` follow from the workspace.
    pub bindings: Vec<Binding>,
    /// The shares, by folder.
    pub shares: Vec<Share>,
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub display_name: String,
    /// What it is used for.
    pub environment: Environment,
    /// Its region; empty: none.
    pub region: String,
    /// Its brand; empty: none.
    pub brand: String,
    /// It sees all partitions, those made later too.
    pub all_partitions: bool,
    /// It is archived.
    pub archived: bool,
    /// All its bindings are known: from one that is not there something follows.
    pub bindings_known: bool,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its id.
    pub id: PartitionId,
    /// Its name.
    pub display_name: String,
    /// Its region; empty: none.
    pub region: String,
    /// How many people it holds, if that was counted.
    pub people: Option<i64>,
}

/// A binding that has a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The partition.
    pub partition: PartitionId,
    /// Its people can be seen, and not changed.
    pub read_only: bool,
    /// New people of the workspace land there.
    pub primary: bool,
}

/// A folder that is shared with a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The folder.
    pub folder: FolderId,
    /// Its name.
    pub folder_name: String,
    /// The workspace that it belongs to.
    pub owner: WorkspaceId,
    /// The workspace that it is shared to.
    pub target: WorkspaceId,
}

/// How many things of each kind are left out, or may at most be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Workspaces.
    pub workspaces: usize,
    /// Partitions.
    pub partitions: usize,
    /// Bindings.
    pub bindings: usize,
    /// Shares.
    pub shares: usize,
}

/// How a topology is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// A Mermaid flowchart.
    Mermaid,
    /// A tree of text.
    Text,
}

// === impl Topology ===

impl Topology {
    /// How much of it there is.
    pub fn amount(&self) -> Amount {
        Amount {
            workspaces: self.workspaces.len(),
            partitions: self.partitions.len(),
            bindings: self.bindings.len(),
            shares: self.shares.len(),
        }
    }

    /// Whether a workspace sees a partition, as far as its bindings are known.
    pub fn sees(&self, workspace: &Workspace, bound: &Bound<'_>, partition: PartitionId) -> bool {
        workspace.all_partitions || bound.has(workspace.id, partition)
    }

    /// The bindings, for looking up.
    pub fn bound(&self) -> Bound<'_> {
        let mut bound = Bound::default();
        for binding in &self.bindings {
            bound.of.entry(binding.workspace).or_default().push(binding);
            bound.pairs.insert((binding.workspace, binding.partition));
        }
        bound
    }

    /// The workspaces that are not archived, by id.
    pub fn active(&self) -> HashMap<WorkspaceId, &Workspace> {
        let active = self.workspaces.iter().filter(|one| !one.archived);
        active.map(|one| (one.id, one)).collect()
    }

    /// Some workspaces, what they see, and the shares between them.
    pub fn narrow(&mut self, to: &[WorkspaceId]) {
        let to: HashSet<WorkspaceId> = to.iter().copied().collect();
        self.workspaces.retain(|one| to.contains(&one.id));
        self.bindings.retain(|one| to.contains(&one.workspace));
        self.shares.retain(|one| to.contains(&one.owner) && to.contains(&one.target));
        let all = self.workspaces.iter().any(|one| one.all_partitions && one.bindings_known);
        let bound: HashSet<PartitionId> = self.bindings.iter().map(|one| one.partition).collect();
        self.partitions.retain(|one| all || bound.contains(&one.id));
    }

    /// Leaves out what is more than so much, and what hangs on it; says how much that was.
    pub fn cut(&mut self, most: Amount) -> Amount {
        let before = self.amount();
        self.workspaces.truncate(most.workspaces);
        self.partitions.truncate(most.partitions);
        let workspaces: HashSet<WorkspaceId> = self.workspaces.iter().map(|one| one.id).collect();
        let partitions: HashSet<PartitionId> = self.partitions.iter().map(|one| one.id).collect();
        self.bindings.retain(|one| {
            workspaces.contains(&one.workspace) && partitions.contains(&one.partition)
        });
        self.bindings.truncate(most.bindings);
        self.shares
            .retain(|one| workspaces.contains(&one.owner) && workspaces.contains(&one.target));
        self.shares.truncate(most.shares);
        before.less(self.amount())
    }
}

/// Bindings, for looking up.
#[derive(Debug, Default)]
pub struct Bound<'a> {
    of: HashMap<WorkspaceId, Vec<&'a Binding>>,
    pairs: HashSet<(WorkspaceId, PartitionId)>,
}

// === impl Bound ===

impl<'a> Bound<'a> {
    /// The bindings of a workspace.
    pub fn of(&self, workspace: WorkspaceId) -> &[&'a Binding] {
        self.of.get(&workspace).map_or(&[], Vec::as_slice)
    }

    /// Whether there is a binding between two.
    pub fn has(&self, workspace: WorkspaceId, partition: PartitionId) -> bool {
        self.pairs.contains(&(workspace, partition))
    }
}

// === impl Amount ===

impl Amount {
    /// What remains if so much is taken away.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            workspaces: self.workspaces.saturating_sub(other.workspaces),
            partitions: self.partitions.saturating_sub(other.partitions),
            bindings: self.bindings.saturating_sub(other.bindings),
            shares: self.shares.saturating_sub(other.shares),
        }
    }

    /// That something was left out, as a sentence; nothing if nothing was.
    pub(super) fn left_out(self) -> Option<String> {
        let parts = [
            (self.workspaces, "workspace"),
            (self.partitions, "partition"),
            (self.bindings, "binding"),
            (self.shares, "share"),
        ];
        let more: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| label::count(count, noun))
            .collect();
        (!more.is_empty()).then(|| format!("left out: {}", more.join(", ")))
    }
}

// === impl Picture ===

impl Picture {
    /// Draws a topology; names in it, whatever they hold, are only ever text.
    pub fn draw(self, topology: &Topology) -> String {
        match self {
            Self::Mermaid => mermaid::draw(topology),
            Self::Text => text::draw(topology),
        }
    }
}
