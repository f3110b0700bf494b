//! K-02, K-03: what uses something that is gone for good goes nowhere, and says so.

use precinct::pb::{Area, AssetType, ErrorReason, ReferenceKind};
use tonic::{Code, Status};

use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::refers;
use crate::support::status::{assert_refused, offenders};
use crate::support::transfers::promotion;

on_both! {
    /// K-02, K-03, L-07: a snippet that was purged with its workspace is told to be missing, whether the email that uses it
    /// is promoted or exported; without it, the email goes.
    async fn k_03_what_is_gone_is_missing(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let asia = ada.workspace("Asia", &[&tenant.default_partition]).await;
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let shared = ada.folder(&asia, &ada.root(&asia, Area::DesignStudio).await, "Shared").await;
        ok(ada.try_share(&asia, &shared, &[home]).await);
        let snippet = ada.asset_in(&asia, &shared, AssetType::Snippet, "Footer").await;
        ada.approve(&asia, &snippet).await;
        let email = ada.user_of(home, AssetType::Email, "Mail", &[refers(ReferenceKind::Snippet, &snippet)]).await;
        ada.approve(home, &email).await;
        ada.delete_workspace(&asia).await;
        app.finish().await;
        app.a_month_passes().await;
        assert!(app.purge().await > 0);
        let missing = |refused: Result<(), Status>| {
            let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::RequirementMissing);
            offenders(&refused)
        };
        let promotion = promotion(home, &production, &[&email]);
        assert_eq!(missing(ada.try_promote(promotion.clone()).await.map(drop)), std::slice::from_ref(&snippet));
        let export = precinct::pb::ExportPackageRequest {
            workspace_id: home.clone(),
            asset_ids: vec![email.clone()],
            ..precinct::pb::ExportPackageRequest::default()
        };
        assert_eq!(missing(ada.try_package(export).await.map(drop)), [snippet]);
        ok(ada.try_refer(home, &email, &[]).await);
        ada.approve(home, &email).await;
        assert_eq!(ada.promote(app, &promotion).await.added, 1);
    }
}
