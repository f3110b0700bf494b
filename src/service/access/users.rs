//! Who is in a workspace.

use std::collections::HashMap;

use super::{Access, At, Sight, demand};
use crate::context::Context;
use crate::domain::access::role;
use crate::domain::visibility::Role;
use crate::error::Result;
use crate::id::{RoleId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::{Answer, Scope, role as roles};

/// Somebody who holds a right in a workspace.
#[derive(Clone, Debug)]
pub struct WorkspaceUser {
    /// A user or a service account.
    pub principal: String,
    /// The roles that it holds there, with their names.
    pub roles: Vec<(Role, String)>,
}

impl Access {
    /// Lists the users and service accounts of a workspace, by principal.
    pub async fn workspace_users(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<WorkspaceUser>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&workspace.to_string()]);
        let page = tokens.request::<String>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Workspace(workspace)).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let mut users = sight.snapshot().index.users_of(workspace);
        if let Some(after) = &page.after {
            users.retain(|user| *user.principal > **after);
        }
        let named = names(&scope).await?;
        let name = |role: Role| {
            let name = named.get(&role.id).cloned().unwrap_or_default();
            (role, name)
        };
        let page = page.page(users);
        let listed = tokens.list(page, |last| last.principal.to_string());
        Ok(scope.answer(listed.map(|user| WorkspaceUser {
            principal: user.principal.to_string(),
            roles: user.roles.into_iter().map(name).collect(),
        })))
    }
}

/// The names of all roles.
pub async fn names(scope: &Scope) -> Result<HashMap<RoleId, String>> {
    let custom = roles::all(scope).await?.into_iter().map(|role| (role.id, role.display_name));
    let built_in = role::ALL.iter().map(|one| (one.id(), one.name.to_owned()));
    Ok(custom.chain(built_in).collect())
}
