//! K-02, A-06: assets.clone where it comes from, assets.write where it goes, assets.approve there to approve.

use precinct::pb;
use precinct::pb::{AssetType, ErrorReason};
use tonic::Code;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::operations::refusal;
use crate::support::status::{assert_refused, metadata};
use crate::support::transfers::{into, promotion};

on_both! {
    /// each right that is missing is named, and a workspace that is not seen is not there.
    async fn k_02_promotion_needs_rights_on_both_sides(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        ada.approve(home, &email).await;
        let mut role = Vec::new();
        for (name, permissions) in [
            ("Reader", &["assets.read"][..]),
            ("Cloner", &["assets.clone"]),
            ("Writer", &["assets.write"]),
        ] {
            role.push(ada.role(name, permissions).await);
        }
        let [reader, cloner, writer] = &role[..] else { panic!("three roles") };
        let bob = tenant.user("bob");
        let request = promotion(home, &production, &[&email]);
        let missing = async |request: &pb::PromoteRequest| {
            let refused = bob.try_promote(request.clone()).await;
            let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
            metadata(&refused, "permission")
        };
        let hidden = bob.try_promote(request.clone()).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.grant("user:bob", reader, home).await;
        assert_eq!(missing(&request).await.as_deref(), Some("assets.clone"));
        ada.grant("user:bob", cloner, home).await;
        let hidden = bob.try_promote(request.clone()).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.grant("user:bob", reader, &production).await;
        assert_eq!(missing(&request).await.as_deref(), Some("assets.write"));
        let write = ada.grant("user:bob", writer, &production).await;
        let options = Some(pb::TransferOptions { approve: true, ..pb::TransferOptions::default() });
        let approving = pb::PromoteRequest { options, ..request.clone() };
        assert_eq!(missing(&approving).await.as_deref(), Some("assets.approve"));
        // a right that is lost before the work is done stops it.
        let operation = ok(bob.try_promote(request.clone()).await).operation.unwrap_or_default();
        ok(ada.try_revoke(&write).await);
        app.finish().await;
        let refused = refusal(&ada.operation(&operation.name).await);
        assert_refused(Err::<(), _>(refused), Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert!(ada.asset_names(&production).await.is_empty());
    }

    /// a promotion is not there for who sees the source alone, since what is in its way is in the target; nor is that
    /// in the audit log of the source.
    async fn a_06_a_promotion_is_for_who_sees_both_ends(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        ada.approve(home, &email).await;
        let cloner = ada.role("Cloner", &["assets.clone"]).await;
        let reader = ada.role("Reader", &["assets.read"]).await;
        let bob = tenant.user("bob");
        ada.grant("user:bob", &cloner, home).await;
        let started = ok(ada.try_promote(promotion(home, &production, &[&email])).await).operation;
        let name = started.unwrap_or_default().name;
        ada.asset(&production, AssetType::Email, "Welcome").await;
        app.finish().await;
        let refused = refusal(&ada.operation(&name).await);
        assert_refused(Err::<(), _>(refused), Code::AlreadyExists, ErrorReason::NameTaken);
        assert_refused(bob.try_operation(&name).await, Code::NotFound, ErrorReason::OperationNotFound);
        assert_refused(bob.try_cancel(&name).await, Code::NotFound, ErrorReason::OperationNotFound);
        assert_refused(bob.try_forget(&name).await, Code::NotFound, ErrorReason::OperationNotFound);
        assert!(bob.operation_names("").await.is_empty());
        ada.grant("user:bob", &reader, &production).await;
        assert_eq!(bob.operation_names("").await, std::slice::from_ref(&name));
        assert!(bob.operation(&name).await.done);
        let request = serde_json::json!({ "workspace_id": home });
        let log = ada.make("ActivityService/ListAuditEntries", &request).await.ok();
        let entries = log["entries"].as_array().cloned().unwrap_or_default();
        let ended = entries.iter().find(|one| one["kind"] == "operation.ended").expect("it is told").to_string();
        assert!(ended.contains("reason") && !ended.contains("Welcome"), "{ended}");
    }

    /// A-06, W-12: packages: assets.clone to write one, assets.write to bring one in, and not into an archive.
    async fn k_03_packages_need_rights(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let production = ada.workspace("Production", &[&tenant.default_partition]).await;
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        ada.approve(home, &email).await;
        let file = ada.package(home, &[&email]).await;
        let bob = tenant.user("bob");
        let reader = ada.role("Reader", &["assets.read"]).await;
        ada.grant("user:bob", &reader, "").await;
        let export = pb::ExportPackageRequest {
            workspace_id: home.clone(),
            asset_ids: vec![email],
            ..pb::ExportPackageRequest::default()
        };
        let refused = bob.try_package(export).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        let refused = bob.try_import(into(&production), &file).await;
        let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&refused, "permission").as_deref(), Some("assets.write"));
        let id = serde_json::json!({ "workspace_id": production });
        ada.make("WorkspaceService/ArchiveWorkspace", &id).await.ok();
        let refused = ada.try_import(into(&production), &file).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
    }
}
