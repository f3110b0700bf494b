//! Shorthands for assets.

use precinct::pb;
use tonic::{Response, Status};

use super::actor::{Actor, ok};

// === impl Actor ===

impl Actor {
    /// An asset in the root of its area; its id.
    pub async fn asset(&self, workspace: &str, kind: pb::AssetType, name: &str) -> String {
        self.asset_of(workspace, new_asset(kind, name)).await
    }

    /// An asset in a folder; its id.
    pub async fn asset_in(
        &self,
        workspace: &str,
        folder: &str,
        kind: pb::AssetType,
        name: &str,
    ) -> String {
        let asset = pb::Asset { folder_id: folder.into(), ..new_asset(kind, name) };
        self.asset_of(workspace, asset).await
    }

    /// An asset that is local to a program; its id.
    pub async fn local(
        &self,
        workspace: &str,
        program: &str,
        kind: pb::AssetType,
        name: &str,
    ) -> String {
        let asset = pb::Asset { parent_program_id: program.into(), ..new_asset(kind, name) };
        self.asset_of(workspace, asset).await
    }

    /// An asset in the root of its area that refers to others; its id.
    pub async fn user_of(
        &self,
        workspace: &str,
        kind: pb::AssetType,
        name: &str,
        references: &[pb::AssetReference],
    ) -> String {
        let asset = pb::Asset { references: references.to_vec(), ..new_asset(kind, name) };
        self.asset_of(workspace, asset).await
    }

    /// An asset; its id.
    pub async fn asset_of(&self, workspace: &str, asset: pb::Asset) -> String {
        let made = ok(self.try_asset(workspace, asset).await);
        made.asset.map(|asset| asset.asset_id).unwrap_or_default()
    }

    pub async fn try_asset(
        &self,
        workspace: &str,
        asset: pb::Asset,
    ) -> Result<Response<pb::CreateAssetResponse>, Status> {
        let request = pb::CreateAssetRequest {
            workspace_id: workspace.into(),
            asset: Some(asset),
            ..pb::CreateAssetRequest::default()
        };
        self.assets().create_asset(request).await
    }

    /// An asset, as a workspace sees it.
    pub async fn get_asset(&self, workspace: &str, id: &str) -> pb::Asset {
        self.try_get_asset(workspace, id, 0).await.expect("the workspace sees it")
    }

    pub async fn try_get_asset(
        &self,
        workspace: &str,
        id: &str,
        version: i64,
    ) -> Result<pb::Asset, Status> {
        let request =
            pb::GetAssetRequest { workspace_id: workspace.into(), asset_id: id.into(), version };
        let found = self.assets().get_asset(request).await?.into_inner();
        Ok(found.asset.unwrap_or_default())
    }

    /// The names of the assets that a workspace sees, in order.
    pub async fn asset_names(&self, workspace: &str) -> Vec<String> {
        let all = self.list_assets(listing(workspace)).await;
        all.into_iter().map(|one| one.display_name).collect()
    }

    /// All assets of a list, page by page.
    pub async fn list_assets(&self, mut request: pb::ListAssetsRequest) -> Vec<pb::Asset> {
        let mut assets = Vec::new();
        loop {
            let page = ok(self.assets().list_assets(request.clone()).await);
            assets.extend(page.assets);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return assets;
            }
        }
    }

    /// Changes of an asset what the message fills.
    pub async fn try_update_asset(
        &self,
        workspace: &str,
        asset: pb::Asset,
    ) -> Result<Response<pb::UpdateAssetResponse>, Status> {
        let request = pb::UpdateAssetRequest {
            workspace_id: workspace.into(),
            asset: Some(asset),
            ..pb::UpdateAssetRequest::default()
        };
        self.assets().update_asset(request).await
    }

    /// Gives an asset other content, `{"text": …}`.
    pub async fn write_asset(&self, workspace: &str, id: &str, text: &str) -> pb::Asset {
        let asset = pb::Asset {
            asset_id: id.into(),
            content: Some(text_content(text)),
            ..pb::Asset::default()
        };
        ok(self.try_update_asset(workspace, asset).await).asset.unwrap_or_default()
    }

    /// Replaces what an asset refers to.
    pub async fn try_refer(
        &self,
        workspace: &str,
        id: &str,
        references: &[pb::AssetReference],
    ) -> Result<Response<pb::UpdateAssetResponse>, Status> {
        let asset = pb::Asset {
            asset_id: id.into(),
            references: references.to_vec(),
            ..pb::Asset::default()
        };
        let mask = prost_types::FieldMask { paths: vec!["references".into()] };
        let request = pb::UpdateAssetRequest {
            workspace_id: workspace.into(),
            asset: Some(asset),
            update_mask: Some(mask),
            ..pb::UpdateAssetRequest::default()
        };
        self.assets().update_asset(request).await
    }

    /// Approves an asset, and returns it.
    pub async fn approve(&self, workspace: &str, id: &str) -> pb::Asset {
        ok(self.try_approve(workspace, id).await).asset.unwrap_or_default()
    }

    pub async fn try_approve(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::ApproveAssetResponse>, Status> {
        let request = pb::ApproveAssetRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            ..pb::ApproveAssetRequest::default()
        };
        self.assets().approve_asset(request).await
    }

    pub async fn try_unapprove(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::UnapproveAssetResponse>, Status> {
        let request = pb::UnapproveAssetRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            ..pb::UnapproveAssetRequest::default()
        };
        self.assets().unapprove_asset(request).await
    }

    pub async fn try_discard(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::DiscardDraftResponse>, Status> {
        let request = pb::DiscardDraftRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            ..pb::DiscardDraftRequest::default()
        };
        self.assets().discard_draft(request).await
    }

    pub async fn try_delete_asset(
        &self,
        workspace: &str,
        id: &str,
    ) -> Result<Response<pb::DeleteAssetResponse>, Status> {
        let request = pb::DeleteAssetRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            ..pb::DeleteAssetRequest::default()
        };
        self.assets().delete_asset(request).await
    }

    /// Moves an asset to a folder or (empty) a program.
    pub async fn try_move_asset(
        &self,
        workspace: &str,
        id: &str,
        folder: &str,
        program: &str,
    ) -> Result<Response<pb::MoveAssetResponse>, Status> {
        let request = pb::MoveAssetRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            target_folder_id: folder.into(),
            target_program_id: program.into(),
            ..pb::MoveAssetRequest::default()
        };
        self.assets().move_asset(request).await
    }

    /// What uses an asset.
    pub async fn used_by(&self, workspace: &str, id: &str) -> pb::ListUsedByResponse {
        let request = pb::ListUsedByRequest {
            workspace_id: workspace.into(),
            asset_id: id.into(),
            ..pb::ListUsedByRequest::default()
        };
        ok(self.assets().list_used_by(request).await)
    }
}

/// An asset to make.
pub fn new_asset(kind: pb::AssetType, name: &str) -> pb::Asset {
    pb::Asset { r#type: kind.into(), display_name: name.into(), ..pb::Asset::default() }
}

/// A use of another asset.
pub fn refers(kind: pb::ReferenceKind, target: &str) -> pb::AssetReference {
    pb::AssetReference { kind: kind.into(), asset_id: target.into(), broken: 0 }
}

/// A list of all that a workspace sees.
pub fn listing(workspace: &str) -> pb::ListAssetsRequest {
    pb::ListAssetsRequest { workspace_id: workspace.into(), ..pb::ListAssetsRequest::default() }
}

/// The content `{"text": …}`.
pub fn text_content(text: &str) -> prost_types::Struct {
    let kind = Some(prost_types::value::Kind::StringValue(text.into()));
    let fields = [("text".to_owned(), prost_types::Value { kind })];
    prost_types::Struct { fields: fields.into() }
}

/// The text of an asset's content.
pub fn text_of(asset: &pb::Asset) -> String {
    let value = asset.content.as_ref().and_then(|content| content.fields.get("text"));
    match value.and_then(|value| value.kind.clone()) {
        Some(prost_types::value::Kind::StringValue(text)) => text,
        _ => String::new(),
    }
}
