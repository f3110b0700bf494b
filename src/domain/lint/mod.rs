//! What is likely to be wrong with a topology. Every rule is a function of what somebody sees, and finds only what
//! is so of the whole tenant: where that would take more than is seen, it finds nothing.

mod pattern;
mod rules;
#[cfg(test)]
mod tests;

use crate::domain::topology::Topology;
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The topology, as somebody sees it.
    pub topology: &'a Topology,
    /// It is the tenant's whole topology.
    pub whole: bool,
    /// The pattern that names of workspaces should follow; empty: none.
    pub pattern: &'a str,
    /// The workspaces that have a single admin, and who that is, where that is seen.
    pub sole_admins: &'a [(WorkspaceId, String)],
    /// The segmentations that are seen in shared folders, once for each share.
    pub segmentations: &'a [Shared],
    /// What workspaces refer to, where that is seen.
    pub references: &'a [References],
}

/// A segmentation that is shared with a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The segmentation.
    pub segmentation: AssetId,
    /// Its name.
    pub display_name: String,
    /// The folder that is shared, at or above the one that it is in.
    pub folder: FolderId,
    /// The workspace that it belongs to.
    pub owner: WorkspaceId,
    /// The workspace that it is shared to.
    pub target: WorkspaceId,
}

/// What the assets of a workspace refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct References {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How many of them are to assets of its own.
    pub own: u64,
    /// How many are to assets that are shared to it.
    pub shared_in: u64,
}

/// What is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A partition that no workspace sees.
    PartitionUnseen,
    /// A segmentation is shared with a workspace that sees nobody in it.
    SegmentationWithoutOverlap,
    /// A staging and a production workspace are bound to one partition.
    EnvironmentsSharePartition,
    /// No active workspace sees all partitions.
    NoWorkspaceSeesEverything,
    /// One user alone administers a workspace.
    SingleAdmin,
    /// The name of a workspace does not follow the pattern.
    NameOffPattern,
    /// Most references of a workspace are to what others share with it.
    MostlySharedIn,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something does not work, or is not kept apart.
    Error,
    /// Something is likely to go wrong.
    Warning,
    /// Something is not as agreed.
    Info,
}

/// Something that is likely to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// What it is, as a sentence.
    pub text: String,
    /// What to do.
    pub fix: String,
    /// The workspaces that it is about; at most [`NAMED`].
    pub workspaces: Vec<WorkspaceId>,
    /// The partitions.
    pub partitions: Vec<PartitionId>,
    /// The folder.
    pub folder: Option<FolderId>,
    /// The asset.
    pub asset: Option<AssetId>,
    /// The principal.
    pub principal: Option<String>,
}

/// Most workspaces that one finding names.
pub const NAMED: usize = 100;

/// What is likely to be wrong, the worst first.
pub fn lint(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in rules::ALL {
        rule(facts, &mut found);
    }
    found.sort_by_key(|one| (one.kind.severity(), one.kind));
    found
}

// === impl Kind ===

impl Kind {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::PartitionUnseen
            | Self::SegmentationWithoutOverlap
            | Self::EnvironmentsSharePartition => Severity::Error,
            Self::NoWorkspaceSeesEverything | Self::SingleAdmin => Severity::Warning,
            Self::NameOffPattern | Self::MostlySharedIn => Severity::Info,
        }
    }
}

// === impl Finding ===

impl Finding {
    fn new(kind: Kind, text: String, fix: impl Into<String>) -> Self {
        Self {
            kind,
            text,
            fix: fix.into(),
            workspaces: Vec::new(),
            partitions: Vec::new(),
            folder: None,
            asset: None,
            principal: None,
        }
    }

    fn about(self, workspaces: Vec<WorkspaceId>) -> Self {
        Self { workspaces, ..self }
    }
}
