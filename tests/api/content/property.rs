//! After any sequence of changes, every workspace sees what the model says, in lists and one by one (S-05, S-07, S-10).

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::{Area, AssetType, ReferenceKind};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tonic::{Code, Status};

use super::model::{Asset, Folder, Model};
use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;
use crate::support::folders::sharing;
use crate::support::status::reason;

const STEPS: usize = 90;
const WORKSPACES: usize = 4;
const TYPES: [AssetType; 7] = [
    AssetType::EmailTemplate,
    AssetType::Snippet,
    AssetType::Email,
    AssetType::Form,
    AssetType::SmartCampaign,
    AssetType::RevenueModel,
    AssetType::Program,
];
/// What may stand in the way of a step.
const REFUSALS: [&str; 15] = [
    "FailedPrecondition / FOLDER_TOO_DEEP",
    "FailedPrecondition / FOLDER_CYCLE",
    "FailedPrecondition / FOLDER_NOT_EMPTY",
    "FailedPrecondition / NOT_SHAREABLE",
    "FailedPrecondition / SHARED_READ_ONLY",
    "FailedPrecondition / SHARE_IN_USE",
    "FailedPrecondition / REFERENCE_WOULD_BREAK",
    "FailedPrecondition / DEPENDENCY_NOT_SHARED",
    "FailedPrecondition / ASSET_APPROVED",
    "FailedPrecondition / ASSET_IN_USE",
    "FailedPrecondition / BROKEN_REFERENCE",
    "FailedPrecondition / NOT_APPROVABLE",
    "InvalidArgument / FOLDER_AREA_MISMATCH",
    "AlreadyExists / NAME_TAKEN",
    "FailedPrecondition / NOT_CLONEABLE",
];

struct Run {
    ada: Actor,
    model: Model,
    rng: StdRng,
    names: u32,
    done: usize,
}

// === impl Run ===

impl Run {
    async fn new(app: &App, seed: u64) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let depth = [("design_studio".to_owned(), 2), ("marketing_activities".to_owned(), 1)];
        let settings =
            pb::TenantSettings { share_depth_limit: depth.into(), ..pb::TenantSettings::default() };
        let request = pb::UpdateTenantRequest {
            tenant: Some(pb::Tenant {
                tenant_id: tenant.id.clone(),
                settings: Some(settings),
                ..pb::Tenant::default()
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["settings.share_depth_limit".into()],
            }),
            ..pb::UpdateTenantRequest::default()
        };
        ok(ada.tenants().update_tenant(request).await);
        let mut model = Model::default();
        for number in 0..WORKSPACES {
            let id =
                ada.workspace(&format!("Workspace {number}"), &[&tenant.default_partition]).await;
            for area in [Area::DesignStudio, Area::MarketingActivities] {
                let root = ada.root(&id, area).await;
                let folder =
                    Folder { workspace: id.clone(), parent: None, targets: BTreeSet::new() };
                model.folders.insert(root, folder);
            }
            model.workspaces.insert(id, true);
        }
        Self { ada, model, rng: StdRng::seed_from_u64(seed), names: 0, done: 0 }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("Thing {}", self.names)
    }

    fn workspace(&mut self) -> String {
        let living: Vec<String> =
            self.model.workspaces.iter().filter(|one| *one.1).map(|one| one.0.clone()).collect();
        living.choose(&mut self.rng).cloned().unwrap_or_default()
    }

    /// A folder of a living workspace.
    fn folder(&mut self) -> Option<(String, Folder)> {
        let living = |one: &Folder| self.model.workspaces[&one.workspace];
        let all: Vec<_> = self.model.folders.iter().filter(|(_, one)| living(one)).collect();
        all.choose(&mut self.rng).map(|(id, one)| ((*id).clone(), (*one).clone()))
    }

    /// A folder that is no root.
    fn inner(&mut self) -> Option<(String, Folder)> {
        (0..8).find_map(|_| self.folder().filter(|(_, one)| one.parent.is_some()))
    }

    /// An asset of a living workspace, and that workspace.
    fn asset(&mut self) -> Option<(String, Asset, String)> {
        let owner = |one: &Asset| self.model.folders[&one.folder].workspace.clone();
        let living = |one: &Asset| self.model.workspaces[&owner(one)];
        let all: Vec<_> = self.model.assets.iter().filter(|(_, one)| living(one)).collect();
        all.choose(&mut self.rng).map(|(id, one)| ((*id).clone(), (*one).clone(), owner(one)))
    }

    /// Takes note of how a step ended.
    fn ended<T>(&mut self, result: Result<T, Status>) -> Option<T> {
        match result {
            Ok(done) => {
                self.done += 1;
                Some(done)
            }
            Err(status) => {
                assert!(REFUSALS.contains(&reason(&status).as_str()), "{status:?}");
                None
            }
        }
    }

    async fn step(&mut self) {
        match self.rng.random_range(0..20) {
            0..3 => self.make_folder().await,
            3..7 => self.make_asset().await,
            7..9 => self.approve().await,
            9 => self.unapprove().await,
            10..12 => self.move_folder().await,
            12 => self.move_asset().await,
            13..16 => self.share().await,
            16 => self.clone_asset().await,
            17 => self.delete_asset().await,
            18 => self.delete_folder().await,
            _ => self.come_and_go().await,
        };
    }

    async fn make_folder(&mut self) -> Option<()> {
        let (parent, found) = self.folder()?;
        let name = self.name();
        let made = self.ada.try_folder(&found.workspace, &parent, &name).await;
        let id = self.ended(made)?.into_inner().folder?.folder_id;
        let folder =
            Folder { workspace: found.workspace, parent: Some(parent), targets: BTreeSet::new() };
        self.model.folders.insert(id, folder);
        Some(())
    }

    async fn make_asset(&mut self) -> Option<()> {
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

    async fn make_local(&mut self, program: &str, of: &Asset) -> Option<()> {
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

    async fn approve(&mut self) -> Option<()> {
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

    async fn unapprove(&mut self) -> Option<()> {
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

    async fn move_folder(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let (parent, place) = self.folder()?;
        let moved =
            self.ada.try_move_folder(&found.workspace, &id, &place.workspace, &parent).await;
        self.ended(moved)?;
        self.model.move_folder(&id, &parent);
        Some(())
    }

    async fn move_asset(&mut self) -> Option<()> {
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

    /// Shares with a random set, which may be nobody; targets that are deleted keep what they have.
    async fn share(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let others: Vec<String> = self
            .model
            .workspaces
            .iter()
            .filter(|one| *one.1 && *one.0 != found.workspace)
            .map(|one| one.0.clone())
            .collect();
        let targets: BTreeSet<String> =
            others.into_iter().filter(|_| self.rng.random_bool(0.5)).collect();
        let named: Vec<&str> = targets.iter().map(String::as_str).collect();
        let request =
            pb::ShareFolderRequest { force: true, ..sharing(&found.workspace, &id, &named) };
        let shared = self.ada.sharing().share_folder(request).await;
        self.ended(shared)?;
        let living = self.model.workspaces.clone();
        let folder = self.model.folders.get_mut(&id)?;
        folder.targets.retain(|one| !living[one]);
        folder.targets.extend(targets);
        Some(())
    }

    async fn clone_asset(&mut self) -> Option<()> {
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

    async fn delete_asset(&mut self) -> Option<()> {
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

    async fn delete_folder(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let gone = self.ada.try_delete_folder(&found.workspace, &id).await;
        self.ended(gone)?;
        self.model.folders.remove(&id);
        Some(())
    }

    /// A workspace goes with all that it holds, or one that is gone comes back.
    async fn come_and_go(&mut self) -> Option<()> {
        let all: Vec<(String, bool)> =
            self.model.workspaces.iter().map(|(id, lives)| (id.clone(), *lives)).collect();
        let (workspace_id, lives) = all.choose(&mut self.rng)?.clone();
        if lives {
            let held = self.model.held_by(&workspace_id);
            let request = pb::DeleteWorkspaceRequest {
                workspace_id: workspace_id.clone(),
                force: true,
                expected_asset_count: i64::try_from(held).expect("few"),
                ..pb::DeleteWorkspaceRequest::default()
            };
            ok(self.ada.workspaces().delete_workspace(request).await);
        } else {
            let request = pb::UndeleteWorkspaceRequest {
                workspace_id: workspace_id.clone(),
                ..pb::UndeleteWorkspaceRequest::default()
            };
            ok(self.ada.workspaces().undelete_workspace(request).await);
        }
        self.model.workspaces.insert(workspace_id, !lives);
        Some(())
    }

    /// What each workspace sees is what it ought to see.
    async fn compare(&mut self) {
        let workspaces: Vec<String> = self.model.workspaces.keys().cloned().collect();
        for workspace in &workspaces {
            if !self.model.workspaces[workspace] {
                continue;
            }
            let listed = self.listed(workspace).await;
            assert_eq!(listed, self.model.visible(workspace), "assets of {workspace}");
            let folders = self.ada.list_folders(workspace, "", Area::Unspecified).await;
            let folders: BTreeSet<String> = folders
                .into_iter()
                .filter(|one| one.area() != Area::Database)
                .map(|one| one.folder_id)
                .collect();
            assert_eq!(folders, self.model.visible_folders(workspace), "folders of {workspace}");
            self.compare_one(workspace, &listed).await;
        }
    }

    async fn listed(&self, workspace: &str) -> BTreeSet<String> {
        let request = pb::ListAssetsRequest {
            workspace_id: workspace.into(),
            page_size: 1_000,
            ..pb::ListAssetsRequest::default()
        };
        let page = ok(self.ada.assets().list_assets(request).await);
        assert!(page.next_page_token.is_empty());
        for one in &page.assets {
            let own = one.owner_workspace_id == workspace;
            assert_eq!(one.read_only, !own, "{one:?}");
        }
        page.assets.into_iter().map(|one| one.asset_id).collect()
    }

    /// A random asset is found by its id just if it is listed.
    async fn compare_one(&mut self, workspace: &str, listed: &BTreeSet<String>) {
        let all: Vec<String> = self.model.assets.keys().cloned().collect();
        let Some(asset_id) = all.choose(&mut self.rng).cloned() else { return };
        let request = pb::GetAssetRequest {
            workspace_id: workspace.into(),
            asset_id: asset_id.clone(),
            ..pb::GetAssetRequest::default()
        };
        let found = self.ada.assets().get_asset(request).await;
        match found {
            Ok(found) => {
                assert!(listed.contains(&asset_id), "{asset_id} is found and not listed");
                self.compare_reference(workspace, found.into_inner().asset.expect("an asset"));
            }
            Err(status) => {
                assert_eq!(status.code(), Code::NotFound);
                assert!(!listed.contains(&asset_id), "{asset_id} is listed and not found");
            }
        }
    }
}

impl Run {
    /// Of one's own, a reference to a template holds, or says why it does not (S-09).
    fn compare_reference(&self, workspace: &str, found: pb::Asset) {
        let expected = &self.model.assets[&found.asset_id].template;
        let targets: Vec<String> =
            found.references.iter().map(|one| one.asset_id.clone()).collect();
        assert_eq!(targets.first(), expected.as_ref());
        if let (Some(template), Some(one), false) =
            (expected, found.references.first(), found.read_only)
        {
            assert_eq!(one.broken(), self.model.broken(template, workspace), "{found:?}");
        }
    }
}

async fn run(app: &App, seed: u64) {
    let mut run = Run::new(app, seed).await;
    for step in 0..STEPS {
        run.step().await;
        if step % 6 == 5 {
            run.compare().await;
        }
    }
    run.compare().await;
    assert!(run.done > STEPS / 3, "most steps change something: {}", run.done);
}

on_both! {
    /// S-05, S-07, S-10, W-08, W-13: visible assets of every workspace equal the model's, after any sequence.
    async fn s_05_what_is_seen_follows_from_what_was_done_1(app) {
        run(app, 1).await;
    }

    /// The same, after another sequence.
    async fn s_05_what_is_seen_follows_from_what_was_done_2(app) {
        run(app, 2).await;
    }

    /// The same, after another sequence.
    async fn s_05_what_is_seen_follows_from_what_was_done_3(app) {
        run(app, 3).await;
    }
}
