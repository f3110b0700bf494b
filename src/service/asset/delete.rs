//! Deleting assets, for good (F-03).

use serde_json::{Value as Json, json};

use super::{Assets, begin, own, used_by, view};
use crate::context::Context;
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::effect::{self, Matter};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Tx, asset};
use crate::service::{refuse, segmentation};

impl Assets {
    /// Deletes an asset, a program with its local assets; how many went.
    pub async fn delete(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<usize>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                begin(tx, ctx, workspace).await?;
                let found = own(tx, workspace, id).await?;
                refuse::stale_etag(etag, found.version, Noun::Asset, id)?;
                segmentation::refuse_at_work(tx, &found).await?;
                delete(tx, ctx, found).await
            })
            .await
    }
}

/// Deletes an asset of the workspace that the transaction holds, with what is local to it; how many went.
pub(in crate::service) async fn delete(tx: &Tx, ctx: &Context, found: Asset) -> Result<usize> {
    let id = found.id;
    let matter = effect::of_asset(tx, id).await?;
    refuse_approved(id, &matter)?;
    used_by::refuse_used(tx, ctx, id, &matter).await?;
    let ids: Vec<AssetId> = matter.assets.iter().map(|one| one.id).collect();
    asset::delete(tx, &ids).await?;
    quota::give_back_some(tx, Quota::Assets, ids.len()).await?;
    let detail = json!({
        "type": found.kind,
        "folder_id": found.folder_id,
        "asset_ids": ids,
    });
    tx.record(view::change("asset.deleted", &found, detail, json!(found), Json::Null));
    Ok(ids.len())
}

/// ASSET_APPROVED, of the asset itself first, then of what is local to it.
fn refuse_approved(id: AssetId, matter: &Matter) -> Result<()> {
    let approved = || matter.assets.iter().filter(|one| one.approved);
    let first = approved().find(|one| one.id == id).or_else(|| approved().next());
    let Some(first) = first else { return Ok(()) };
    let message = format!(
        "the {} {:?} is approved, and what is live is not deleted; unapprove it first",
        first.kind.traits().title,
        first.display_name
    );
    let error = Error::new(Reason::AssetApproved, message)
        .with("asset_id", first.id)
        .resource(Noun::Asset, first.id.to_string());
    Err(approved().fold(error, |error, one| error.offender(one.id, "is approved")))
}
