//! What a change does to assets and references.

use std::collections::HashMap;

use super::Difference;
use crate::domain::visibility::{Index, Reach};
use crate::id::{AssetId, FolderId, WorkspaceId};

/// An asset that the change touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The asset.
    pub id: AssetId,
    /// Where it is; nothing: it is made.
    pub from: Option<FolderId>,
    /// Where it will be; nothing: it goes.
    pub to: Option<FolderId>,
    /// Those that it is shared to see it: it is approved, or of a type that is live as it is.
    pub live: bool,
}

/// A reference that the change touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The asset that refers, where it is and will be.
    pub source: Placed,
    /// The asset that it refers to, where that is and will be.
    pub end: Placed,
}

/// A reference that would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The workspace of the asset that refers.
    pub workspace: WorkspaceId,
    /// The asset that refers.
    pub asset: AssetId,
    /// The asset that it refers to.
    pub target: AssetId,
}

/// What is seen by whom before and after a change.
pub fn compare(before: &Index, after: &Index, assets: &[Placed], uses: &[Use]) -> Difference {
    let mut difference = Difference::default();
    // Assets that lie and go alike are seen alike.
    let mut groups: HashMap<(Option<FolderId>, Option<FolderId>, bool), i64> = HashMap::new();
    for one in assets {
        *groups.entry((one.from, one.to, one.live)).or_default() += 1;
    }
    for ((from, to, live), count) in groups {
        let (old, new) = (viewers(before, from, live), viewers(after, to, live));
        for lost in old.iter().filter(|one| !new.contains(one)) {
            difference.at(*lost).assets_lost += count;
        }
        for gained in new.iter().filter(|one| !old.contains(one)) {
            difference.at(*gained).assets_gained += count;
        }
    }
    for one in uses {
        difference.follow(before, after, one);
    }
    difference
}

/// Whether a reference from one folder to another holds, and in which workspace: nothing if the asset that refers is
/// in none that lives.
fn holds(
    index: &Index,
    source: Option<FolderId>,
    target: Option<FolderId>,
    live: bool,
) -> Option<(WorkspaceId, bool)> {
    let workspace = index.owner_of(source?)?;
    let holds = match target.and_then(|target| index.reach(workspace, target)) {
        Some(Reach::Own { .. }) => true,
        Some(Reach::Received { .. }) => live,
        None => false,
    };
    Some((workspace, holds))
}

/// The workspaces that see an asset in a folder.
pub fn viewers(index: &Index, folder: Option<FolderId>, live: bool) -> Vec<WorkspaceId> {
    let Some(folder) = folder else { return Vec::new() };
    match live {
        true => index.viewers_of(folder),
        false => index.owner_of(folder).into_iter().collect(),
    }
}

// === impl Difference ===

impl Difference {
    fn follow(&mut self, before: &Index, after: &Index, one: &Use) {
        let old = holds(before, one.source.from, one.end.from, one.end.live);
        let new = holds(after, one.source.to, one.end.to, one.end.live);
        let (left, came) = (old.map(|(at, _)| at), new.map(|(at, _)| at));
        if left != came {
            if let Some(workspace) = left {
                self.at(workspace).references_lost += 1;
            }
            if let Some(workspace) = came {
                self.at(workspace).references_gained += 1;
            }
        }
        let Some((workspace, now)) = new else { return };
        match (old.is_some_and(|(_, held)| held), now) {
            (true, false) => {
                self.at(workspace).references_broken += 1;
                let (asset, target) = (one.source.id, one.end.id);
                self.broken.push(Broken { workspace, asset, target });
            }
            (false, true) if old.is_some() => self.at(workspace).references_mended += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Effect;
    use crate::domain::visibility::Fact;
    use crate::domain::visibility::fact::{Folder, Workspace};

    struct World {
        index: Index,
        owner: WorkspaceId,
        target: WorkspaceId,
        owner_root: FolderId,
        target_root: FolderId,
        folder: FolderId,
    }

    fn shared(world: &World, targets: &[WorkspaceId]) -> Fact {
        let folder = Folder { parent: world.owner_root, targets: targets.to_vec() };
        Fact::Folder(world.folder, Some(folder))
    }

    fn world() -> World {
        let [owner, target] = [(); 2].map(|()| WorkspaceId::new());
        let [owner_root, target_root, folder] = [(); 3].map(|()| FolderId::new());
        let index = Index::default().with([
            Fact::Workspace(owner, Some(Workspace::default())),
            Fact::Workspace(target, Some(Workspace::default())),
            Fact::Root(owner_root, owner),
            Fact::Root(target_root, target),
            Fact::Folder(folder, Some(Folder { parent: owner_root, targets: Vec::new() })),
        ]);
        World { index, owner, target, owner_root, target_root, folder }
    }

    fn at(folder: FolderId, live: bool) -> Placed {
        Placed { id: AssetId::new(), from: Some(folder), to: Some(folder), live }
    }

    /// X-02, S-09: sharing shows what is live, and unsharing breaks what refers to it.
    #[test]
    fn x_02_a_share_shows_and_its_end_breaks() {
        let world = world();
        let after = world.index.with([shared(&world, &[world.target])]);
        let assets = [at(world.folder, true), at(world.folder, false)];
        let uses = [Use { source: at(world.target_root, true), end: at(world.folder, true) }];
        let shared = compare(&world.index, &after, &assets, &uses);
        let effect = Effect { assets_gained: 1, references_mended: 1, ..Effect::default() };
        assert_eq!(shared.effects, [(world.target, effect)].into());
        let ended = compare(&after, &world.index, &assets, &uses);
        let effect = Effect { assets_lost: 1, references_broken: 1, ..Effect::default() };
        assert_eq!(ended.effects, [(world.target, effect)].into());
        assert_eq!((ended.broken.len(), ended.broken[0].workspace), (1, world.target));
    }

    /// C-04: what moves leaves one workspace and comes to the other, with its references.
    #[test]
    fn c_04_a_move_takes_assets_and_references_along() {
        let world = world();
        let moved = Folder { parent: world.target_root, targets: Vec::new() };
        let after = world.index.with([Fact::Folder(world.folder, Some(moved))]);
        let inner = Use { source: at(world.folder, false), end: at(world.folder, false) };
        let left_behind = Use { end: at(world.owner_root, true), ..inner };
        let found =
            compare(&world.index, &after, &[at(world.folder, false)], &[inner, left_behind]);
        let lost = Effect { assets_lost: 1, references_lost: 2, ..Effect::default() };
        let gained = Effect {
            assets_gained: 1,
            references_gained: 2,
            references_broken: 1,
            ..Effect::default()
        };
        assert_eq!(found.effects, [(world.owner, lost), (world.target, gained)].into());
        assert_eq!(found.broken[0].target, left_behind.end.id);
    }

    /// W-08: with a deleted workspace, what it shared is gone elsewhere; its own references are not broken, but gone.
    #[test]
    fn w_08_a_deleted_workspace_takes_what_it_shared() {
        let world = world();
        let before = world.index.with([shared(&world, &[world.target])]);
        let after = before.with([Fact::Workspace(world.owner, None)]);
        let assets = [at(world.folder, true)];
        let own = Use { source: at(world.folder, true), end: at(world.folder, true) };
        let foreign = Use { source: at(world.target_root, true), ..own };
        let found = compare(&before, &after, &assets, &[own, foreign]);
        let lost = Effect { assets_lost: 1, references_lost: 1, ..Effect::default() };
        let broken = Effect { assets_lost: 1, references_broken: 1, ..Effect::default() };
        assert_eq!(found.effects, [(world.owner, lost), (world.target, broken)].into());
    }
}
