//! Segmentations (G-01 to G-13): ordered segments, computed for the people whom their workspace sees.
//!
//! They are assets, and made, changed and shared as such; what is computed of them, and by what, is here and in the
//! files below. Results follow every change of people within its transaction (`repository::segmentation::follow`).

mod approve;
mod audience;
mod check;
mod current;
mod job;
mod people;
mod stale;
mod test;
mod view;
mod write;

use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::order::{Order, Place};
use crate::entity::{Asset, Segmentation};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset::{Which, Within};
use crate::repository::{Answer, Store, Tx, asset, segmentation};
use crate::secret::Secrets;
use crate::service::access::{self, At};
use crate::service::asset as assets;

pub(super) use audience::coverage_of;
pub(super) use current::current;
pub use job::Outcome;
pub use people::{Counted, Coverages, Listing, PersonSegment};
pub(super) use stale::{list_changed, refuse_unfit};
pub use test::{Test, Tested, Verdict};
pub use view::{Shown, View};
pub use write::{NewSegmentation, SegmentationPatch};

/// The use cases of segmentations.
#[derive(Clone)]
pub struct Segmentations {
    store: Store,
    secrets: Secrets,
}

// === impl Segmentations ===

impl Segmentations {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads a segmentation that is in a workspace or shared to it.
    pub async fn get(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<Answer<View>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let (asset, reach) = view::seen(&scope, workspace, id).await?;
        let view = view::full(&scope, workspace, asset, reach).await?;
        Ok(scope.answer(view))
    }

    /// Lists the segmentations that a workspace sees, without what is in them.
    pub async fn list(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<View>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{workspace} {order:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let index = scope.index().await?;
        let within = Within::Workspace(workspace, index.index.received(workspace));
        let which = Which { within, types: vec![Type::Segmentation] };
        let rows = asset::list(&scope, &which, order, page.after.clone(), page.limit()).await?;
        let ids: Vec<AssetId> = rows.iter().map(|one| one.id).collect();
        let computed = segmentation::by_ids(&scope, &ids).await?;
        let view = |asset: Asset| {
            let reach = assets::reach(&index.index, workspace, &asset)?;
            let row = computed.iter().find(|row| row.id == asset.id).cloned();
            Ok(View { asset, workspace, reach, row, shown: None })
        };
        let views = rows.into_iter().map(view).collect::<Result<_>>()?;
        let place = |one: &View| Place {
            name: one.asset.display_name.clone(),
            create_time: one.asset.create_time,
            id: one.asset.id.0,
        };
        Ok(scope.answer(tokens.list(page.page(views), place)))
    }
}

/// NOT_APPROVABLE: nothing of it is live.
fn not_approved(id: AssetId) -> Error {
    let message =
        "the segmentation is not approved, and only what is approved can be used; approve it first";
    Error::new(Reason::NotApprovable, message)
        .with("asset_id", id)
        .with("type", Type::Segmentation)
        .resource(Noun::Segmentation, id.to_string())
}

/// OPERATION_RUNNING, if an asset is a segmentation of which a generation is being computed.
pub(super) async fn refuse_at_work(tx: &Tx, asset: &Asset) -> Result<()> {
    match asset.kind {
        Type::Segmentation => refuse_running(segmentation::get(tx, asset.id).await?.as_ref()),
        _ => Ok(()),
    }
}

/// OPERATION_RUNNING, if a generation of the segmentation is being computed.
fn refuse_running(row: Option<&Segmentation>) -> Result<()> {
    let Some(row) = row.filter(|row| row.next_generation.is_some()) else { return Ok(()) };
    let message = "the segmentation is being computed; wait for the operation, or cancel it";
    let operation = row.operation_id.map(|id| id.to_string()).unwrap_or_default();
    Err(Error::new(Reason::OperationRunning, message)
        .with("operation_id", operation)
        .resource(Noun::Segmentation, row.id.to_string()))
}
