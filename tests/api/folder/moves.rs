//! Moving folders to other workspaces (C-04, C-05, C-07).

use precinct::pb;
use precinct::pb::{Area, ErrorReason, SharingState};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::ok;
use crate::support::folders::moving;
use crate::support::status::{assert_refused, metadata};

on_both! {
    /// C-04: a folder goes to another workspace with all below it, and keeps its ids.
    async fn c_04_a_folder_moves_with_all_below_it(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::Database).await;
        let outer = ada.folder(home, &root, "Outer").await;
        let inner = ada.folder(home, &outer, "Inner").await;
        let place = ada.folder(&other, &ada.root(&other, Area::Database).await, "Place").await;
        let moved = ok(ada.try_move_folder(home, &outer, &other, &place).await);
        let moved = moved.folder.expect("the folder is answered");
        assert_eq!((moved.folder_id, moved.depth), (outer.clone(), 2));
        assert_eq!((moved.owner_workspace_id, moved.parent_folder_id), (other.clone(), place));
        let below = ada.try_get_folder(&other, &inner).await.expect("it came along");
        assert_eq!((below.depth, below.parent_folder_id), (3, outer.clone()));
        for id in [&outer, &inner] {
            let gone = ada.try_get_folder(home, id).await;
            assert_refused(gone, Code::NotFound, ErrorReason::FolderNotFound);
        }
        // To the root of its area, if no parent is named; a second time, nothing changes.
        ok(ada.try_move_folder(&other, &outer, home, "").await);
        let before = ada.revision().await;
        ok(ada.try_move_folder(home, &outer, home, &root).await);
        assert_eq!(ada.revision().await, before, "H-08");
    }

    /// C-04, A-06: moving to another workspace needs assets.move on both sides.
    async fn c_04_a_move_needs_the_right_on_both_sides(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::Database).await, "Lists").await;
        let bob = tenant.user("bob");
        ada.grant("user:bob", &built_in("Workspace admin"), home).await;
        let refused = bob.try_move_folder(home, &folder, &other, "").await;
        assert_refused(refused, Code::NotFound, ErrorReason::WorkspaceNotFound);
        ada.grant("user:bob", &built_in("Marketer"), &other).await;
        let refused = bob.try_move_folder(home, &folder, &other, "").await;
        let refused = assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
        assert_eq!(metadata(&refused, "permission").as_deref(), Some("assets.move"));
        assert_eq!(metadata(&refused, "workspace_id").as_deref(), Some(other.as_str()));
        ada.grant("user:bob", &built_in("Workspace admin"), &other).await;
        ok(bob.try_move_folder(home, &folder, &other, "").await);
        let cay = tenant.user("cay");
        ada.grant("user:cay", &built_in("Marketer"), home).await;
        ada.grant("user:cay", &built_in("Workspace admin"), &other).await;
        let mine = ada.folder(home, &ada.root(home, Area::Database).await, "Mine").await;
        let refused = cay.try_move_folder(home, &mine, &other, "").await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
    }

    /// C-07: the share to the new owner ends, the others stay.
    async fn c_07_a_moved_folder_keeps_its_other_shares(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let third = ada.workspace("Third", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::Database).await, "Lists").await;
        ok(ada.try_share(home, &folder, &[&other, &third]).await);
        let request = pb::MoveFolderRequest { validate_only: true, ..moving(home, &folder, &other, "") };
        let plan = ok(ada.folders().move_folder(request).await).plan.expect("a plan");
        let ended: Vec<_> = plan.shares_ended.iter().map(|one| &one.target_workspace_id).collect();
        assert_eq!(ended, [&other]);
        ok(ada.try_move_folder(home, &folder, &other, "").await);
        let seen = ada.try_get_folder(&third, &folder).await.expect("it is shared still");
        assert_eq!(seen.sharing_state(), SharingState::SharedIn);
        assert_eq!(seen.owner_workspace_id, other);
        let own = ada.try_get_folder(&other, &folder).await.expect("it is its own now");
        assert_eq!((own.sharing_state(), own.read_only), (SharingState::SharedOut, false));
        let request = pb::ListSharesRequest { workspace_id: other.clone(), ..pb::ListSharesRequest::default() };
        let shares = ok(ada.sharing().list_shares(request).await).shares;
        assert_eq!(shares.len(), 1);
        assert_eq!((&shares[0].owner_workspace_id, &shares[0].target_workspace_id), (&other, &third));
    }

    /// S-02: a shared folder does not move to where it could not be shared.
    async fn s_02_a_shared_folder_does_not_sink(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::Database).await;
        let (shared, plain) = (ada.folder(home, &root, "Shared").await, ada.folder(home, &root, "Plain").await);
        ok(ada.try_share(home, &shared, &[&other]).await);
        let refused = ada.try_move_folder(home, &shared, "", &plain).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::FolderTooDeep);
        assert_eq!(metadata(&refused, "limit").as_deref(), Some("1"));
        ok(ada.try_unshare(home, &shared, &[&other], false).await);
        ok(ada.try_move_folder(home, &shared, "", &plain).await);
    }
}
