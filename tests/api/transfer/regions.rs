//! K-01: a region is a boundary for whatever goes from one workspace to another, unless the tenant allows the pair.

use precinct::pb;
use precinct::pb::{Area, AssetType, ErrorReason};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::App;
use crate::support::actor::{Actor, new_workspace, ok};
use crate::support::status::{assert_refused, metadata};
use crate::support::transfers::{into, promotion};

/// Workspaces in the regions eu, uk and us, and one without a region; what is of eu may go to uk.
struct House {
    ada: Actor,
    eu: String,
    uk: String,
    us: String,
    none: String,
    email: String,
}

async fn regional(ada: &Actor, region: &str) -> String {
    let partition = ada.regional_partition(region, region).await;
    let mut request = new_workspace(region, &[&partition]);
    if let Some(workspace) = &mut request.workspace {
        workspace.region = region.into();
    }
    let made = ok(ada.workspaces().create_workspace(request).await);
    made.workspace.unwrap_or_default().workspace_id
}

impl House {
    async fn new(app: &App) -> Self {
        let pair = pb::RegionPair { from: "eu".into(), to: "uk".into() };
        let settings = pb::TenantSettings {
            allowed_region_pairs: vec![pair],
            ..pb::TenantSettings::default()
        };
        let made = ok(app.operator().try_create_tenant("acme", Some(settings)).await);
        let id = made.tenant.unwrap_or_default().tenant_id;
        let ada = Actor::member(app.server.clone(), &id, "user:owner");
        let eu = regional(&ada, "eu").await;
        let (uk, us) = (regional(&ada, "uk").await, regional(&ada, "us").await);
        let email = ada.asset(&eu, AssetType::Email, "Welcome").await;
        ada.approve(&eu, &email).await;
        Self { ada, eu, uk, us, none: made.default_workspace_id, email }
    }
}

#[track_caller]
fn assert_mismatch<T: std::fmt::Debug>(result: Result<T, Status>, from: &str, to: &str) {
    let refused = assert_refused(result, Code::FailedPrecondition, ErrorReason::RegionMismatch);
    assert_eq!(metadata(&refused, "from_region").as_deref(), Some(from));
    assert_eq!(metadata(&refused, "to_region").as_deref(), Some(to));
    assert!(refused.message().contains("allow the pair"), "it says what to do");
}

on_both! {
    /// K-01, K-02: promotion.
    async fn k_01_promotion_stays_within_regions(app) {
        let House { ada, eu, uk, us, none, email } = House::new(app).await;
        assert_mismatch(ada.try_promote(promotion(&eu, &us, &[&email])).await, "eu", "us");
        ada.promote(app, &promotion(&eu, &uk, &[&email])).await;
        ada.promote(app, &promotion(&eu, &none, &[&email])).await;
        let back = ada.asset(&uk, AssetType::SmartCampaign, "Back").await;
        assert_mismatch(ada.try_promote(promotion(&uk, &eu, &[&back])).await, "uk", "eu");
    }

    /// K-01, C-01: cloning.
    async fn k_01_clones_stay_within_regions(app) {
        let House { ada, eu, uk, us, none, email } = House::new(app).await;
        let clone = async |to: &str| {
            let request = pb::CloneAssetRequest {
                workspace_id: eu.clone(),
                asset_id: email.clone(),
                target_workspace_id: to.into(),
                display_name: format!("To {to}"),
                ..pb::CloneAssetRequest::default()
            };
            ada.assets().clone_asset(request).await
        };
        assert_mismatch(clone(&us).await, "eu", "us");
        for to in [&eu, &uk, &none] {
            ok(clone(to).await);
        }
    }

    /// K-01, C-04: moving folders.
    async fn k_01_folders_move_within_regions(app) {
        let House { ada, eu, uk, us, none, .. } = House::new(app).await;
        let root = ada.root(&eu, Area::DesignStudio).await;
        let folder = ada.folder(&eu, &root, "Spring").await;
        assert_mismatch(ada.try_move_folder(&eu, &folder, &us, "").await, "eu", "us");
        ok(ada.try_move_folder(&eu, &folder, &uk, "").await);
        assert_mismatch(ada.try_move_folder(&uk, &folder, &eu, "").await, "uk", "eu");
        ok(ada.try_move_folder(&uk, &folder, &none, "").await);
    }

    /// K-01, K-03: a package has its region with it, to whatever tenant it goes.
    async fn k_01_packages_stay_within_regions(app) {
        let House { ada, eu, uk, us, none, email } = House::new(app).await;
        let file = ada.package(&eu, &[&email]).await;
        assert_mismatch(ada.try_import(into(&us), &file).await, "eu", "us");
        for to in [&uk, &none] {
            assert_eq!(ada.import_package(into(to), &file).await.added, 1);
        }
    }
}
