//! `FolderService`.

use tonic::{Request, Response, Status};

use super::decode::{self, Fields};
use super::{mutate, open, plan, planned, reply};
use crate::clock::timestamp;
use crate::config::{DESCRIPTION_MAX, NAME_MAX};
use crate::domain::asset::Area;
use crate::domain::text;
use crate::domain::visibility::Reach;
use crate::entity::etag;
use crate::error::Result as Parsed;
use crate::id::FolderId;
use crate::pb;
use crate::pb::folder_service_server::FolderService;
use crate::service::folder::{FolderPatch, Folders, Listing, Move, NewFolder, View, Where};

const MUTABLE: &[&str] = &["display_name", "description"];
const IMMUTABLE: &[&str] = &[
    "folder_id",
    "workspace_id",
    "area",
    "parent_folder_id",
    "depth",
    "sharing_state",
    "read_only",
    "owner_workspace_id",
    "etag",
    "create_time",
    "update_time",
];

/// The service.
#[derive(Clone)]
pub struct Api {
    folders: Folders,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(folders: Folders) -> Self {
        Self { folders }
    }
}

#[tonic::async_trait]
impl FolderService for Api {
    async fn create_folder(
        &self,
        request: Request<pb::CreateFolderRequest>,
    ) -> Result<Response<pb::CreateFolderResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("folder", request.folder)?;
        let mut fields = Fields::default();
        let new = NewFolder {
            workspace: fields.id("folder.workspace_id", &message.workspace_id),
            place: place(&mut fields, &message),
            display_name: display_name(&mut fields, &message),
            description: description(&mut fields, &message),
        };
        fields.check()?;
        let made = self.folders.create(&ctx, &new).await?;
        Ok(reply(made, |made, revision| pb::CreateFolderResponse {
            folder: Some(made.into()),
            revision,
        }))
    }

    async fn get_folder(
        &self,
        request: Request<pb::GetFolderRequest>,
    ) -> Result<Response<pb::GetFolderResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("folder_id", &request.folder_id);
        fields.check()?;
        let found = self.folders.get(&ctx, workspace, id).await?;
        Ok(reply(found, |found, _| pb::GetFolderResponse { folder: Some(found.into()) }))
    }

    async fn list_folders(
        &self,
        request: Request<pb::ListFoldersRequest>,
    ) -> Result<Response<pb::ListFoldersResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let listing = Listing {
            workspace: fields.id("workspace_id", &request.workspace_id),
            area: area(&mut fields, "area", request.area),
            parent: fields.optional_id("parent_folder_id", &request.parent_folder_id),
            order: decode::order(&request.order_by, "display_name")?,
            page_size: request.page_size,
            page_token: request.page_token,
        };
        fields.check()?;
        let page = self.folders.list(&ctx, &listing).await?;
        Ok(reply(page, |page, _| pb::ListFoldersResponse {
            folders: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_folder(
        &self,
        request: Request<pb::UpdateFolderRequest>,
    ) -> Result<Response<pb::UpdateFolderResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("folder", request.folder)?;
        let patch = patch(message, request.update_mask)?;
        let changed = self.folders.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdateFolderResponse {
            folder: Some(changed.into()),
            revision,
        }))
    }

    async fn move_folder(
        &self,
        request: Request<pb::MoveFolderRequest>,
    ) -> Result<Response<pb::MoveFolderResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let target = fields.optional_id("target_workspace_id", &request.target_workspace_id);
        let how = Move {
            workspace,
            id: fields.id("folder_id", &request.folder_id),
            target: target.unwrap_or(workspace),
            parent: fields.optional_id("target_parent_folder_id", &request.target_parent_folder_id),
            etag: request.etag,
        };
        fields.check()?;
        let moved = self.folders.relocate(&ctx, &how).await?;
        Ok(planned(moved, |moved, plan, revision| pb::MoveFolderResponse {
            plan,
            folder: Some(moved.into()),
            revision,
        }))
    }

    async fn delete_folder(
        &self,
        request: Request<pb::DeleteFolderRequest>,
    ) -> Result<Response<pb::DeleteFolderResponse>, Status> {
        let (ctx, request) = plan(request)?;
        let mut fields = Fields::default();
        let workspace = fields.id("workspace_id", &request.workspace_id);
        let id = fields.id("folder_id", &request.folder_id);
        fields.check()?;
        let gone = self.folders.delete(&ctx, workspace, id, &request.etag).await?;
        Ok(planned(gone, |(), plan, revision| pb::DeleteFolderResponse { plan, revision }))
    }
}

fn place(fields: &mut Fields, message: &pb::Folder) -> Where {
    let area = area(fields, "folder.area", message.area);
    let parent: Option<FolderId> =
        fields.optional_id("folder.parent_folder_id", &message.parent_folder_id);
    match (parent, area) {
        (Some(parent), area) => Where::In(parent, area),
        (None, Some(area)) => Where::Root(area),
        (None, None) => {
            if message.parent_folder_id.is_empty() {
                fields.violate("folder.area", "must be set, or folder.parent_folder_id");
            }
            Where::Root(Area::Database)
        }
    }
}

fn patch(message: pb::Folder, mask: Option<prost_types::FieldMask>) -> Parsed<FolderPatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let patch = FolderPatch {
        workspace: fields.id("folder.workspace_id", &message.workspace_id),
        id: fields.id("folder.folder_id", &message.folder_id),
        display_name: paths.contains("display_name").then(|| display_name(&mut fields, &message)),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

fn display_name(fields: &mut Fields, message: &pb::Folder) -> String {
    fields.take("folder.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::Folder) -> String {
    fields.take("folder.description", text::paragraph(&message.description, DESCRIPTION_MAX))
}

/// An area, or nothing.
pub(super) fn area(fields: &mut Fields, field: &str, number: i32) -> Option<Area> {
    let parsed = match pb::Area::try_from(number) {
        Ok(pb::Area::Unspecified) => Ok(None),
        Ok(pb::Area::MarketingActivities) => Ok(Some(Area::MarketingActivities)),
        Ok(pb::Area::DesignStudio) => Ok(Some(Area::DesignStudio)),
        Ok(pb::Area::Database) => Ok(Some(Area::Database)),
        Err(_) => Err("is not a value of Area".into()),
    };
    fields.take(field, parsed)
}

impl From<Area> for pb::Area {
    fn from(area: Area) -> Self {
        match area {
            Area::MarketingActivities => Self::MarketingActivities,
            Area::DesignStudio => Self::DesignStudio,
            Area::Database => Self::Database,
        }
    }
}

impl From<Reach> for pb::SharingState {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Own { shared: false } => Self::NotShared,
            Reach::Own { shared: true } => Self::SharedOut,
            Reach::Received { .. } => Self::SharedIn,
        }
    }
}

impl From<View> for pb::Folder {
    fn from(view: View) -> Self {
        let folder = view.folder;
        Self {
            folder_id: folder.id.to_string(),
            workspace_id: view.workspace.to_string(),
            area: pb::Area::from(folder.area).into(),
            parent_folder_id: view.parent.map(|id| id.to_string()).unwrap_or_default(),
            display_name: folder.display_name,
            description: folder.description,
            depth: folder.depth,
            sharing_state: pb::SharingState::from(view.reach).into(),
            read_only: matches!(view.reach, Reach::Received { .. }),
            owner_workspace_id: folder.workspace_id.to_string(),
            etag: etag(folder.version),
            create_time: Some(timestamp(folder.create_time)),
            update_time: Some(timestamp(folder.update_time)),
        }
    }
}
