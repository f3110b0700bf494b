//! Lists of assets, without their content (S-05, H-04).

use super::{Assets, View, seen};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::order::{Order, Place};
use crate::domain::visibility::Reach;
use crate::error::{Error, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset::{Which, Within};
use crate::repository::{Answer, Scope, asset};
use crate::service::access::{self, At};
use crate::service::content;

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// Only those directly in this folder.
    pub folder: Option<FolderId>,
    /// Only those local to this program.
    pub program: Option<AssetId>,
    /// Only those of these types; none: of any.
    pub types: Vec<Type>,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

impl Assets {
    /// Lists the assets that a workspace sees.
    pub async fn list(&self, ctx: &Context, listing: &Listing) -> Result<Answer<Listed<View>>> {
        let Listing { workspace, folder, program, types, order, .. } = listing;
        let query = format!("{workspace} {folder:?} {program:?} {types:?} {order:?}");
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(*workspace)).await?;
        let index = scope.index().await?;
        let which = Which { within: within(&scope, listing).await?, types: types.clone() };
        let rows = asset::list(&scope, &which, *order, page.after.clone(), page.limit()).await?;
        let views = rows.into_iter().map(|one| View::new(&index.index, *workspace, one));
        let views = views.collect::<Result<_>>()?;
        Ok(scope.answer(tokens.list(page.page(views), place)))
    }
}

async fn within(scope: &Scope, listing: &Listing) -> Result<Within> {
    let workspace = listing.workspace;
    let index = &scope.index().await?.index;
    let received = |reach| matches!(reach, Reach::Received { .. });
    if let Some(program) = listing.program {
        let view = seen(scope, workspace, program).await?;
        if view.asset.kind != Type::Program {
            return Err(Error::invalid("program_id", "must be a program"));
        }
        return Ok(Within::Program(program, received(view.reach)));
    }
    Ok(match listing.folder {
        Some(folder) => Within::Folder(folder, received(content::reach(index, workspace, folder)?)),
        None => Within::Workspace(workspace, index.received(workspace)),
    })
}

/// The place of an asset in a list.
fn place(view: &View) -> Place {
    let asset = &view.asset;
    Place { name: asset.display_name.clone(), create_time: asset.create_time, id: asset.id.0 }
}
