//! Sharing: who shares what with whom; changing it is below.

mod change;

use serde::{Deserialize, Serialize};

use super::access::{self, At, Permission, Sight};
use super::content;
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::entity::Workspace;
use crate::error::Result;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::share::{self, Share};
use crate::repository::workspace::{self, Show};
use crate::repository::{Answer, Store};
use crate::secret::Secrets;

pub use change::{Sharing as Change, Targets};

/// The use cases of shares.
#[derive(Clone)]
pub struct Sharing {
    store: Store,
    secrets: Secrets,
}

/// A folder as it is shared after a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shared {
    /// Its shares, as far as the caller may see their targets.
    pub shares: Vec<Share>,
    /// Targets that see no partition in common with the owner, and the segmentations of which they will see nobody
    /// (G-05).
    pub without_overlap: Vec<(WorkspaceId, Vec<AssetId>)>,
}

/// Where a walk over lists goes on.
#[derive(Clone, Debug)]
pub struct Page {
    /// The size of the page, as the caller wrote it.
    pub size: i32,
    /// Where to go on, as the caller wrote it.
    pub token: String,
}

// === impl Sharing ===

impl Sharing {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Lists the shares from a workspace and to it, or those of one folder.
    pub async fn list(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        folder: Option<FolderId>,
        page: &Page,
    ) -> Result<Answer<Listed<Share>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{workspace} {folder:?}")]);
        let page = tokens.request(page.size, &page.token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let sight = Sight::of(&scope, ctx).await?;
        if let Some(folder) = folder {
            content::reach(&sight.snapshot().index, workspace, folder)?;
        }
        let seen = sight.workspaces_with(Permission::WorkspacesRead);
        let rows = share::list(&scope, workspace, folder, &seen, page.after, page.limit()).await?;
        let value = tokens.list(page.page(rows), |one| (one.folder_id, one.workspace_id));
        Ok(scope.answer(value))
    }

    /// Lists the workspaces that the caller can share to from a workspace (S-04).
    pub async fn list_targets(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        page: &Page,
    ) -> Result<Answer<Listed<Workspace>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&workspace.to_string()]);
        let page = tokens.request::<Place>(page.size, &page.token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let seen = sight.workspaces_with(Permission::WorkspacesRead);
        let show = Show { except: Some(workspace), ..Show::default() };
        let (after, limit) = (page.after.clone(), page.limit());
        let rows = workspace::list(&scope, &seen, show, Order::NAME, after, limit).await?;
        let rows = rows.into_iter().map(|found| found.workspace).collect();
        let value = tokens.list(page.page(rows), |one: &Workspace| Place {
            name: one.display_name.clone(),
            create_time: one.create_time,
            id: one.id.0,
        });
        Ok(scope.answer(value))
    }
}
