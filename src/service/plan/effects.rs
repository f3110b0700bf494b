//! What a change of folders or assets would do to references, for the calls that refuse to break some.

use crate::domain::asset::Type;
use crate::domain::plan::{Broken, Difference, Placed, Use, compare};
use crate::domain::visibility::Index;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::effect::{Matter, Touched};

/// What a change does to the assets and references that it touches.
#[derive(Clone, Debug)]
pub struct Effects {
    /// What is seen by whom.
    pub difference: Difference,
    /// What it touches.
    pub matter: Matter,
}

// === impl Effects ===

impl Effects {
    /// What follows from a change: the index before and after, and what it touches. `to` says where an asset will
    /// be that now is in a folder.
    pub(in crate::service) fn new(
        before: &Index,
        after: &Index,
        matter: Matter,
        to: impl Fn(AssetId, FolderId) -> FolderId,
    ) -> Self {
        let place = |id, folder| (Some(folder), Some(to(id, folder)));
        let difference = compare(before, after, &assets(&matter, place), &uses(&matter, place));
        Self { difference, matter }
    }

    /// The references that break, of one workspace or of all.
    pub(in crate::service) fn broken(&self, workspace: Option<WorkspaceId>) -> Vec<&Broken> {
        let broken = self.difference.broken.iter();
        broken.filter(|one| workspace.is_none_or(|at| one.workspace == at)).collect()
    }

    /// The touched assets of types that cannot be shared (S-03).
    pub(in crate::service) fn unshareable(&self) -> Vec<&Touched> {
        self.matter.assets.iter().filter(|one| !one.kind.traits().shareable).collect()
    }
}

/// The touched assets; `place` says where one is and will be that is found in a folder.
pub(super) fn assets(
    matter: &Matter,
    place: impl Fn(AssetId, FolderId) -> (Option<FolderId>, Option<FolderId>),
) -> Vec<Placed> {
    let placed =
        |one: &Touched| placed(one.id, place(one.id, one.folder_id), one.kind, one.approved);
    matter.assets.iter().map(placed).collect()
}

/// The touched references.
pub(super) fn uses(
    matter: &Matter,
    place: impl Fn(AssetId, FolderId) -> (Option<FolderId>, Option<FolderId>),
) -> Vec<Use> {
    let uses = matter.references.iter().map(|one| {
        let source = place(one.asset_id, one.source_folder);
        let end = place(one.target_id, one.target_folder);
        Use {
            // Whether the one that refers is live does not matter: its own workspace sees it.
            source: placed(one.asset_id, source, Type::Program, true),
            end: placed(one.target_id, end, one.target_type, one.target_approved),
        }
    });
    uses.collect()
}

fn placed(
    id: AssetId,
    (from, to): (Option<FolderId>, Option<FolderId>),
    kind: Type,
    approved: bool,
) -> Placed {
    Placed { id, from, to, live: approved || !kind.traits().approvable }
}
