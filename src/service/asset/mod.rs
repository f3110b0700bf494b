//! Assets: reading them; how they are made, changed, approved, copied, moved and deleted is in the files below.

mod approve;
mod audience;
mod clone;
mod create;
mod delete;
mod fill;
mod filter;
mod list;
mod member;
mod moves;
mod preview;
mod reference;
mod resolve;
mod update;
mod used_by;
mod version;
mod view;
mod whom;

use std::collections::HashMap;

use crate::config::CONTENTS_MAX;
use crate::context::Context;
use crate::domain::visibility::Reach;
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Answer, Scope, Store, Tx, asset};
use crate::secret::Secrets;
use crate::service::access::{self, At};
use crate::service::content;

pub(super) use approve::{approve, unapprove};
pub use audience::{Audience, AudienceOf, Batch, Header};
pub use clone::{CloneOf, Cloned};
pub use create::NewAsset;
pub(super) use create::{create, refuse_segmentations};
pub(super) use delete::delete;
pub use fill::Filled;
pub(super) use filter::{references_of, refuse_unseen};
pub use list::Listing;
pub use member::{Coming, Leaving, MemberOutcome, Outcomes, Which};
pub use moves::{Move, Target};
pub use preview::Preview;
pub use reference::{Breach, Followed};
pub(super) use reference::{breach, not_visible};
pub use resolve::{Resolved, Variation};
pub use update::AssetPatch;
pub(super) use update::update;
pub use used_by::{Use, Uses};
pub use version::Version;
pub use view::{Shown, View};
pub(super) use view::{own, reach};

/// The use cases of assets.
#[derive(Clone)]
pub struct Assets {
    store: Store,
    secrets: Secrets,
}

// === impl Assets ===

impl Assets {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads an asset that is in a workspace or shared to it, with its content; 0: the newest version that the
    /// workspace may see.
    pub async fn get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        version: i64,
    ) -> Result<Answer<View>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let mut view = seen(&scope, workspace, id).await?;
        if version != 0 {
            let hidden = matches!(view.reach, Reach::Received { .. }) && version != view.version;
            if hidden || !view.asset.kind.traits().approvable {
                return Err(not_found(id));
            }
            view.version = version;
        }
        let view = view.full(&scope).await?;
        Ok(scope.answer(view))
    }

    /// Reads assets, in the order of their ids, or none.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        ids: &[AssetId],
        full: bool,
    ) -> Result<Answer<Vec<View>>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        if full && ids.len() > CONTENTS_MAX {
            let text = format!("must have at most {CONTENTS_MAX} items with FULL");
            return Err(Error::invalid("asset_ids", text));
        }
        let index = scope.index().await?;
        let found = asset::by_ids(&scope, ids).await?;
        let mut found: HashMap<AssetId, Asset> =
            found.into_iter().map(|one| (one.id, one)).collect();
        let view = |id: &AssetId| {
            let found = found.remove(id).ok_or_else(|| not_found(*id))?;
            View::new(&index.index, workspace, found)
        };
        let views: Vec<View> = ids.iter().map(view).collect::<Result<_>>()?;
        let views = if full { view::fill(&scope, views).await? } else { views };
        Ok(scope.answer(views))
    }
}

/// An asset, as a workspace sees it, without its content; or ASSET_NOT_FOUND.
async fn seen(scope: &Scope, workspace: WorkspaceId, id: AssetId) -> Result<View> {
    let found = asset::get(scope, id).await?.ok_or_else(|| not_found(id))?;
    View::new(&scope.index().await?.index, workspace, found)
}

/// What every change of assets begins with: the caller's right, and the hold of what it stands on.
pub(super) async fn begin(tx: &Tx, ctx: &Context, workspace: WorkspaceId) -> Result<()> {
    access::demand(tx, ctx, At::Workspace(workspace)).await?;
    content::hold(tx, &[workspace]).await
}

/// ASSET_NOT_FOUND.
pub(super) fn not_found(id: AssetId) -> Error {
    Error::not_found(Noun::Asset, id)
}
