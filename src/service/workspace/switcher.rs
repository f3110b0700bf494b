//! The switcher: the caller's workspaces, with the caller's roles there (W-10).

use std::collections::BTreeSet;

use super::{Listing, Workspaces, place_of};
use crate::clock::Micros;
use crate::context::Context;
use crate::domain::order::Place;
use crate::entity::Workspace;
use crate::error::Result;
use crate::id::WorkspaceId;
use crate::page::{Listed, Tokens};
use crate::repository::{Answer, last_use, workspace};
use crate::service::access::{Permission, Sight, users};

/// A workspace as its user sees it in the switcher.
#[derive(Clone, Debug)]
pub struct Accessible {
    /// The workspace.
    pub workspace: Workspace,
    /// The names of the caller's roles there, tenant-wide ones included.
    pub roles: BTreeSet<String>,
    /// The caller's last good call through it.
    pub last_used_time: Option<Micros>,
}

impl Workspaces {
    /// Lists the workspaces where the caller holds a grant, and says nothing of the rest.
    pub async fn accessible(
        &self,
        ctx: &Context,
        listing: &Listing,
    ) -> Result<Answer<Listed<Accessible>>> {
        let Listing { show, order, .. } = *listing;
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{show:?} {order:?}")]);
        let page = tokens.request::<Place>(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let seen = sight.workspaces_with(Permission::WorkspacesRead);
        let (place, limit) = (page.after.clone(), page.limit());
        let rows = workspace::list(&scope, &seen, show, order, place, limit).await?;
        let page = tokens.list(page.page(rows), place_of);
        let ids: Vec<WorkspaceId> = page.items.iter().map(|one| one.workspace.id).collect();
        let (principal, uses) = (sight.principal(), self.store.uses());
        let times = last_use::of_workspaces(&scope, uses, principal, &ids).await?;
        let names = users::names(&scope).await?;
        Ok(scope.answer(page.map(|found| {
            let id = found.workspace.id;
            let roles = sight.snapshot().index.roles_in(principal, id);
            Accessible {
                workspace: found.workspace,
                roles: roles.iter().filter_map(|role| names.get(&role.id).cloned()).collect(),
                last_used_time: times.get(&id).copied(),
            }
        })))
    }
}
