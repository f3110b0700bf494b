//! F-02: the names of assets.

use precinct::pb::{self, Area, AssetType, ErrorReason};
use tonic::Code;

use super::workspace;
use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::new_asset;
use crate::support::status::{assert_refused, metadata};

on_both! {
    /// F-02: names are unique in a folder, across types, after trimming and folding.
    async fn f_02_names_are_unique_in_a_folder(app) {
        let (admin, w) = workspace(app).await;
        let id = admin.asset(&w, AssetType::Email, "Straße").await;
        let taken = admin.try_asset(&w, new_asset(AssetType::Snippet, " STRASSE ")).await;
        let status = assert_refused(taken, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&status, "resource").as_deref(), Some("asset"));
        let root = admin.root(&w, Area::DesignStudio).await;
        let folder = admin.folder(&w, &root, "Beside").await;
        let beside = admin.asset_in(&w, &folder, AssetType::Email, "straße").await;
        let moved = admin.try_move_asset(&w, &beside, &root, "").await;
        assert_refused(moved, Code::AlreadyExists, ErrorReason::NameTaken);
        let other = admin.asset(&w, AssetType::Email, "Other").await;
        let rename = pb::Asset { asset_id: other, display_name: "Straße".into(), ..pb::Asset::default() };
        let renamed = admin.try_update_asset(&w, rename).await;
        assert_refused(renamed, Code::AlreadyExists, ErrorReason::NameTaken);
        ok(admin.try_delete_asset(&w, &id).await);
        ok(admin.try_move_asset(&w, &beside, &root, "").await);
    }

    /// F-02: a program is told from others by its name in all of its workspace.
    async fn f_02_names_of_programs_are_unique_in_their_workspace(app) {
        let (admin, w) = workspace(app).await;
        let root = admin.root(&w, Area::MarketingActivities).await;
        let folder = admin.folder(&w, &root, "Events").await;
        admin.asset_in(&w, &folder, AssetType::Program, "Fair").await;
        let taken = admin.try_asset(&w, new_asset(AssetType::Program, "FAIR")).await;
        assert_refused(taken, Code::AlreadyExists, ErrorReason::NameTaken);
        let other = admin.workspace("Other", &[]).await;
        admin.asset(&other, AssetType::Program, "Fair").await;
    }

    /// F-02: what is local needs a name of its own in its program, and not beside it.
    async fn f_02_names_of_local_assets_are_unique_in_their_program(app) {
        let (admin, w) = workspace(app).await;
        let fair = admin.asset(&w, AssetType::Program, "Fair").await;
        let gala = admin.asset(&w, AssetType::Program, "Gala").await;
        admin.local(&w, &fair, AssetType::Email, "Invitation").await;
        let other = admin.local(&w, &gala, AssetType::Email, "Invitation").await;
        let again = pb::Asset { parent_program_id: fair.clone(), ..new_asset(AssetType::Form, "invitation") };
        let taken = admin.try_asset(&w, again).await;
        assert_refused(taken, Code::AlreadyExists, ErrorReason::NameTaken);
        let moved = admin.try_move_asset(&w, &other, "", &fair).await;
        assert_refused(moved, Code::AlreadyExists, ErrorReason::NameTaken);
    }

    /// F-02: of racing creates of one name, one goes through.
    async fn f_02_racing_creates_of_a_name_give_one(app) {
        let (admin, w) = workspace(app).await;
        let creates = (0..10).map(|_| admin.try_asset(&w, new_asset(AssetType::Email, "One")));
        let mut made = 0;
        for result in futures_util::future::join_all(creates).await {
            match result {
                Ok(_) => made += 1,
                refused => {
                    assert_refused(refused, Code::AlreadyExists, ErrorReason::NameTaken);
                }
            }
        }
        assert_eq!((made, admin.asset_names(&w).await), (1, vec!["One".to_owned()]));
    }
}
