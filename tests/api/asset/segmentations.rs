//! G-01: how many segmentations a tenant has.

use precinct::pb::{self, AssetType, ErrorReason};
use serde_json::json;
use tonic::Code;

use super::workspace;
use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::assets::new_asset;
use crate::support::status::{assert_refused, metadata};

/// Allows so many.
async fn limit(admin: &Actor, limit: i32) {
    let tenant = json!({ "tenant": { "settings": { "segmentation_limit": limit } } });
    admin.make("TenantService/UpdateTenant", &tenant).await.ok();
}

fn segmentation(name: &str) -> pb::Asset {
    new_asset(AssetType::Segmentation, name)
}

on_both! {
    /// G-01: the limit is the tenant's, over all its workspaces, drafts and approved ones alike; what is deleted makes
    /// room, a whole workspace too.
    async fn g_01_the_limit_is_the_tenants(app) {
        let (admin, one) = workspace(app).await;
        let two = admin.workspace("Two", &[]).await;
        limit(&admin, 2).await;
        let first = admin.asset(&one, AssetType::Segmentation, "First").await;
        app.approve_segmentation(&admin, &one, &first).await;
        admin.asset(&two, AssetType::Segmentation, "Second").await;
        for workspace in [&one, &two] {
            let status = admin.try_asset(workspace, segmentation("Third")).await;
            let status = assert_refused(status, Code::ResourceExhausted, ErrorReason::SegmentationLimit);
            let facts = ["limit", "total"].map(|key| metadata(&status, key));
            assert_eq!(facts, [Some("2".into()), Some("2".into())]);
        }
        admin.asset(&one, AssetType::SmartList, "Beside").await;
        let delete = pb::DeleteWorkspaceRequest {
            workspace_id: two.clone(),
            force: true,
            expected_asset_count: 1,
            ..pb::DeleteWorkspaceRequest::default()
        };
        ok(admin.workspaces().delete_workspace(delete).await);
        admin.asset(&one, AssetType::Segmentation, "Third").await;
        ok(admin.try_unapprove_segmentation(&one, &first).await);
        ok(admin.try_delete_asset(&one, &first).await);
        admin.asset(&one, AssetType::Segmentation, "Fourth").await;
    }

    /// G-01: racing creates in several workspaces do not pass the limit.
    async fn g_01_racing_creates_stop_at_the_limit(app) {
        let (admin, one) = workspace(app).await;
        let two = admin.workspace("Two", &[]).await;
        limit(&admin, 3).await;
        let creates = (0..10).map(|n| {
            let workspace = if n % 2 == 0 { &one } else { &two };
            let (admin, new) = (&admin, segmentation(&format!("No. {n}")));
            async move { admin.try_asset(workspace, new).await }
        });
        let mut made = 0;
        for result in futures_util::future::join_all(creates).await {
            match result {
                Ok(_) => made += 1,
                refused => {
                    assert_refused(refused, Code::ResourceExhausted, ErrorReason::SegmentationLimit);
                }
            }
        }
        assert_eq!(made, 3);
    }
}
