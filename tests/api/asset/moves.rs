//! Moving assets within their workspace.

use precinct::pb::{self, Area, AssetType, ErrorReason, ReferenceKind};
use tonic::Code;

use super::{Pair, workspace};
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{listing, refers};
use crate::support::status::{assert_refused, fields, offenders};

on_both! {
    /// F-01: a program takes what is local to it along.
    async fn f_01_a_program_takes_its_assets_along(app) {
        let (admin, w) = workspace(app).await;
        let root = admin.root(&w, Area::MarketingActivities).await;
        let folder = admin.folder(&w, &root, "Events").await;
        let program = admin.asset(&w, AssetType::Program, "Fair").await;
        let email = admin.local(&w, &program, AssetType::Email, "Invitation").await;
        let moved = ok(admin.try_move_asset(&w, &program, &folder, "").await).asset.unwrap();
        assert_eq!(moved.folder_id, folder);
        assert_eq!(admin.get_asset(&w, &program).await, moved);
        assert_eq!(admin.get_asset(&w, &email).await.folder_id, folder);
        // What is in the program is not directly in the folder.
        let inside = admin.list_assets(pb::ListAssetsRequest { folder_id: folder, ..listing(&w) }).await;
        assert_eq!(inside.iter().map(|one| &one.asset_id).collect::<Vec<_>>(), [&program]);
    }

    /// F-01: an asset goes into a program and out of it, to a folder of its own area.
    async fn f_01_an_asset_goes_into_a_program_and_out_of_it(app) {
        let (admin, w) = workspace(app).await;
        let (design, marketing) =
            (admin.root(&w, Area::DesignStudio).await, admin.root(&w, Area::MarketingActivities).await);
        let program = admin.asset(&w, AssetType::Program, "Fair").await;
        let email = admin.asset(&w, AssetType::Email, "Invitation").await;
        let into = ok(admin.try_move_asset(&w, &email, "", &program).await).asset.unwrap();
        assert_eq!((&into.folder_id, &into.parent_program_id), (&marketing, &program));
        let status = admin.try_move_asset(&w, &email, &marketing, "").await;
        assert_refused(status, Code::InvalidArgument, ErrorReason::FolderAreaMismatch);
        let out = ok(admin.try_move_asset(&w, &email, &design, "").await).asset.unwrap();
        assert_eq!((&out.folder_id, out.parent_program_id.as_str()), (&design, ""));
        let before = admin.revision().await;
        assert_eq!(ok(admin.try_move_asset(&w, &email, &design, "").await).asset.unwrap(), out);
        assert_eq!(admin.revision().await, before, "M-05: to where it is already changes nothing");
    }

    /// F-01: what cannot be local goes into no program, and nothing goes into what is none.
    async fn f_01_only_what_may_be_local_goes_into_programs(app) {
        let (admin, w) = workspace(app).await;
        let program = admin.asset(&w, AssetType::Program, "Fair").await;
        let snippet = admin.asset(&w, AssetType::Snippet, "Footer").await;
        let email = admin.asset(&w, AssetType::Email, "Invitation").await;
        for (asset, target) in [(&snippet, &program), (&program, &program), (&email, &snippet)] {
            let status = admin.try_move_asset(&w, asset, "", target).await;
            let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["target_program_id"]);
        }
        let design = admin.root(&w, Area::DesignStudio).await;
        let status = admin.try_move_asset(&w, &email, &design, &program).await;
        let status = assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&status), ["target_folder_id"]);
        let status = admin.try_move_asset(&w, &email, "", "").await;
        assert_refused(status, Code::InvalidArgument, ErrorReason::InvalidField);
        let elsewhere = admin.workspace("Elsewhere", &[]).await;
        let status = admin.try_move_asset(&w, &email, &admin.root(&elsewhere, Area::DesignStudio).await, "").await;
        assert_refused(status, Code::NotFound, ErrorReason::FolderNotFound);
    }

    /// S-09: what another workspace uses through a share does not leave the shared folder; to a folder that it sees
    /// too, it goes.
    async fn s_09_what_others_use_stays_where_they_see_it(app) {
        let pair = Pair::new(app, Area::DesignStudio).await;
        let Pair { admin, owner, target, folder, .. } = &pair;
        let snippet = pair.shared(AssetType::Snippet, "Footer").await;
        admin.approve(owner, &snippet).await;
        let uses = [refers(ReferenceKind::Snippet, &snippet)];
        let email = admin.user_of(target, AssetType::Email, "Invitation", &uses).await;
        let below = admin.folder(owner, folder, "Below").await;
        ok(admin.try_move_asset(owner, &snippet, &below, "").await);
        let root = admin.root(owner, Area::DesignStudio).await;
        let status = admin.try_move_asset(owner, &snippet, &root, "").await;
        let status = assert_refused(status, Code::FailedPrecondition, ErrorReason::ReferenceWouldBreak);
        assert_eq!(offenders(&status), std::slice::from_ref(&email));
        ok(admin.try_delete_asset(target, &email).await);
        ok(admin.try_move_asset(owner, &snippet, &root, "").await);
        let status = admin.try_get_asset(target, &snippet, 0).await;
        assert_refused(status, Code::NotFound, ErrorReason::AssetNotFound);
    }
}
