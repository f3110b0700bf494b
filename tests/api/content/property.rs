//! After any sequence of changes, every workspace sees what the model says, in lists and one by one (S-05, S-07, S-10).

use std::collections::BTreeSet;

use precinct::pb;
use precinct::pb::{Area, AssetType};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tonic::{Code, Status};

use super::model::{Asset, Folder, Model};
use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, ok};
use crate::support::status::reason;

const STEPS: usize = 90;
const WORKSPACES: usize = 4;
pub(super) const TYPES: [AssetType; 7] = [
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

pub(super) struct Run {
    pub(super) ada: Actor,
    pub(super) model: Model,
    pub(super) rng: StdRng,
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

    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("Thing {}", self.names)
    }

    pub(super) fn workspace(&mut self) -> String {
        let living: Vec<String> =
            self.model.workspaces.iter().filter(|one| *one.1).map(|one| one.0.clone()).collect();
        living.choose(&mut self.rng).cloned().unwrap_or_default()
    }

    /// A folder of a living workspace.
    pub(super) fn folder(&mut self) -> Option<(String, Folder)> {
        let living = |one: &Folder| self.model.workspaces[&one.workspace];
        let all: Vec<_> = self.model.folders.iter().filter(|(_, one)| living(one)).collect();
        all.choose(&mut self.rng).map(|(id, one)| ((*id).clone(), (*one).clone()))
    }

    /// A folder that is no root.
    pub(super) fn inner(&mut self) -> Option<(String, Folder)> {
        (0..8).find_map(|_| self.folder().filter(|(_, one)| one.parent.is_some()))
    }

    /// An asset of a living workspace, and that workspace.
    pub(super) fn asset(&mut self) -> Option<(String, Asset, String)> {
        let owner = |one: &Asset| self.model.folders[&one.folder].workspace.clone();
        let living = |one: &Asset| self.model.workspaces[&owner(one)];
        let all: Vec<_> = self.model.assets.iter().filter(|(_, one)| living(one)).collect();
        all.choose(&mut self.rng).map(|(id, one)| ((*id).clone(), (*one).clone(), owner(one)))
    }

    /// Takes note of how a step ended.
    pub(super) fn ended<T>(&mut self, result: Result<T, Status>) -> Option<T> {
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
    /// S-05, S-07, S-10, W-08, W-13, X-02: visible assets of every workspace equal the model's, after any sequence.
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
