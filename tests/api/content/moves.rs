//! Moving folders with assets, and deleting workspaces with them (C-04, C-05, W-07, X-02).

use precinct::pb;
use precinct::pb::{Area, AssetType, BrokenReason, ErrorReason, ReferenceKind};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::assets::refers;
use crate::support::folders::{moving, sharing};
use crate::support::members::{Kind, Members};
use crate::support::status::{assert_refused, metadata, offenders};

/// What a plan says of a workspace.
fn effect<'a>(plan: &'a pb::Plan, workspace: &str) -> Option<&'a pb::WorkspaceEffect> {
    plan.effects.iter().find(|one| one.workspace_id == workspace)
}

async fn delete(actor: &Actor, id: &str, expected: Option<i64>) -> Result<(), tonic::Status> {
    let request = pb::DeleteWorkspaceRequest {
        workspace_id: id.into(),
        force: expected.is_some(),
        expected_asset_count: expected.unwrap_or_default(),
        ..pb::DeleteWorkspaceRequest::default()
    };
    actor.workspaces().delete_workspace(request).await.map(drop)
}

on_both! {
    /// C-04, C-05: assets move with their folder and keep their ids; what would leave a broken reference, on either
    /// side, keeps all of it where it is, and is named.
    async fn c_05_a_move_breaks_no_reference(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::DesignStudio).await;
        let folder = ada.folder(home, &root, "Going").await;
        let inner = ada.folder(home, &folder, "Inner").await;
        let template = ada.asset_in(home, &inner, AssetType::EmailTemplate, "Plain").await;
        let snippet = ada.asset(home, AssetType::Snippet, "Footer").await;
        let staying = ada.user_of(home, AssetType::Email, "Staying", &[refers(ReferenceKind::Template, &template)]).await;
        let before = ada.revision().await;
        let refused = ada.try_move_folder(home, &folder, &other, "").await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceWouldBreak);
        assert_eq!(offenders(&refused), [staying.as_str()]);
        ok(ada.try_refer(home, &template, &[refers(ReferenceKind::Snippet, &snippet)]).await);
        ok(ada.try_refer(home, &staying, &[]).await);
        let refused = ada.try_move_folder(home, &folder, &other, "").await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ReferenceWouldBreak);
        assert_eq!(offenders(&refused), [template.as_str()]);
        assert_eq!(ada.revision().await, before + 2, "H-08");
        // With both ends in it, the folder goes.
        ok(ada.try_move_asset(home, &snippet, &inner, "").await);
        let plan = pb::MoveFolderRequest { validate_only: true, ..moving(home, &folder, &other, "") };
        let plan = ok(ada.folders().move_folder(plan).await).plan.expect("a plan");
        let (lost, gained) = (effect(&plan, home).expect("home"), effect(&plan, &other).expect("other"));
        assert_eq!((lost.assets_lost, lost.references_lost), (2, 1));
        assert_eq!((gained.assets_gained, gained.references_gained), (2, 1));
        ok(ada.try_move_folder(home, &folder, &other, "").await);
        let moved = ada.get_asset(&other, &template).await;
        assert_eq!((moved.owner_workspace_id, moved.folder_id), (other.clone(), inner));
        assert_eq!(moved.references[0].broken(), BrokenReason::Unspecified);
        assert_eq!(ada.asset_names(home).await, ["Staying"]);
        assert_eq!(ada.asset_names(&other).await, ["Footer", "Plain"]);
    }

    /// F-02: a program whose name is taken there does not move there.
    async fn f_02_program_names_are_unique_where_they_go(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::MarketingActivities).await, "Going").await;
        ada.asset_in(home, &folder, AssetType::Program, "Launch").await;
        ada.asset(&other, AssetType::Program, "LAUNCH").await;
        let refused = ada.try_move_folder(home, &folder, &other, "").await;
        let refused = assert_refused(refused, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&refused, "name").as_deref(), Some("Launch"));
    }

    /// S-03: what cannot be shared does not move into what is shared.
    async fn s_03_no_unshareable_newcomers(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::DesignStudio).await;
        let (shared, plain) = (ada.folder(home, &root, "Shared").await, ada.folder(home, &root, "Plain").await);
        ok(ada.try_share(home, &shared, &[&other]).await);
        let email = ada.asset_in(home, &plain, AssetType::Email, "Welcome").await;
        let refused = ada.try_move_folder(home, &plain, "", &shared).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::NotShareable);
        assert_eq!(offenders(&refused), [email.as_str()]);
    }

    /// X-02, S-09: the plan of an unsharing says what breaks; forced, it breaks and says why; shared again, it holds.
    async fn s_09_unsharing_breaks_what_uses_it(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Templates").await;
        let template = ada.asset_in(home, &folder, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        let share = |targets: &[&str]| sharing(home, &folder, targets);
        let plan = pb::ShareFolderRequest { validate_only: true, ..share(&[&other]) };
        let plan = ok(ada.sharing().share_folder(plan).await).plan.expect("a plan");
        assert_eq!(effect(&plan, &other).map(|one| one.assets_gained), Some(1));
        ok(ada.sharing().share_folder(share(&[&other])).await);
        let email = ada.user_of(&other, AssetType::Email, "Welcome", &[refers(ReferenceKind::Template, &template)]).await;
        let before = ada.revision().await;
        for refused in [
            ada.sharing().share_folder(share(&[])).await.map(drop),
            ada.try_unshare(home, &folder, &[&other], false).await.map(drop),
        ] {
            let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ShareInUse);
            assert_eq!(offenders(&refused), [email.as_str()]);
            assert_eq!(metadata(&refused, "references").as_deref(), Some("1"));
        }
        assert_eq!(ada.revision().await, before, "H-08");
        let plan = pb::ShareFolderRequest { validate_only: true, force: true, ..share(&[]) };
        let plan = ok(ada.sharing().share_folder(plan).await).plan.expect("a plan");
        let lost = effect(&plan, &other).expect("other");
        assert_eq!((lost.assets_lost, lost.references_broken), (1, 1));
        assert_eq!(plan.broken_references[0].asset_id, email);
        // People do not make it stale.
        let list = ada.asset(home, AssetType::StaticList, "Who").await;
        let person = ada.person(home, "ada@example.com").await.person_id;
        Members::new(&ada, Kind::List, home, &list).add(&[&person]).await;
        let same = pb::ShareFolderRequest { validate_only: true, force: true, ..share(&[]) };
        let same = pb::ShareFolderRequest { plan_token: plan.plan_token.clone(), ..same };
        assert_eq!(ok(ada.sharing().share_folder(same).await).plan.as_ref(), Some(&plan));
        // who does not read assets there learns how many break, and not which.
        let bob = tenant.user("bob");
        let sees = ada.role("Sees", &["workspaces.read"]).await;
        ada.grant("user:bob", &built_in("Workspace admin"), home).await;
        ada.grant("user:bob", &sees, &other).await;
        let refused = bob.try_unshare(home, &folder, &[&other], false).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::ShareInUse);
        assert!(!format!("{refused:?}").contains(&email), "{refused:?}");
        assert_eq!(metadata(&refused, "references").as_deref(), Some("1"));
        // What the plan read changes: the template is used by one more.
        let second = ada.user_of(&other, AssetType::Email, "Second", &[refers(ReferenceKind::Template, &template)]).await;
        let stale = pb::ShareFolderRequest { force: true, plan_token: plan.plan_token, ..share(&[]) };
        assert_refused(ada.sharing().share_folder(stale).await, Code::Aborted, ErrorReason::PlanStale);
        ok(ada.try_delete_asset(&other, &second).await);
        ok(ada.try_unshare(home, &folder, &[&other], true).await);
        let broken = ada.get_asset(&other, &email).await;
        assert_eq!(broken.references[0].broken(), BrokenReason::NotShared);
        ok(ada.sharing().share_folder(share(&[&other])).await);
        let mended = ada.get_asset(&other, &email).await;
        assert_eq!(mended.references[0].broken(), BrokenReason::Unspecified);
    }

    /// G-05: sharing segmentations with a workspace that sees no partition of the owner's succeeds, and warns.
    async fn g_05_a_share_without_overlap_warns(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let (north, south) = (ada.partition("North").await, ada.partition("South").await);
        let owner = ada.workspace("Owner", &[&north]).await;
        let apart = ada.workspace("Apart", &[&south]).await;
        let both = ada.workspace("Both", &[&north, &south]).await;
        let folder = ada.folder(&owner, &ada.root(&owner, Area::Database).await, "Segments").await;
        let shared = ok(ada.sharing().share_folder(sharing(&owner, &folder, &[&apart])).await);
        assert!(shared.warnings.is_empty(), "there is no segmentation in it yet");
        let id = ada.asset_in(&owner, &folder, AssetType::Segmentation, "Countries").await;
        let shared = ok(ada.sharing().share_folder(sharing(&owner, &folder, &[&apart, &both])).await);
        assert_eq!((shared.shares.len(), shared.warnings.len()), (2, 1));
        let warning = &shared.warnings[0];
        assert_eq!(warning.kind(), pb::SharingWarningKind::NoPartitionOverlap);
        assert_eq!((&warning.target_workspace_id, &warning.asset_ids), (&apart, &vec![id]));
    }

    /// W-07, W-08, W-13: a workspace that holds assets goes with the right count only; what used them says why it is
    /// broken, until the workspace is back.
    async fn w_07_a_workspace_goes_with_its_assets(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(&other, &ada.root(&other, Area::DesignStudio).await, "Templates").await;
        let template = ada.asset_in(&other, &folder, AssetType::EmailTemplate, "Plain").await;
        ada.approve(&other, &template).await;
        ada.asset(&other, AssetType::SmartList, "Who").await;
        ok(ada.try_share(&other, &folder, &[home]).await);
        let email = ada.user_of(home, AssetType::Email, "Welcome", &[refers(ReferenceKind::Template, &template)]).await;
        let refused = delete(&ada, &other, None).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::WorkspaceNotEmpty);
        let facts = ["assets", "assets.email_template", "assets.smart_list"].map(|key| metadata(&refused, key));
        assert_eq!(facts, ["2", "1", "1"].map(|text| Some(text.to_owned())));
        let refused = delete(&ada, &other, Some(3)).await;
        let refused = assert_refused(refused, Code::Aborted, ErrorReason::AssetCountMismatch);
        assert_eq!(metadata(&refused, "actual").as_deref(), Some("2"));
        let plan = pb::DeleteWorkspaceRequest {
            workspace_id: other.clone(),
            force: true,
            expected_asset_count: 2,
            validate_only: true,
            ..pb::DeleteWorkspaceRequest::default()
        };
        let plan = ok(ada.workspaces().delete_workspace(plan).await).plan.expect("a plan");
        let lost = effect(&plan, home).expect("home");
        assert_eq!((lost.assets_lost, lost.references_broken), (1, 1));
        assert_eq!(effect(&plan, &other).map(|one| one.assets_lost), Some(2));
        delete(&ada, &other, Some(2)).await.expect("the count is right");
        let broken = ada.get_asset(home, &email).await;
        assert_eq!(broken.references[0].broken(), BrokenReason::OwnerDeleted);
        assert_eq!(ada.asset_names(home).await, ["Welcome"]);
        let request = pb::UndeleteWorkspaceRequest { workspace_id: other.clone(), ..pb::UndeleteWorkspaceRequest::default() };
        ok(ada.workspaces().undelete_workspace(request).await);
        let mended = ada.get_asset(home, &email).await;
        assert_eq!(mended.references[0].broken(), BrokenReason::Unspecified);
        assert_eq!(ada.asset_names(&other).await, ["Plain", "Who"]);
    }

    /// G-01, W-13: a deleted workspace's segmentations do not count, and must have room when it comes back.
    async fn g_01_restored_segmentations_need_room(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        ada.asset(&other, AssetType::Segmentation, "There").await;
        let limit = |limit| pb::UpdateTenantRequest {
            tenant: Some(pb::Tenant {
                tenant_id: tenant.id.clone(),
                settings: Some(pb::TenantSettings { segmentation_limit: limit, ..pb::TenantSettings::default() }),
                ..pb::Tenant::default()
            }),
            ..pb::UpdateTenantRequest::default()
        };
        ok(ada.tenants().update_tenant(limit(1)).await);
        delete(&ada, &other, Some(1)).await.expect("the count is right");
        ada.asset(home, AssetType::Segmentation, "Here").await;
        let request = pb::UndeleteWorkspaceRequest { workspace_id: other.clone(), ..pb::UndeleteWorkspaceRequest::default() };
        let refused = ada.workspaces().undelete_workspace(request.clone()).await;
        let refused = assert_refused(refused, Code::ResourceExhausted, ErrorReason::SegmentationLimit);
        assert_eq!(["limit", "total"].map(|key| metadata(&refused, key).unwrap_or_default()), ["1", "1"]);
        ok(ada.tenants().update_tenant(limit(2)).await);
        ok(ada.workspaces().undelete_workspace(request).await);
        // T-03: and then the limit cannot go below what there is.
        let refused = ada.tenants().update_tenant(limit(1)).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::SettingConflictsWithData);
    }
}
