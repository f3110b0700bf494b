//! Folders (F-01 to F-03, W-09, W-11).

mod moves;
mod race;

use precinct::pb;
use precinct::pb::{Area, ErrorReason};
use tonic::{Code, Response, Status};

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, metadata};

async fn rename(
    actor: &Actor,
    workspace: &str,
    id: &str,
    name: &str,
    etag: &str,
) -> Result<Response<pb::UpdateFolderResponse>, Status> {
    let folder = pb::Folder {
        workspace_id: workspace.into(),
        folder_id: id.into(),
        display_name: name.into(),
        etag: etag.into(),
        ..pb::Folder::default()
    };
    let request =
        pb::UpdateFolderRequest { folder: Some(folder), ..pb::UpdateFolderRequest::default() };
    actor.folders().update_folder(request).await
}

fn names(folders: &[pb::Folder]) -> Vec<&str> {
    folders.iter().map(|one| one.display_name.as_str()).collect()
}

on_both! {
    /// W-11: a workspace comes with one root for each area, which stays as it is.
    async fn w_11_each_area_has_a_root_that_stays(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        for workspace in [&tenant.default_workspace, &other] {
            let roots = ada.list_folders(workspace, "", Area::Unspecified).await;
            assert_eq!(names(&roots), ["Database", "Design studio", "Marketing activities"]);
            assert!(roots.iter().all(|one| one.depth == 0 && one.parent_folder_id.is_empty()));
            assert!(roots.iter().all(|one| &one.owner_workspace_id == workspace && !one.read_only));
        }
        let root = ada.root(&other, Area::Database).await;
        let before = ada.revision().await;
        let reason = ErrorReason::RootFolder;
        let refused = [
            assert_refused(rename(&ada, &other, &root, "New", "").await, Code::FailedPrecondition, reason),
            assert_refused(ada.try_delete_folder(&other, &root).await, Code::FailedPrecondition, reason),
            assert_refused(
                ada.try_move_folder(&other, &root, &tenant.default_workspace, "").await,
                Code::FailedPrecondition,
                reason,
            ),
            assert_refused(
                ada.try_share(&other, &root, &[&tenant.default_workspace]).await,
                Code::FailedPrecondition,
                reason,
            ),
        ];
        for status in refused {
            assert_eq!(metadata(&status, "folder_id").as_deref(), Some(root.as_str()));
        }
        assert_eq!(ada.revision().await, before, "H-08: a refused call raises no revision");
    }

    /// F-02, H-07: names are unique among the folders of a parent, compared by their keys, and may repeat elsewhere.
    async fn f_02_names_are_unique_among_siblings(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::DesignStudio).await;
        let first = ada.folder(home, &root, "Spring").await;
        let refused = ada.try_folder(home, &root, " SPRING ").await;
        let refused = assert_refused(refused, Code::AlreadyExists, ErrorReason::NameTaken);
        assert_eq!(metadata(&refused, "resource").as_deref(), Some("folder"));
        let inner = ada.folder(home, &first, "Spring").await;
        let second = ada.folder(home, &root, "Summer").await;
        assert_refused(
            rename(&ada, home, &second, "spring", "").await,
            Code::AlreadyExists,
            ErrorReason::NameTaken,
        );
        assert_refused(
            ada.try_move_folder(home, &inner, "", &root).await,
            Code::AlreadyExists,
            ErrorReason::NameTaken,
        );
        let renamed = ok(rename(&ada, home, &first, "Autumn", "").await);
        assert_eq!(renamed.folder.map(|one| one.display_name).as_deref(), Some("Autumn"));
        ok(ada.try_move_folder(home, &inner, "", &root).await);
    }

    /// F-02: folders nest to depth 32, by making and by moving.
    async fn f_02_folders_nest_to_depth_32(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let mut chain = vec![root.clone()];
        for depth in 1..=32 {
            let parent = chain.last().expect("a root").clone();
            chain.push(ada.folder(home, &parent, &format!("Depth {depth}")).await);
        }
        let deepest = ok(ada.folders().get_folder(pb::GetFolderRequest {
            workspace_id: home.clone(),
            folder_id: chain[32].clone(),
        }).await);
        assert_eq!(deepest.folder.map(|one| one.depth), Some(32));
        let refused = ada.try_folder(home, &chain[32], "Too deep").await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::FolderTooDeep);
        assert_eq!(metadata(&refused, "limit").as_deref(), Some("32"));
        // A folder with one below it cannot go where it alone would fit.
        let pair = ada.folder(home, &root, "Pair").await;
        ada.folder(home, &pair, "Inner").await;
        let refused = ada.try_move_folder(home, &pair, "", &chain[31]).await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::FolderTooDeep);
        ok(ada.try_move_folder(home, &pair, "", &chain[30]).await);
        // Without its middle, the chain is less deep, to the last folder.
        ok(ada.try_move_folder(home, &chain[10], "", &root).await);
        let found = ada.try_get_folder(home, &chain[32]).await.expect("it is there");
        assert_eq!(found.depth, 23);
    }

    /// F-01: what is put into a folder is of its area.
    async fn f_01_areas_do_not_mix(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let studio = ada.root(home, Area::DesignStudio).await;
        let folder = pb::Folder {
            workspace_id: home.clone(),
            parent_folder_id: root.clone(),
            area: Area::DesignStudio.into(),
            display_name: "Wrong".into(),
            ..pb::Folder::default()
        };
        let request =
            pb::CreateFolderRequest { folder: Some(folder), ..pb::CreateFolderRequest::default() };
        let refused = ada.folders().create_folder(request).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::FolderAreaMismatch);
        let lists = ada.folder(home, &root, "Lists").await;
        let refused = ada.try_move_folder(home, &lists, "", &studio).await;
        let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::FolderAreaMismatch);
        assert_eq!(metadata(&refused, "area").as_deref(), Some("DESIGN_STUDIO"));
        assert_eq!(metadata(&refused, "expected_area").as_deref(), Some("DATABASE"));
    }

    /// F-03, S-10: only an empty folder is deleted, and then it is gone.
    async fn f_03_only_an_empty_folder_is_deleted(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let outer = ada.folder(home, &root, "Outer").await;
        let inner = ada.folder(home, &outer, "Inner").await;
        let before = ada.revision().await;
        let refused = ada.try_delete_folder(home, &outer).await;
        let refused = assert_refused(refused, Code::FailedPrecondition, ErrorReason::FolderNotEmpty);
        assert_eq!(metadata(&refused, "folders").as_deref(), Some("1"));
        assert_eq!(metadata(&refused, "assets").as_deref(), Some("0"));
        assert_eq!(ada.revision().await, before);
        ok(ada.try_delete_folder(home, &inner).await);
        ok(ada.try_delete_folder(home, &outer).await);
        let gone = ada.try_get_folder(home, &outer).await;
        assert_refused(gone, Code::NotFound, ErrorReason::FolderNotFound);
        ada.folder(home, &root, "Outer").await;
    }

    /// W-09: a folder with another workspace's id is not found, as one that never was.
    async fn w_09_a_folder_is_found_through_its_workspace_only(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(home, Area::Database).await;
        let folder = ada.folder(home, &root, "Lists").await;
        let foreign = ada.try_get_folder(&other, &folder).await.expect_err("it is hidden");
        let never = uuid::Uuid::now_v7().to_string();
        let missing = ada.try_get_folder(&other, &never).await.expect_err("it is not there");
        assert_eq!((foreign.code(), foreign.message()), (missing.code(), missing.message()));
        for refused in [
            rename(&ada, &other, &folder, "Mine", "").await.map(drop),
            ada.try_delete_folder(&other, &folder).await.map(drop),
            ada.try_move_folder(&other, &folder, home, "").await.map(drop),
            ada.try_folder(&other, &folder, "Below").await.map(drop),
            ada.try_share(&other, &folder, &[home]).await.map(drop),
        ] {
            assert_refused(refused, Code::NotFound, ErrorReason::FolderNotFound);
        }
    }

    /// H-02, W-06: an update takes a mask and an etag, and one that changes nothing raises no revision.
    async fn h_02_a_folder_changes_with_its_etag(app) {
        let tenant = app.tenant("acme").await;
        let (ada, home) = (tenant.admin(), &tenant.default_workspace);
        let root = ada.root(home, Area::Database).await;
        let id = ada.folder(home, &root, "Lists").await;
        let etag = ada.try_get_folder(home, &id).await.expect("it is there").etag;
        ok(rename(&ada, home, &id, "People", &etag).await);
        let stale = rename(&ada, home, &id, "Others", &etag).await;
        assert_refused(stale, Code::Aborted, ErrorReason::EtagMismatch);
        let before = ada.revision().await;
        ok(rename(&ada, home, &id, "People", "").await);
        assert_eq!(ada.revision().await, before);
    }

    /// W-12: an archived workspace shows its folders, and changes none.
    async fn w_12_an_archived_workspace_keeps_its_folders(app) {
        let tenant = app.tenant("acme").await;
        let ada = tenant.admin();
        let other = ada.workspace("Other", &[&tenant.default_partition]).await;
        let root = ada.root(&other, Area::Database).await;
        let folder = ada.folder(&other, &root, "Lists").await;
        let request = pb::ArchiveWorkspaceRequest {
            workspace_id: other.clone(),
            ..pb::ArchiveWorkspaceRequest::default()
        };
        ok(ada.workspaces().archive_workspace(request).await);
        assert_eq!(ada.list_folders(&other, &root, Area::Unspecified).await.len(), 1);
        let home = &tenant.default_workspace;
        for refused in [
            ada.try_folder(&other, &root, "New").await.map(drop),
            rename(&ada, &other, &folder, "New", "").await.map(drop),
            ada.try_delete_folder(&other, &folder).await.map(drop),
            ada.try_move_folder(&other, &folder, home, "").await.map(drop),
            ada.try_share(&other, &folder, &[home]).await.map(drop),
        ] {
            assert_refused(refused, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
        }
        let mine = ada.folder(home, &ada.root(home, Area::Database).await, "Mine").await;
        let refused = ada.try_move_folder(home, &mine, &other, "").await;
        assert_refused(refused, Code::FailedPrecondition, ErrorReason::WorkspaceArchived);
    }
}
