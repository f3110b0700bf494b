//! What a company has in its workspaces: folders, assets, members, shares, segmentations.

use super::company::Company;
use super::there;
use crate::cli::client::Result;
use crate::pb;
use crate::pb::asset_service_client::AssetServiceClient;
use crate::pb::folder_service_client::FolderServiceClient;
use crate::pb::list_service_client::ListServiceClient;
use crate::pb::longrunning::WaitOperationRequest;
use crate::pb::longrunning::operations_client::OperationsClient;
use crate::pb::segmentation_service_client::SegmentationServiceClient;
use crate::pb::sharing_service_client::SharingServiceClient;

// === impl Company ===

impl Company {
    pub(super) async fn make_folder(
        &mut self,
        workspace: &str,
        area: pb::Area,
        name: &str,
    ) -> Result<()> {
        let folder = pb::Folder {
            workspace_id: self.workspace(workspace),
            area: area.into(),
            display_name: name.into(),
            ..pb::Folder::default()
        };
        let request = pb::CreateFolderRequest {
            folder: Some(folder),
            request_id: self.next(),
            ..pb::CreateFolderRequest::default()
        };
        let mut folders = FolderServiceClient::new(self.way.clone());
        let made = there(folders.create_folder(request).await?.into_inner().folder)?;
        self.folders.insert(name.into(), made.folder_id);
        Ok(())
    }

    pub(super) async fn make_asset(&mut self, workspace: &str, asset: pb::Asset) -> Result<()> {
        let name = asset.display_name.clone();
        let request = pb::CreateAssetRequest {
            workspace_id: self.workspace(workspace),
            asset: Some(asset),
            request_id: self.next(),
            ..pb::CreateAssetRequest::default()
        };
        let mut assets = AssetServiceClient::new(self.way.clone());
        let made = there(assets.create_asset(request).await?.into_inner().asset)?;
        self.assets.insert(name, made.asset_id);
        Ok(())
    }

    pub(super) async fn approve(&mut self, workspace: &str, name: &str) -> Result<()> {
        let request = pb::ApproveAssetRequest {
            workspace_id: self.workspace(workspace),
            asset_id: self.asset(name),
            request_id: self.next(),
            ..pb::ApproveAssetRequest::default()
        };
        AssetServiceClient::new(self.way.clone()).approve_asset(request).await?;
        Ok(())
    }

    pub(super) async fn share(
        &mut self,
        workspace: &str,
        folder: &str,
        targets: &[&str],
    ) -> Result<()> {
        let request = pb::ShareFolderRequest {
            workspace_id: self.workspace(workspace),
            folder_id: self.folder(folder),
            target_workspace_ids: targets.iter().map(|name| self.workspace(name)).collect(),
            request_id: self.next(),
            ..pb::ShareFolderRequest::default()
        };
        SharingServiceClient::new(self.way.clone()).share_folder(request).await?;
        Ok(())
    }

    pub(super) async fn add_to_list(
        &mut self,
        workspace: &str,
        list: &str,
        people: &[String],
    ) -> Result<()> {
        let request = pb::AddListMembersRequest {
            workspace_id: self.workspace(workspace),
            list_id: self.asset(list),
            person_ids: people.to_vec(),
            request_id: self.next(),
            ..pb::AddListMembersRequest::default()
        };
        ListServiceClient::new(self.way.clone()).add_list_members(request).await?;
        Ok(())
    }

    pub(super) async fn add_to_program(
        &mut self,
        workspace: &str,
        program: &str,
        people: &[String],
    ) -> Result<()> {
        let request = pb::AddProgramMembersRequest {
            workspace_id: self.workspace(workspace),
            program_id: self.asset(program),
            person_ids: people.to_vec(),
            request_id: self.next(),
            ..pb::AddProgramMembersRequest::default()
        };
        AssetServiceClient::new(self.way.clone()).add_program_members(request).await?;
        Ok(())
    }

    /// Makes a segmentation, has it approved, and waits until it is computed.
    pub(super) async fn make_segmentation(
        &mut self,
        workspace: &str,
        folder: &str,
        name: &str,
        segments: &[(&str, &str)],
    ) -> Result<()> {
        let segment = |(name, filter): &(&str, &str)| pb::Segment {
            display_name: (*name).into(),
            filter: Some(pb::Filter { text: (*filter).into(), ..pb::Filter::default() }),
            ..pb::Segment::default()
        };
        let segmentation = pb::Segmentation {
            folder_id: self.folder(folder),
            display_name: name.into(),
            segments: segments.iter().map(segment).collect(),
            ..pb::Segmentation::default()
        };
        let request = pb::CreateSegmentationRequest {
            workspace_id: self.workspace(workspace),
            segmentation: Some(segmentation),
            request_id: self.next(),
            ..pb::CreateSegmentationRequest::default()
        };
        let mut service = SegmentationServiceClient::new(self.way.clone());
        let made = there(service.create_segmentation(request).await?.into_inner().segmentation)?;
        self.assets.insert(name.into(), made.segmentation_id.clone());
        let request = pb::ApproveSegmentationRequest {
            workspace_id: self.workspace(workspace),
            segmentation_id: made.segmentation_id,
            request_id: self.next(),
            ..pb::ApproveSegmentationRequest::default()
        };
        let begun = service.approve_segmentation(request).await?.into_inner().operation;
        self.finish(there(begun)?.name).await
    }

    /// Waits for an operation.
    async fn finish(&self, name: String) -> Result<()> {
        let mut operations = OperationsClient::new(self.way.clone());
        loop {
            let request = WaitOperationRequest { name: name.clone(), timeout: None };
            if operations.wait_operation(request).await?.into_inner().done {
                return Ok(());
            }
        }
    }
}
