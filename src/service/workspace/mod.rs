//! Workspaces: reading them; how they are made, changed and deleted is in the files below.

mod create;
mod delete;
mod lifecycle;
mod switcher;
mod undelete;
mod update;

use std::collections::HashMap;

use super::access::{At, Permission, Sight};
use super::refuse;
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::error::{Error, Noun, Result};
use crate::id::WorkspaceId;
use crate::page::{Listed, Tokens};
use crate::repository::workspace::{self, Detail, Show};
use crate::repository::{Answer, Store, Tx};
use crate::secret::Secrets;

pub use create::NewWorkspace;
pub use delete::{Deleted, Deletion};
pub use switcher::Accessible;
pub use undelete::{Restore, Restored};
pub use update::WorkspacePatch;

/// The use cases of workspaces.
#[derive(Clone)]
pub struct Workspaces {
    store: Store,
    secrets: Secrets,
}

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Which workspaces.
    pub show: Show,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

// === impl Workspaces ===

impl Workspaces {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads a living workspace.
    pub async fn get(&self, ctx: &Context, id: WorkspaceId) -> Result<Answer<Detail>> {
        let found = self.batch_get(ctx, &[id]).await?;
        ctx.through.note(id);
        Ok(found.map(|mut found| found.remove(0)))
    }

    /// Reads living workspaces, in the order asked for, all or nothing.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        ids: &[WorkspaceId],
    ) -> Result<Answer<Vec<Detail>>> {
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        if let Some(unseen) = ids.iter().find(|id| !sight.sees_workspace(**id)) {
            return Err(not_found(*unseen));
        }
        let found = workspace::by_ids(&scope, ids).await?;
        let mut found: HashMap<_, _> =
            found.into_iter().map(|one| (one.workspace.id, one)).collect();
        let one = |id: &WorkspaceId| {
            let found = found.remove(id).ok_or_else(|| not_found(*id))?;
            Ok(as_seen(&sight, found))
        };
        let value = ids.iter().map(one).collect::<Result<_>>()?;
        Ok(scope.answer(value))
    }

    /// Lists workspaces.
    pub async fn list(&self, ctx: &Context, listing: &Listing) -> Result<Answer<Listed<Detail>>> {
        let Listing { show, order, .. } = *listing;
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{show:?} {order:?}")]);
        let page = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let seen = sight.workspaces_with(Permission::WorkspacesRead);
        let (place, limit) = (page.after.clone(), page.limit());
        let rows = workspace::list(&scope, &seen, show, order, place, limit).await?;
        let value = tokens.list(page.page(rows), place_of);
        Ok(scope.answer(value.map(|found| as_seen(&sight, found))))
    }
}

/// The place of a workspace in a list.
fn place_of(found: &Detail) -> Place {
    let workspace = &found.workspace;
    Place {
        name: workspace.display_name.clone(),
        create_time: workspace.create_time,
        id: workspace.id.0,
    }
}

/// A workspace without what the caller may not see of it.
fn as_seen(sight: &Sight, mut found: Detail) -> Detail {
    if !sight.holds(Permission::PartitionsRead, At::Workspace(found.workspace.id)) {
        found.primary_partition_id = None;
    }
    found
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
    match found.workspace.archive_time {
        Some(_) => Err(refuse::archived(found.workspace.id)),
        None => Ok(()),
    }
}

/// WORKSPACE_NOT_FOUND.
pub(super) fn not_found(id: WorkspaceId) -> Error {
    Error::not_found(Noun::Workspace, id)
}
