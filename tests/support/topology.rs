//! A tenant with everything that a topology can show, and wrong in every way that is found; and who sees what.

use precinct::pb::{self, Area, AssetType, ReferenceKind};
use serde_json::{Value as Json, json};

use super::actor::{Actor, ok};
use super::assets::refers;
use super::look::{draft, release};
use super::{App, Tenant};

/// The tenant.
pub struct Site {
    pub tenant: Tenant,
    pub ada: Actor,
    /// Production and staging in Europe, production in America.
    pub europe: String,
    pub staging: String,
    pub america: String,
    /// Of Europe, of America, and of nobody.
    pub european: String,
    pub american: String,
    pub unseen: String,
    /// Shared by Europe with America: of segmentations, and of snippets.
    pub segments: String,
    pub segmentation: String,
    pub snippets: String,
}

// === impl Site ===

impl Site {
    pub async fn new(app: &App) -> Self {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let european = ada.regional_partition("Europe", "eu").await;
        let american = ada.regional_partition("America", "us").await;
        let unseen = ada.partition("Left over").await;
        let workspace = async |name: &str, region: &str, environment: &str, partition: &str| {
            let request = json!({
                "workspace": {
                    "display_name": name,
                    "region": region,
                    "environment": environment,
                    "brand": "Acme",
                },
                "partition_ids": [partition],
            });
            let made = ada.make("WorkspaceService/CreateWorkspace", &request).await.ok();
            made["workspace"]["workspace_id"].as_str().expect("an id").to_owned()
        };
        let europe =
            workspace("Acme - EU - Production", "eu", "ENVIRONMENT_PRODUCTION", &european).await;
        let staging =
            workspace("Acme - EU - Staging", "eu", "ENVIRONMENT_STAGING", &european).await;
        let america = workspace("America", "us", "ENVIRONMENT_PRODUCTION", &american).await;
        for name in ["Ann", "Bob"] {
            ada.named_person(&europe, &european, name).await;
        }
        let database = ada.root(&europe, Area::Database).await;
        let segments = ada.folder(&europe, &database, "Segments").await;
        let made =
            draft(&ada, &europe, &segments, "Names", &[("Anns", "first_name = \"Ann\"")]).await;
        release(app, &ada, &europe, &made.id).await;
        ok(ada.try_share(&europe, &segments, &[&america]).await);
        let studio = ada.root(&europe, Area::DesignStudio).await;
        let snippets = ada.folder(&europe, &studio, "Snippets").await;
        let snippet = ada.asset_in(&europe, &snippets, AssetType::Snippet, "Footer").await;
        ada.approve(&europe, &snippet).await;
        ok(ada.try_share(&europe, &snippets, &[&america]).await);
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        ada.user_of(&america, AssetType::Email, "Hello", &uses).await;
        let mut site = Self {
            tenant,
            ada,
            europe,
            staging,
            america,
            european,
            american,
            unseen,
            segments,
            segmentation: made.id,
            snippets,
        };
        site.settle().await;
        site
    }

    /// Sets the pattern, and takes from the Default workspace that it sees all.
    async fn settle(&mut self) {
        let settings = pb::TenantSettings {
            workspace_name_pattern: "{Brand} - {Region} - {Environment}".into(),
            ..pb::TenantSettings::default()
        };
        let tenant = pb::Tenant {
            tenant_id: self.tenant.id.clone(),
            settings: Some(settings),
            ..pb::Tenant::default()
        };
        let request = pb::UpdateTenantRequest {
            tenant: Some(tenant),
            update_mask: Some(mask("settings.workspace_name_pattern")),
            ..pb::UpdateTenantRequest::default()
        };
        ok(self.ada.tenants().update_tenant(request).await);
        let default = self.tenant.default_workspace.clone();
        self.ada.set_all_partitions(&default, false).await;
    }
}

fn mask(path: &str) -> prost_types::FieldMask {
    prost_types::FieldMask { paths: vec![path.into()] }
}

impl Actor {
    /// Lets a workspace see all partitions, or no longer.
    pub async fn set_all_partitions(&self, workspace: &str, all_partitions: bool) {
        let workspace = pb::Workspace {
            workspace_id: workspace.into(),
            all_partitions,
            ..pb::Workspace::default()
        };
        let request = pb::UpdateWorkspaceRequest {
            workspace: Some(workspace),
            update_mask: Some(mask("all_partitions")),
            ..pb::UpdateWorkspaceRequest::default()
        };
        ok(self.workspaces().update_workspace(request).await);
    }

    /// The topology, as the caller sees it.
    pub async fn describe(
        &self,
        request: pb::DescribeTopologyRequest,
    ) -> pb::DescribeTopologyResponse {
        ok(self.topology().describe_topology(request).await)
    }

    /// Who sees a person or an asset, all pages of one each; the other of the two is empty.
    pub async fn who_can_see(
        &self,
        workspace: &str,
        person: &str,
        asset: &str,
        permission: &str,
    ) -> Vec<pb::Seer> {
        let mut request = pb::WhoCanSeeRequest {
            workspace_id: workspace.into(),
            person_id: person.into(),
            asset_id: asset.into(),
            permission: permission.into(),
            page_size: 2,
            page_token: String::new(),
        };
        let mut seers = Vec::new();
        loop {
            let page = ok(self.topology().who_can_see(request.clone()).await);
            seers.extend(page.seers);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return seers;
            }
        }
    }

    /// What a principal sees, all pages.
    pub async fn what_can_see(&self, principal: &str, kind: pb::SeenKind) -> Vec<pb::SeenThing> {
        let mut request = pb::WhatCanSeeRequest {
            principal: principal.into(),
            kind: kind.into(),
            page_size: 3,
            page_token: String::new(),
        };
        let mut seen = Vec::new();
        loop {
            let page = ok(self.topology().what_can_see(request.clone()).await);
            seen.extend(page.seen);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return seen;
            }
        }
    }
}

/// The findings of a kind.
pub fn of_kind(
    described: &pb::DescribeTopologyResponse,
    kind: pb::TopologyFindingKind,
) -> Vec<&pb::TopologyFinding> {
    described.findings.iter().filter(|one| one.kind() == kind).collect()
}

/// Everything that is told, as one text.
pub async fn told(actor: &Actor, format: &str) -> String {
    let request = json!({ "format": format });
    let reply: Json = actor.make("TopologyService/DescribeTopology", &request).await.ok();
    reply.to_string()
}
