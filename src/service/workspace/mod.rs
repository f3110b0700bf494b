//! Workspaces: reading them; how they are made, changed and deleted is in the files below.

mod create;
mod lifecycle;
mod update;

use std::collections::HashMap;

use super::access::{Permission, require};
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::WorkspaceId;
use crate::page::{Page, PageRequest};
use crate::repository::workspace::{self, Detail, Show};
use crate::repository::{Answer, Store, Tx};

pub use create::NewWorkspace;
pub use lifecycle::{Deleted, Restore};
pub use update::WorkspacePatch;

/// The use cases of workspaces.
#[derive(Clone)]
pub struct Workspaces {
    store: Store,
}

// === impl Workspaces ===

impl Workspaces {
    /// Over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Reads a living workspace.
    pub async fn get(&self, ctx: &Context, id: WorkspaceId) -> Result<Answer<Detail>> {
        let Answer { mut value, revision } = self.batch_get(ctx, &[id]).await?;
        Ok(Answer { value: value.remove(0), revision })
    }

    /// Reads living workspaces, in the order asked for, all or nothing.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        ids: &[WorkspaceId],
    ) -> Result<Answer<Vec<Detail>>> {
        require(ctx, Permission::WorkspacesRead)?;
        let scope = self.store.read(ctx).await?;
        let found = workspace::by_ids(&scope, ids).await?;
        let mut found: HashMap<_, _> =
            found.into_iter().map(|one| (one.workspace.id, one)).collect();
        let one = |id: &WorkspaceId| found.remove(id).ok_or_else(|| not_found(*id));
        let value = ids.iter().map(one).collect::<Result<_>>()?;
        Ok(Answer { value, revision: scope.head().revision })
    }

    /// Lists workspaces.
    pub async fn list(
        &self,
        ctx: &Context,
        show: Show,
        order: Order,
        page: PageRequest<Place>,
    ) -> Result<Answer<Page<Detail>>> {
        require(ctx, Permission::WorkspacesRead)?;
        let scope = self.store.read(ctx).await?;
        let rows = workspace::list(&scope, show, order, page.after.clone(), page.limit()).await?;
        Ok(Answer { value: page.page(rows), revision: scope.head().revision })
    }
}

/// A living workspace, locked until the commit.
pub(super) async fn lock_living(tx: &Tx, id: WorkspaceId) -> Result<Detail> {
    workspace::lock(tx, id)
        .await?
        .filter(|found| found.workspace.delete_time.is_none())
        .ok_or_else(|| not_found(id))
}

/// A living workspace that is not archived, locked until the commit (W-12).
pub(super) async fn lock_active(tx: &Tx, id: WorkspaceId) -> Result<Detail> {
    let found = lock_living(tx, id).await?;
    refuse_archived(&found)?;
    Ok(found)
}

/// WORKSPACE_ARCHIVED.
pub(super) fn refuse_archived(found: &Detail) -> Result<()> {
    if found.workspace.archive_time.is_none() {
        return Ok(());
    }
    let id = found.workspace.id;
    let message = "the workspace is archived and refuses writes; unarchive it first";
    Err(Error::new(Reason::WorkspaceArchived, message)
        .with("workspace_id", id)
        .resource(Noun::Workspace, id.to_string()))
}

/// WORKSPACE_NOT_FOUND.
pub(super) fn not_found(id: WorkspaceId) -> Error {
    Error::not_found(Noun::Workspace, id)
}
