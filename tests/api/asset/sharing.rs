//! What workspaces see of assets that are shared to them.

use precinct::pb::{
    self, Area, AssetState, AssetType, BrokenReason, ErrorReason, ReferenceKind, SharingState,
};
use tonic::Code;

use super::Pair;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{listing, new_asset, refers, text_of};
use crate::support::status::{assert_refused, metadata, offenders};

on_both! {
    /// S-05: the owner's asset shows the arrow, the target's the padlock, in lists too.
    async fn s_05_both_ends_show_the_share(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, .. } = &pair;
        let id = pair.shared(AssetType::Snippet, "Footer").await;
        admin.approve(owner, &id).await;
        let out = admin.get_asset(owner, &id).await;
        assert_eq!((out.sharing_state(), out.read_only), (SharingState::SharedOut, false));
        let seen = admin.get_asset(target, &id).await;
        assert_eq!((seen.sharing_state(), seen.read_only), (SharingState::SharedIn, true));
        assert_eq!((&seen.workspace_id, &seen.owner_workspace_id), (target, owner));
        for (workspace, one) in [(owner, out), (target, seen)] {
            let listed = admin.list_assets(listing(workspace)).await;
            assert_eq!(listed, [pb::Asset { content: None, ..one }]);
        }
    }

    /// S-07, F-04: targets see what is approved, from the approval on, and nothing of drafts.
    async fn s_07_targets_see_what_is_approved(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, folder, .. } = &pair;
        let id = pair.shared(AssetType::Snippet, "Footer").await;
        admin.write_asset(owner, &id, "one").await;
        let hidden = |status| assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
        hidden(admin.try_get_asset(target, &id, 0).await.map(drop));
        assert!(admin.asset_names(target).await.is_empty());
        let within = pb::ListAssetsRequest { folder_id: folder.clone(), ..listing(target) };
        assert!(admin.list_assets(within.clone()).await.is_empty());
        admin.approve(owner, &id).await;
        assert_eq!(text_of(&admin.get_asset(target, &id).await), "one");
        assert_eq!(admin.list_assets(within).await.len(), 1);
        admin.write_asset(owner, &id, "two").await;
        let seen = admin.get_asset(target, &id).await;
        assert_eq!((text_of(&seen).as_str(), seen.state(), seen.version), ("one", AssetState::Approved, 1));
        admin.approve(owner, &id).await;
        assert_eq!(text_of(&admin.get_asset(target, &id).await), "two");
        hidden(admin.try_get_asset(target, &id, 1).await.map(drop));
        assert_eq!(admin.try_get_asset(target, &id, 2).await.unwrap().version, 2);
        let versions = pb::ListAssetVersionsRequest {
            workspace_id: target.clone(),
            asset_id: id.clone(),
            ..pb::ListAssetVersionsRequest::default()
        };
        let versions = ok(admin.assets().list_asset_versions(versions).await).versions;
        assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [2]);
        ok(admin.try_unapprove(owner, &id).await);
        hidden(admin.try_get_asset(target, &id, 0).await.map(drop));
        hidden(admin.try_get_asset(target, &id, 2).await.map(drop));
    }

    /// S-06: nothing changes through the target, whoever asks; and through the owner it does.
    async fn s_06_what_is_received_is_read_only(app) {
        let pair = Pair::new(app, Area::Database).await;
        let Pair { admin, owner, target, folder, .. } = &pair;
        let id = pair.shared(AssetType::SmartList, "List").await;
        let rename = pb::Asset { asset_id: id.clone(), display_name: "Mine".into(), ..pb::Asset::default() };
        let root = admin.root(target, Area::Database).await;
        let read_only = |status| {
            let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::SharedReadOnly);
            assert_eq!(metadata(&status, "owner_workspace_id").as_ref(), Some(owner));
        };
        read_only(admin.try_update_asset(target, rename.clone()).await.map(drop));
        read_only(admin.try_delete_asset(target, &id).await.map(drop));
        read_only(admin.try_move_asset(target, &id, &root, "").await.map(drop));
        read_only(admin.try_approve(target, &id).await.map(drop));
        let inside = pb::Asset { folder_id: folder.clone(), ..new_asset(AssetType::SmartList, "New") };
        read_only(admin.try_asset(target, inside).await.map(drop));
        ok(admin.try_update_asset(owner, rename).await);
        assert_eq!(admin.get_asset(target, &id).await.display_name, "Mine");
        // A draft is not there at all.
        let draft = pair.shared(AssetType::Segmentation, "Draft").await;
        let hidden = admin.try_approve(target, &draft).await;
        assert_refused(hidden, Code::NotFound, ErrorReason::AssetNotFound);
    }

    /// S-03: a shared folder, and all below it, refuses what cannot be shared.
    async fn s_03_a_shared_folder_refuses_what_cannot_be_shared(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, folder, .. } = &pair;
        let below = admin.folder(owner, folder, "Below").await;
        let outside = admin.asset(owner, AssetType::Email, "Invitation").await;
        for place in [folder, &below] {
            let email = pb::Asset { folder_id: place.clone(), ..new_asset(AssetType::Email, "New") };
            let status = admin.try_asset(owner, email).await;
            let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::NotShareable);
            assert_eq!(metadata(&status, "folder_id").as_ref(), Some(folder));
            let status = admin.try_move_asset(owner, &outside, place, "").await;
            let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::NotShareable);
            assert_eq!(offenders(&status), std::slice::from_ref(&outside));
            admin.asset_in(owner, place, AssetType::Snippet, "Footer").await;
        }
    }

    /// F-05, S-09: what is shared and live can be used; unshared by force, the use is broken and says why, and stands
    /// in the way of nothing but itself.
    async fn s_09_a_broken_reference_says_why(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, folder, .. } = &pair;
        let snippet = pair.shared(AssetType::Snippet, "Footer").await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let email = pb::Asset { references: uses.to_vec(), ..new_asset(AssetType::Email, "Invitation") };
        let draft = admin.try_asset(target, email.clone()).await;
        assert_refused(draft, Code::NotFound, ErrorReason::ReferenceNotVisible);
        admin.approve(owner, &snippet).await;
        let email = admin.asset_of(target, email).await;
        admin.approve(target, &email).await;
        admin.write_asset(target, &email, "two").await;
        let broken = async || admin.get_asset(target, &email).await.references[0].broken();
        assert_eq!(broken().await, BrokenReason::Unspecified);
        ok(admin.try_unshare(owner, folder, &[target], true).await);
        assert_eq!(broken().await, BrokenReason::NotShared);
        let refused = admin.try_refer(target, &email, &uses).await;
        assert_refused(refused, Code::NotFound, ErrorReason::ReferenceNotVisible);
        let rename = pb::Asset { asset_id: email.clone(), display_name: "Late".into(), ..pb::Asset::default() };
        ok(admin.try_update_asset(target, rename).await);
        admin.write_asset(target, &email, "three").await;
        let refused = admin.try_approve(target, &email).await;
        let status = assert_refused(refused, Code::FailedPrecondition, ErrorReason::BrokenReference);
        assert_eq!(metadata(&status, "reference_id"), Some(snippet.clone()));
        ok(admin.try_share(owner, folder, &[target]).await);
        admin.approve(target, &email).await;
    }

    /// W-08: while the owner is deleted, the use is broken for that reason.
    async fn w_08_a_reference_to_a_deleted_owner_says_so(app) {
        let pair = Pair::new(app, Area::Database).await;
        let Pair { admin, owner, target, .. } = &pair;
        let list = pair.shared(AssetType::SmartList, "List").await;
        let uses = [refers(ReferenceKind::List, &list)];
        let user = admin.user_of(target, AssetType::SmartList, "Uses", &uses).await;
        let delete = pb::DeleteWorkspaceRequest {
            workspace_id: owner.clone(),
            force: true,
            expected_asset_count: 1,
            ..pb::DeleteWorkspaceRequest::default()
        };
        ok(admin.workspaces().delete_workspace(delete).await);
        let broken = admin.get_asset(target, &user).await.references[0].broken();
        assert_eq!(broken, BrokenReason::OwnerDeleted);
        assert_eq!(admin.asset_names(target).await, ["Uses"]);
    }
}
