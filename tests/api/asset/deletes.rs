//! F-03: deleting assets.

use precinct::pb::{self, Area, AssetType, ErrorReason, ReferenceKind};
use tonic::Code;

use super::{Pair, workspace};
use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;
use crate::support::status::{assert_refused, metadata, offenders};

/// How many assets count against the quota.
async fn counted(operator: &Actor, tenant: &str) -> i64 {
    let request = pb::ListQuotasRequest { tenant_id: tenant.into() };
    let quotas = ok(operator.tenants().list_quotas(request).await).quotas;
    quotas.into_iter().find(|one| one.name == "assets").map(|one| one.used).unwrap_or_default()
}

on_both! {
    /// F-03: what is approved stays, until it is taken back.
    async fn f_03_what_is_approved_is_not_deleted(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Email, "Invitation").await;
        admin.approve(&w, &id).await;
        let status = admin.try_delete_asset(&w, &id).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetApproved);
        assert_eq!(metadata(&status, "asset_id").as_ref(), Some(&id));
        ok(admin.try_unapprove(&w, &id).await);
        assert_eq!(ok(admin.try_delete_asset(&w, &id).await).deleted_assets, 1);
        let status = admin.try_get_asset(&w, &id, 0).await;
        assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
    }

    /// F-03: what is used stays, be it by a draft, and is not taken back either; those that the caller sees are named.
    async fn f_03_what_is_used_is_not_deleted(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, tenant, .. } = &pair;
        let snippet = pair.shared(AssetType::Snippet, "Footer").await;
        admin.approve(owner, &snippet).await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let here = admin.user_of(owner, AssetType::Email, "Here", &uses).await;
        let there = admin.user_of(target, AssetType::Email, "There", &uses).await;
        admin.grant("user:bob", &built_in("Workspace admin"), owner).await;
        let bob = tenant.user("bob");
        for (caller, named) in [(admin, vec![here.clone(), there.clone()]), (&bob, vec![here.clone()])] {
            let status = caller.try_unapprove(owner, &snippet).await;
            let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
            assert_eq!(metadata(&status, "used_by").as_deref(), Some("2"));
            assert_eq!(offenders(&status), named);
        }
        for (workspace, user) in [(owner, &here), (target, &there)] {
            ok(admin.try_refer(workspace, user, &[]).await);
        }
        ok(admin.try_unapprove(owner, &snippet).await);
        ok(admin.try_refer(owner, &here, &uses).await);
        let status = bob.try_delete_asset(owner, &snippet).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
        assert_eq!(metadata(&status, "used_by").as_deref(), Some("1"));
        ok(admin.try_delete_asset(owner, &here).await);
        ok(bob.try_delete_asset(owner, &snippet).await);
    }

    /// F-03: what only a deleted workspace uses is used still: the workspace may come back.
    async fn f_03_a_deleted_workspace_still_uses(app) {
        let pair = Pair::new(app, Area::Database).await;
        let Pair { admin, owner, target, .. } = &pair;
        let list = pair.shared(AssetType::SmartList, "List").await;
        let uses = [refers(ReferenceKind::List, &list)];
        admin.user_of(target, AssetType::SmartList, "Uses", &uses).await;
        let delete = pb::DeleteWorkspaceRequest {
            workspace_id: target.clone(),
            force: true,
            expected_asset_count: 1,
            ..pb::DeleteWorkspaceRequest::default()
        };
        ok(admin.workspaces().delete_workspace(delete).await);
        let status = admin.try_delete_asset(owner, &list).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
        assert_eq!(metadata(&status, "used_by").as_deref(), Some("1"));
        let used = admin.used_by(owner, &list).await;
        assert_eq!((used.uses.len(), used.hidden_count), (0, 1));
    }

    /// F-03: a program goes with what is local to it, which may use each other; what is used from outside holds it.
    async fn f_03_a_program_goes_with_its_assets(app) {
        let tenant = app.tenant("acme").await;
        let admin = tenant.admin();
        let w = admin.workspace("Main", &[]).await;
        let program = admin.asset(&w, AssetType::Program, "Fair").await;
        let form = admin.local(&w, &program, AssetType::Form, "Sign up").await;
        let page = admin.local(&w, &program, AssetType::LandingPage, "Welcome").await;
        let uses = [refers(ReferenceKind::Form, &form)];
        ok(admin.try_refer(&w, &page, &uses).await);
        admin.approve(&w, &form).await;
        let status = admin.try_delete_asset(&w, &program).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetApproved);
        assert_eq!(metadata(&status, "asset_id").as_ref(), Some(&form));
        ok(admin.try_refer(&w, &page, &[]).await);
        ok(admin.try_unapprove(&w, &form).await);
        ok(admin.try_refer(&w, &page, &uses).await);
        let outside = admin.user_of(&w, AssetType::SmartCampaign, "Welcome", &uses).await;
        let status = admin.try_delete_asset(&w, &program).await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::AssetInUse);
        assert_eq!(offenders(&status), std::slice::from_ref(&outside));
        ok(admin.try_refer(&w, &outside, &[]).await);
        assert_eq!(counted(&app.operator(), &tenant.id).await, 4);
        assert_eq!(ok(admin.try_delete_asset(&w, &program).await).deleted_assets, 3);
        assert_eq!(counted(&app.operator(), &tenant.id).await, 1);
        assert_eq!(admin.asset_names(&w).await, ["Welcome"]);
    }

    /// F-03: its versions go with an asset, and its name is free again.
    async fn f_03_nothing_of_an_asset_is_left(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Snippet, "Footer").await;
        admin.approve(&w, &id).await;
        ok(admin.try_unapprove(&w, &id).await);
        ok(admin.try_delete_asset(&w, &id).await);
        let again = admin.asset(&w, AssetType::Snippet, "Footer").await;
        assert_eq!(admin.approve(&w, &again).await.approved_version, 1);
        let status = admin.try_get_asset(&w, &id, 1).await;
        assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
    }
}
