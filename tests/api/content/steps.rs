//! The steps of a random sequence: each is done through the API, and followed in the model if it went through.

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::{AssetType, ReferenceKind};
use rand::RngExt;
use rand::seq::IndexedRandom;

use super::model::{Asset, Folder};
use super::property::{Run, TYPES};
use crate::support::assets::refers;

impl Run {
    pub(super) async fn make_folder(&mut self) -> Option<()> {
        let (parent, found) = self.folder()?;
        let name = self.name();
        let made = self.ada.try_folder(&found.workspace, &parent, &name).await;
        let id = self.ended(made)?.into_inner().folder?.folder_id;
        let folder =
            Folder { workspace: found.workspace, parent: Some(parent), targets: BTreeSet::new() };
        self.model.folders.insert(id, folder);
        Some(())
    }

    pub(super) async fn make_asset(&mut self) -> Option<()> {
        let (folder_id, found) = self.folder()?;
        let kind = *TYPES.choose(&mut self.rng)?;
        let (display_name, workspace_id) = (self.name(), found.workspace);
        let template = self.template(kind, &workspace_id);
        let asset = pb::Asset {
            folder_id: folder_id.clone(),
            display_name,
            r#type: kind.into(),
            references: template.iter().map(|id| refers(ReferenceKind::Template, id)).collect(),
            ..pb::Asset::default()
        };
        let request = pb::CreateAssetRequest {
            workspace_id,
            asset: Some(asset),
            ..pb::CreateAssetRequest::default()
        };
        let made = self.ada.assets().create_asset(request).await;
        let id = self.ended(made)?.into_inner().asset?.asset_id;
        let asset = Asset { kind, folder: folder_id, program: None, approved: false, template };
        self.model.assets.insert(id.clone(), asset.clone());
        if kind == AssetType::Program {
            self.make_local(&id, &asset).await;
        }
        Some(())
    }

    /// For an email, as often as not: a template that its workspace sees.
    fn template(&mut self, kind: AssetType, workspace: &str) -> Option<String> {
        if kind != AssetType::Email || self.rng.random_bool(0.3) {
            return None;
        }
        let seen = self.model.visible(workspace);
        let is_template = |id: &&String| self.model.assets[*id].kind == AssetType::EmailTemplate;
        let all: Vec<String> = seen.iter().filter(is_template).cloned().collect();
        all.choose(&mut self.rng).cloned()
    }

    pub(super) async fn make_local(&mut self, program: &str, of: &Asset) -> Option<()> {
        let asset = pb::Asset {
            parent_program_id: program.into(),
            display_name: self.name(),
            r#type: AssetType::Email.into(),
            ..pb::Asset::default()
        };
        let workspace_id = self.model.folders[&of.folder].workspace.clone();
        let request = pb::CreateAssetRequest {
            workspace_id,
            asset: Some(asset),
            ..pb::CreateAssetRequest::default()
        };
        let made = self.ada.assets().create_asset(request).await;
        let id = self.ended(made)?.into_inner().asset?.asset_id;
        let local = Asset { kind: AssetType::Email, program: Some(program.into()), ..of.clone() };
        self.model.assets.insert(id, local);
        Some(())
    }

    pub(super) async fn approve(&mut self) -> Option<()> {
        let (asset_id, _, workspace_id) = self.asset()?;
        let request = pb::ApproveAssetRequest {
            workspace_id,
            asset_id: asset_id.clone(),
            ..pb::ApproveAssetRequest::default()
        };
        let approved = self.ada.assets().approve_asset(request).await;
        self.ended(approved)?;
        self.model.assets.get_mut(&asset_id)?.approved = true;
        Some(())
    }

    pub(super) async fn unapprove(&mut self) -> Option<()> {
        let (asset_id, _, workspace_id) = self.asset()?;
        let request = pb::UnapproveAssetRequest {
            workspace_id,
            asset_id: asset_id.clone(),
            ..pb::UnapproveAssetRequest::default()
        };
        let taken_back = self.ada.assets().unapprove_asset(request).await;
        self.ended(taken_back)?;
        self.model.assets.get_mut(&asset_id)?.approved = false;
        Some(())
    }

    pub(super) async fn move_asset(&mut self) -> Option<()> {
        let (asset_id, _, workspace_id) = self.asset()?;
        let (target, _) =
            (0..8).find_map(|_| self.folder().filter(|(_, one)| one.workspace == workspace_id))?;
        let request = pb::MoveAssetRequest {
            workspace_id,
            asset_id: asset_id.clone(),
            target_folder_id: target.clone(),
            ..pb::MoveAssetRequest::default()
        };
        let moved = self.ada.assets().move_asset(request).await;
        self.ended(moved)?;
        self.model.move_asset(&asset_id, &target);
        Some(())
    }

    pub(super) async fn clone_asset(&mut self) -> Option<()> {
        let (asset_id, _, workspace_id) = self.asset()?;
        let (target_workspace_id, display_name) = (self.workspace(), self.name());
        let request = pb::CloneAssetRequest {
            workspace_id,
            asset_id,
            target_workspace_id,
            display_name,
            ..pb::CloneAssetRequest::default()
        };
        let cloned = self.ada.assets().clone_asset(request).await;
        let cloned = self.ended(cloned)?.into_inner();
        let first = cloned.asset?;
        for one in cloned.clones {
            let source = self.model.assets[&one.source_asset_id].clone();
            let program = (one.asset_id != first.asset_id).then(|| first.asset_id.clone());
            let copy =
                Asset { folder: first.folder_id.clone(), program, approved: false, ..source };
            self.model.assets.insert(one.asset_id, copy);
        }
        Some(())
    }

    pub(super) async fn delete_asset(&mut self) -> Option<()> {
        let (asset_id, _, workspace_id) = self.asset()?;
        let request = pb::DeleteAssetRequest {
            workspace_id,
            asset_id: asset_id.clone(),
            ..pb::DeleteAssetRequest::default()
        };
        let gone = self.ada.assets().delete_asset(request).await;
        self.ended(gone)?;
        self.model.delete_asset(&asset_id);
        Some(())
    }

    pub(super) async fn delete_folder(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let gone = self.ada.try_delete_folder(&found.workspace, &id).await;
        self.ended(gone)?;
        self.model.folders.remove(&id);
        Some(())
    }
}
