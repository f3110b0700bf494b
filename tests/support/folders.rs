//! Shorthands for folders and shares.

use precinct::pb;
use tonic::{Response, Status};

use super::actor::{Actor, ok};

// === impl Actor ===

impl Actor {
    /// A folder in another one; its id.
    pub async fn folder(&self, workspace: &str, parent: &str, name: &str) -> String {
        let made = ok(self.try_folder(workspace, parent, name).await);
        made.folder.map(|folder| folder.folder_id).unwrap_or_default()
    }

    pub async fn try_folder(
        &self,
        workspace: &str,
        parent: &str,
        name: &str,
    ) -> Result<Response<pb::CreateFolderResponse>, Status> {
        let folder = pb::Folder {
            workspace_id: workspace.into(),
            parent_folder_id: parent.into(),
            display_name: name.into(),
            ..pb::Folder::default()
        };
        let request =
            pb::CreateFolderRequest { folder: Some(folder), ..pb::CreateFolderRequest::default() };
        self.folders().create_folder(request).await
    }

    /// The root of an area.
    pub async fn root(&self, workspace: &str, area: pb::Area) -> String {
        let all = self.list_folders(workspace, "", area).await;
        let root =
            all.into_iter().find(|one| one.depth == 0 && one.owner_workspace_id == workspace);
        root.expect("every area has a root").folder_id
    }

    /// Folders by name: all (no parent), or those directly in one.
    pub async fn list_folders(
        &self,
        workspace: &str,
        parent: &str,
        area: pb::Area,
    ) -> Vec<pb::Folder> {
        let request = pb::ListFoldersRequest {
            workspace_id: workspace.into(),
            area: area.into(),
            parent_folder_id: parent.into(),
            page_size: 1_000,
            ..pb::ListFoldersRequest::default()
        };
        ok(self.folders().list_folders(request).await).folders
    }

    /// A folder, as a workspace sees it.
    pub async fn try_get_folder(&self, workspace: &str, id: &str) -> Result<pb::Folder, Status> {
        let request = pb::GetFolderRequest { workspace_id: workspace.into(), folder_id: id.into() };
        let found = self.folders().get_folder(request).await?.into_inner();
        Ok(found.folder.unwrap_or_default())
    }

    /// Moves a folder; an empty parent is the root of its area.
    pub async fn try_move_folder(
        &self,
        workspace: &str,
        id: &str,
        target: &str,
        parent: &str,
    ) -> Result<Response<pb::MoveFolderResponse>, Status> {
        self.folders().move_folder(moving(workspace, id, target, parent)).await
    }

    pub async fn try_delete_folder(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::DeleteFolderResponse>, Status> {
        let request = pb::DeleteFolderRequest {
            workspace_id: workspace.into(),
            folder_id: id.into(),
            ..pb::DeleteFolderRequest::default()
        };
        self.folders().delete_folder(request).await
    }

    /// Shares a folder with just these.
    pub async fn try_share(
        &self,
        workspace: &str,
        folder: &str,
        targets: &[&str],
    ) -> Result<Response<pb::ShareFolderResponse>, Status> {
        self.sharing().share_folder(sharing(workspace, folder, targets)).await
    }

    pub async fn try_unshare(
        &self,
        workspace: &str,
        folder: &str,
        targets: &[&str],
        force: bool,
    ) -> Result<Response<pb::UnshareFolderResponse>, Status> {
        let request = pb::UnshareFolderRequest {
            workspace_id: workspace.into(),
            folder_id: folder.into(),
            target_workspace_ids: targets.iter().map(ToString::to_string).collect(),
            force,
            ..pb::UnshareFolderRequest::default()
        };
        self.sharing().unshare_folder(request).await
    }
}

/// A request to move a folder.
pub fn moving(workspace: &str, id: &str, target: &str, parent: &str) -> pb::MoveFolderRequest {
    pb::MoveFolderRequest {
        workspace_id: workspace.into(),
        folder_id: id.into(),
        target_workspace_id: target.into(),
        target_parent_folder_id: parent.into(),
        ..pb::MoveFolderRequest::default()
    }
}

/// A request to share a folder.
pub fn sharing(workspace: &str, folder: &str, targets: &[&str]) -> pb::ShareFolderRequest {
    pb::ShareFolderRequest {
        workspace_id: workspace.into(),
        folder_id: folder.into(),
        target_workspace_ids: targets.iter().map(ToString::to_string).collect(),
        ..pb::ShareFolderRequest::default()
    }
}
