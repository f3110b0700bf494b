//! What workspaces ought to see, worked out from scratch each time.

use std::collections::{BTreeMap, BTreeSet};

use precinct::pb::{AssetType, BrokenReason};

/// A tenant's folders, assets and shares.
#[derive(Debug, Default)]
pub struct Model {
    /// Whether each workspace lives.
    pub workspaces: BTreeMap<String, bool>,
    pub folders: BTreeMap<String, Folder>,
    pub assets: BTreeMap<String, Asset>,
}

#[derive(Clone, Debug)]
pub struct Folder {
    pub workspace: String,
    /// Nothing: a root.
    pub parent: Option<String>,
    pub targets: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub struct Asset {
    pub kind: AssetType,
    pub folder: String,
    pub program: Option<String>,
    pub approved: bool,
    /// The template that it is made from.
    pub template: Option<String>,
}

// === impl Model ===

impl Model {
    /// A folder, and those above it.
    pub fn above<'a>(&'a self, folder: &'a str) -> Vec<&'a str> {
        let mut found = vec![folder];
        while let Some(parent) = self.folders[*found.last().expect("one")].parent.as_deref() {
            found.push(parent);
        }
        found
    }

    /// Whether a workspace sees a folder.
    pub fn sees_folder(&self, workspace: &str, folder: &str) -> bool {
        let owner = &self.folders[folder].workspace;
        let shared =
            || self.above(folder).iter().any(|one| self.folders[*one].targets.contains(workspace));
        self.workspaces[workspace] && (owner == workspace || (self.workspaces[owner] && shared()))
    }

    /// The assets that a workspace sees: its own, and of what is shared to it what is live.
    pub fn visible(&self, workspace: &str) -> BTreeSet<String> {
        let sees = |one: &Asset| {
            let own = self.folders[&one.folder].workspace == workspace;
            self.sees_folder(workspace, &one.folder)
                && (own || one.approved || !is_approved(one.kind))
        };
        self.assets.iter().filter(|(_, one)| sees(one)).map(|(id, _)| id.clone()).collect()
    }

    /// The folders that a workspace sees.
    pub fn visible_folders(&self, workspace: &str) -> BTreeSet<String> {
        self.folders.keys().filter(|id| self.sees_folder(workspace, id)).cloned().collect()
    }

    /// Why the reference of an asset to its template is broken.
    pub fn broken(&self, template: &str, workspace: &str) -> BrokenReason {
        let target = &self.assets[template];
        let owner = &self.folders[&target.folder].workspace;
        if self.sees_folder(workspace, &target.folder) {
            let live = target.approved || owner == workspace;
            return if live { BrokenReason::Unspecified } else { BrokenReason::NotApproved };
        }
        let above = self.above(&target.folder);
        let shared = above.iter().any(|one| self.folders[*one].targets.contains(workspace));
        match shared && !self.workspaces[owner] {
            true => BrokenReason::OwnerDeleted,
            false => BrokenReason::NotShared,
        }
    }

    /// The assets of a workspace.
    pub fn held_by(&self, workspace: &str) -> usize {
        self.assets.values().filter(|one| self.folders[&one.folder].workspace == workspace).count()
    }

    /// A folder with all below it goes to another parent.
    pub fn move_folder(&mut self, id: &str, parent: &str) {
        let owner = self.folders[parent].workspace.clone();
        let below: Vec<String> =
            self.folders.keys().filter(|one| self.above(one).contains(&id)).cloned().collect();
        for one in below {
            let folder = self.folders.get_mut(&one).expect("it is there");
            folder.targets.remove(&owner);
            folder.workspace.clone_from(&owner);
        }
        self.folders.get_mut(id).expect("it is there").parent = Some(parent.to_owned());
    }

    /// An asset goes to another folder, with what is local to it.
    pub fn move_asset(&mut self, id: &str, folder: &str) {
        for (one, asset) in &mut self.assets {
            if one == id || asset.program.as_deref() == Some(id) {
                asset.folder = folder.to_owned();
            }
            if one == id {
                asset.program = None;
            }
        }
    }

    pub fn delete_asset(&mut self, id: &str) {
        self.assets.retain(|one, asset| one != id && asset.program.as_deref() != Some(id));
    }
}

/// Whether assets of a type are approved.
pub fn is_approved(kind: AssetType) -> bool {
    !matches!(
        kind,
        AssetType::Program
            | AssetType::SmartCampaign
            | AssetType::SmartList
            | AssetType::StaticList
    )
}
