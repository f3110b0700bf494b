//! Folders: reading, making, renaming and deleting them; moving is below.

mod moves;
mod write;

use serde::{Deserialize, Serialize};

use super::access::{self, At};
use super::content;
use crate::context::Context;
use crate::domain::asset::Area;
use crate::domain::order::{Order, Place};
use crate::domain::visibility::{Index, Reach};
use crate::entity::Folder;
use crate::error::{Error, Noun, Result};
use crate::id::{FolderId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::folder::{self, Which};
use crate::repository::{Answer, Scope, Store};
use crate::secret::Secrets;

pub use moves::Move;
pub(super) use moves::refuse_broken;
pub use write::{FolderPatch, NewFolder, Where};
pub(super) use write::{change, create, own, parent, refuse_root, too_deep};

/// The use cases of folders.
#[derive(Clone)]
pub struct Folders {
    store: Store,
    secrets: Secrets,
}

/// A folder, as a workspace sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The folder.
    pub folder: Folder,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How it sees it.
    pub reach: Reach,
    /// The folder that it is in, for the workspace.
    pub parent: Option<FolderId>,
}

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// Only those of this area.
    pub area: Option<Area>,
    /// Only those directly in this folder.
    pub parent: Option<FolderId>,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

// === impl Folders ===

impl Folders {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads a folder that is in a workspace or shared to it.
    pub async fn get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: FolderId,
    ) -> Result<Answer<View>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let index = scope.index().await?;
        content::reach(&index.index, workspace, id)?;
        let found = folder::get(&scope, id).await?.ok_or_else(|| not_found(id))?;
        let mut views = views(&scope, &index.index, workspace, vec![found]).await?;
        let view = views.pop().ok_or_else(|| not_found(id))?;
        Ok(scope.answer(view))
    }

    /// Lists the folders that a workspace sees.
    pub async fn list(&self, ctx: &Context, listing: &Listing) -> Result<Answer<Listed<View>>> {
        let Listing { workspace, area, parent, order, .. } = *listing;
        let query = format!("{workspace} {area:?} {parent:?} {order:?}");
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let index = scope.index().await?;
        let which = which(&scope, &index.index, listing).await?;
        let rows = folder::list(&scope, &which, order, page.after.clone(), page.limit()).await?;
        let Listed { items, next } = tokens.list(page.page(rows), place);
        let items = views(&scope, &index.index, workspace, items).await?;
        Ok(scope.answer(Listed { items, next }))
    }
}

/// Which folders are listed: what is received stands under the workspace's own root (S-05).
async fn which(scope: &Scope, index: &Index, listing: &Listing) -> Result<Which> {
    let workspace = listing.workspace;
    let received = index.received(workspace);
    let mut which = Which {
        workspace,
        received,
        area: listing.area,
        parent: listing.parent,
        beside: Vec::new(),
    };
    let Some(parent) = listing.parent else { return Ok(which) };
    content::reach(index, workspace, parent)?;
    let found = folder::get(scope, parent).await?.ok_or_else(|| not_found(parent))?;
    if found.parent_id.is_none() {
        // An area that was not asked for: what is received in others does not stand here.
        if listing.area.is_none() {
            which.area = Some(found.area);
        }
        which.beside = topmost(index, workspace, &which.received);
    }
    Ok(which)
}

/// Of the folders where what a workspace receives begins, those that are not below another of them.
fn topmost(index: &Index, workspace: WorkspaceId, received: &[FolderId]) -> Vec<FolderId> {
    let below_another = |id: &FolderId| {
        let above = index.shared_above(*id);
        above.iter().any(|one| one != id && index.targets_of(*one).contains(&workspace))
    };
    received.iter().copied().filter(|id| !below_another(id)).collect()
}

/// Folders, as a workspace sees them; those that it does not see are left out.
pub(super) async fn views(
    scope: &Scope,
    index: &Index,
    workspace: WorkspaceId,
    folders: Vec<Folder>,
) -> Result<Vec<View>> {
    let received = index.received(workspace);
    let tops = topmost(index, workspace, &received);
    let roots = match folders.iter().any(|one| tops.contains(&one.id)) {
        true => folder::roots(scope, workspace).await?,
        false => Vec::new(),
    };
    let view = |folder: Folder| {
        let reach = index.reach(workspace, folder.id)?;
        let parent = match tops.contains(&folder.id) {
            true => roots.iter().find(|root| root.area == folder.area).map(|root| root.id),
            false => folder.parent_id,
        };
        Some(View { folder, workspace, reach, parent })
    };
    Ok(folders.into_iter().filter_map(view).collect())
}

/// The place of a folder in a list.
fn place(folder: &Folder) -> Place {
    Place { name: folder.display_name.clone(), create_time: folder.create_time, id: folder.id.0 }
}

/// FOLDER_NOT_FOUND.
pub(super) fn not_found(id: FolderId) -> Error {
    Error::not_found(Noun::Folder, id)
}
