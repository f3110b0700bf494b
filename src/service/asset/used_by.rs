//! What uses assets (F-03).

use std::collections::BTreeSet;

use super::reference::{Breach, breach};
use super::{Assets, seen};
use crate::context::Context;
use crate::domain::asset::{Kind, Type};
use crate::domain::visibility::{Reach, Seen};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset::UsePlace;
use crate::repository::effect::Matter;
use crate::repository::{Answer, Tx, asset};
use crate::service::access::{self, At, Permission, Sight};

/// An asset that uses another.
#[derive(Clone, Debug)]
pub struct Use {
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// The asset.
    pub asset: AssetId,
    /// Its name.
    pub display_name: String,
    /// What it is.
    pub asset_type: Type,
    /// As what it uses the other.
    pub kind: Kind,
    /// Its draft does.
    pub in_draft: bool,
    /// What of it is live does.
    pub in_live: bool,
    /// Why the use is broken, if it is.
    pub breach: Option<Breach>,
}

/// A page of what uses an asset.
#[derive(Clone, Debug)]
pub struct Uses {
    /// The page.
    pub page: Listed<Use>,
    /// How many assets use it that the caller does not see.
    pub hidden: i64,
}

impl Assets {
    /// Lists what uses an asset, where the caller may read assets; through a share, in the workspace that looks.
    pub async fn used_by(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Uses>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{workspace} {id}")]);
        let page = tokens.request::<UsePlace>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let target = seen(&scope, workspace, id).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let index = &sight.snapshot().index;
        let (among, all) = match target.reach {
            Reach::Own { .. } => (sight.workspaces_with(Permission::AssetsRead), true),
            Reach::Received { .. } => (Seen::These(vec![workspace]), false),
        };
        let rows = asset::used_by(&scope, id, &among, page.after.clone(), page.limit()).await?;
        let hidden = match all {
            true => asset::count_hidden_users(&scope, id, &among).await?,
            false => 0,
        };
        let page = tokens.list(page.page(rows), |one| (one.asset_id, one.kind.to_string()));
        let page = page.map(|one| Use {
            breach: breach(index, one.workspace_id, &target.asset, one.lives > 0),
            workspace: one.workspace_id,
            asset: one.asset_id,
            display_name: one.display_name,
            asset_type: one.asset_type,
            kind: one.kind,
            in_draft: one.drafts > 0,
            in_live: one.lives > 0,
        });
        Ok(scope.answer(Uses { page, hidden }))
    }
}

/// ASSET_IN_USE, if assets beside those of the matter use one of them; those that the caller sees are named.
pub(super) async fn refuse_used(
    tx: &Tx,
    ctx: &Context,
    id: AssetId,
    matter: &Matter,
) -> Result<()> {
    let own: BTreeSet<AssetId> = matter.assets.iter().map(|one| one.id).collect();
    let outside = matter.references.iter().filter(|one| !own.contains(&one.asset_id));
    let users: BTreeSet<_> = outside.map(|one| (one.asset_id, one.source_folder)).collect();
    if users.is_empty() {
        return Ok(());
    }
    let sight = Sight::of(tx, ctx).await?;
    let sees = |folder| {
        let owner = sight.snapshot().index.owner_of(folder);
        owner.is_some_and(|at| sight.holds(Permission::AssetsRead, At::Workspace(at)))
    };
    let message =
        "other assets use it, draft or live; remove those references first (ListUsedBy lists them)";
    let error = Error::new(Reason::AssetInUse, message)
        .with("asset_id", id)
        .with("used_by", users.len())
        .resource(Noun::Asset, id.to_string());
    let seen = users.into_iter().filter(|(_, folder)| sees(*folder));
    Err(seen.fold(error, |error, (user, _)| error.offender(user, "uses it")))
}
