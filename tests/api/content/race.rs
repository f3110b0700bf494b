//! Assets, shares and references under concurrency: the database ends in a state that the checker accepts (F-05, S-03,
//! S-09, G-01).

use precinct::pb;
use precinct::pb::{Area, AssetType, BrokenReason, ReferenceKind};
use tokio::task::JoinSet;

use crate::on_both;
use crate::support::actor::ok;
use crate::support::assets::{new_asset, refers};
use crate::support::status::reason;

const ROUNDS: usize = 5;

on_both! {
    /// S-09: an unsharing that races with a new reference to what it takes away: one of both is refused, and no
    /// reference dangles unnoticed.
    async fn s_09_unsharing_races_with_a_new_reference(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let folder = ada.folder(home, &ada.root(home, Area::DesignStudio).await, "Templates").await;
        let template = ada.asset_in(home, &folder, AssetType::EmailTemplate, "Plain").await;
        ada.approve(home, &template).await;
        let targets = [other.as_str()];
        for round in 0..ROUNDS {
            ok(ada.try_share(home, &folder, &targets).await);
            let email = ada.asset(&other, AssetType::Email, &format!("Email {round}")).await;
            let references = [refers(ReferenceKind::Template, &template)];
            let (referred, unshared) = tokio::join!(
                ada.try_refer(&other, &email, &references),
                ada.try_unshare(home, &folder, &targets, false)
            );
            match (&referred, &unshared) {
                (Ok(_), Err(status)) => assert_eq!(reason(status), "FailedPrecondition / SHARE_IN_USE"),
                (Err(status), Ok(_)) => assert_eq!(reason(status), "NotFound / REFERENCE_NOT_VISIBLE"),
                _ => panic!("one of both goes through: {referred:?} {unshared:?}"),
            }
            let found = ada.get_asset(&other, &email).await;
            assert!(found.references.iter().all(|one| one.broken() == BrokenReason::Unspecified));
            ok(ada.try_delete_asset(&other, &email).await);
        }
    }

    /// F-03: an asset that is deleted while somebody begins to use it is there and used, or gone and not.
    async fn f_03_deleting_races_with_a_new_reference(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let email = ada.asset(home, AssetType::Email, "Welcome").await;
        for round in 0..ROUNDS {
            let snippet = ada.asset(home, AssetType::Snippet, &format!("Snippet {round}")).await;
            let references = [refers(ReferenceKind::Snippet, &snippet)];
            let (referred, deleted) = tokio::join!(
                ada.try_refer(home, &email, &references),
                ada.try_delete_asset(home, &snippet)
            );
            match (&referred, &deleted) {
                (Ok(_), Err(status)) => assert_eq!(reason(status), "FailedPrecondition / ASSET_IN_USE"),
                (Err(status), Ok(_)) => assert_eq!(reason(status), "NotFound / REFERENCE_NOT_VISIBLE"),
                _ => panic!("one of both goes through: {referred:?} {deleted:?}"),
            }
        }
    }

    /// F-05: lists that begin to refer to each other at once never end in a circle.
    async fn f_05_racing_references_make_no_circle(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let mut lists = Vec::new();
        for number in 0..4 {
            lists.push(ada.asset(home, AssetType::SmartList, &format!("List {number}")).await);
        }
        let mut saves = JoinSet::new();
        for (at, id) in lists.iter().enumerate() {
            let (ada, home, id) = (ada.clone(), home.clone(), id.clone());
            let references = [refers(ReferenceKind::List, &lists[(at + 1) % 4])];
            saves.spawn(async move { ada.try_refer(&home, &id, &references).await.map(drop) });
        }
        let outcomes = saves.join_all().await;
        let refused: Vec<String> =
            outcomes.iter().filter_map(|one| one.as_ref().err()).map(reason).collect();
        assert_eq!(refused, ["FailedPrecondition / REFERENCE_CYCLE"], "the last one closes it");
    }

    /// S-03: a share that races with a newcomer that cannot be shared: one of both is refused.
    async fn s_03_sharing_races_with_a_newcomer(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::DesignStudio).await;
        let targets = [other.as_str()];
        for round in 0..ROUNDS {
            let folder = ada.folder(home, &root, &format!("Folder {round}")).await;
            let email = pb::Asset { folder_id: folder.clone(), ..new_asset(AssetType::Email, "Welcome") };
            let (made, shared) =
                tokio::join!(ada.try_asset(home, email), ada.try_share(home, &folder, &targets));
            match (&made, &shared) {
                (Ok(_), Err(status)) | (Err(status), Ok(_)) => {
                    assert_eq!(reason(status), "FailedPrecondition / NOT_SHAREABLE");
                }
                _ => panic!("one of both goes through: {made:?} {shared:?}"),
            }
        }
    }

    /// G-01: of segmentations that are made at once, as many are there as the limit allows, over all workspaces.
    async fn g_01_racing_segmentations_keep_the_limit(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let mut made = JoinSet::new();
        for number in 0..24 {
            let workspace = if number % 2 == 0 { home } else { &other }.clone();
            let ada = ada.clone();
            let asset = new_asset(AssetType::Segmentation, &format!("Segmentation {number}"));
            made.spawn(async move { ada.try_asset(&workspace, asset).await.map(drop) });
        }
        let outcomes = made.join_all().await;
        assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 20);
        let refused = outcomes.iter().filter_map(|one| one.as_ref().err());
        assert!(refused.map(reason).all(|one| one == "ResourceExhausted / SEGMENTATION_LIMIT"));
    }

    /// C-05, W-09: a folder that moves away while something is put into it takes it along, or leaves before.
    async fn c_05_moving_races_with_filling(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::DesignStudio).await;
        for round in 0..ROUNDS {
            let folder = ada.folder(home, &root, &format!("Folder {round}")).await;
            let email = pb::Asset { folder_id: folder.clone(), ..new_asset(AssetType::Email, "Welcome") };
            let (made, moved) =
                tokio::join!(ada.try_asset(home, email), ada.try_move_folder(home, &folder, &other, ""));
            ok(moved);
            match made {
                Ok(made) => {
                    let id = made.into_inner().asset.expect("an asset").asset_id;
                    assert_eq!(ada.get_asset(&other, &id).await.owner_workspace_id, other);
                }
                Err(status) => assert_eq!(reason(&status), "NotFound / FOLDER_NOT_FOUND"),
            }
        }
    }
}
