//! Approving drafts, taking what is live back, and throwing drafts away (F-04, S-07).

use serde_json::{Value as Json, json};

use super::view::{self, View};
use super::{Assets, begin, own, reference, used_by};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::asset::Version;
use crate::repository::{Answer, Tx, asset, effect};
use crate::service::{refuse, segmentation};

impl Assets {
    /// Makes the draft of an asset the live version.
    pub async fn approve(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let found = approvable(tx, ctx, workspace, id, etag).await?;
                refuse_segmentation(&found)?;
                approve(tx, ctx, found).await
            })
            .await
    }

    /// Takes the live version of an asset back.
    pub async fn unapprove(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let found = approvable(tx, ctx, workspace, id, etag).await?;
                refuse_segmentation(&found)?;
                unapprove(tx, ctx, found).await
            })
            .await
    }

    /// Throws the draft of an approved asset away.
    pub async fn discard_draft(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let found = approvable(tx, ctx, workspace, id, etag).await?;
                segmentation::refuse_at_work(tx, &found).await?;
                discard(tx, found).await
            })
            .await
    }
}

/// An asset of the workspace's own, of a type that is approved, unchanged since the caller read it.
async fn approvable(
    tx: &Tx,
    ctx: &Context,
    workspace: WorkspaceId,
    id: AssetId,
    etag: &str,
) -> Result<Asset> {
    begin(tx, ctx, workspace).await?;
    let found = own(tx, workspace, id).await?;
    refuse::stale_etag(etag, found.version, Noun::Asset, id)?;
    match found.kind.traits().approvable {
        true => Ok(found),
        false => Err(not_approvable(&found, "assets of the type are live as they are")),
    }
}

/// Makes the draft of an asset the live version.
pub(in crate::service) async fn approve(tx: &Tx, ctx: &Context, before: Asset) -> Result<View> {
    let view = shown(tx, &before).await?;
    if !before.has_draft {
        return Ok(view);
    }
    let references = view.references();
    let targets = reference::targets(tx, references.iter()).await?;
    let followed =
        targets.follow(&tx.index().await?.index, before.workspace_id, true, references.clone());
    reference::refuse_broken(before.id, &followed)?;
    let mut after = changed(&before);
    after.has_draft = false;
    after.versions += 1;
    after.approved_version = Some(after.versions);
    let version = Version {
        number: after.versions,
        refers_to: json!(references),
        approved_by: ctx.caller.to_string(),
        approve_time: after.update_time,
    };
    tx.update(&after).await?;
    asset::approve(tx, after.id, &version).await?;
    if after.kind.reads_fields() {
        asset::forget_fields(tx, after.id, true).await?;
        asset::turn_fields(tx, after.id, true).await?;
    }
    // It shows the same content, of which nothing is broken.
    let shown = view.shown.clone().map(|one| view::Shown { references: followed, ..one });
    let after = View { version: version.number, asset: after, shown, ..view.clone() };
    record(tx, "asset.approved", json!({ "version": version.number }), &view, &after);
    Ok(after)
}

/// Takes the live version of an asset back; nothing uses it.
pub(in crate::service) async fn unapprove(tx: &Tx, ctx: &Context, before: Asset) -> Result<View> {
    let number = approved(&before)?;
    let view = shown(tx, &before).await?;
    let matter = effect::of_asset(tx, before.id).await?;
    used_by::refuse_used(tx, ctx, before.id, &matter).await?;
    let mut after = changed(&before);
    after.has_draft = true;
    after.approved_version = None;
    tx.update(&after).await?;
    asset::unapprove(tx, after.id, number, before.has_draft).await?;
    match (before.kind.reads_fields(), before.has_draft) {
        (false, _) => {}
        (true, true) => asset::forget_fields(tx, after.id, true).await?,
        (true, false) => asset::turn_fields(tx, after.id, false).await?,
    }
    let after = shown(tx, &after).await?;
    record(tx, "asset.unapproved", json!({ "version": number }), &view, &after);
    Ok(after)
}

async fn discard(tx: &Tx, before: Asset) -> Result<View> {
    let number = approved(&before)?;
    let view = shown(tx, &before).await?;
    if !before.has_draft {
        return Ok(view);
    }
    let mut after = changed(&before);
    after.has_draft = false;
    tx.update(&after).await?;
    asset::discard(tx, after.id).await?;
    if after.kind.reads_fields() {
        asset::forget_fields(tx, after.id, false).await?;
    }
    let after = shown(tx, &after).await?;
    record(tx, "asset.draft_discarded", json!({ "version": number }), &view, &after);
    Ok(after)
}

/// The live version of an asset, or NOT_APPROVABLE.
fn approved(asset: &Asset) -> Result<i64> {
    let never =
        || not_approvable(asset, "the asset is not approved; delete it if it is not needed");
    asset.approved_version.ok_or_else(never)
}

/// The row, about to change.
fn changed(before: &Asset) -> Asset {
    Asset { version: before.version + 1, update_time: now(), ..before.clone() }
}

/// The asset, as its own workspace sees it.
async fn shown(tx: &Tx, asset: &Asset) -> Result<View> {
    let index = tx.index().await?;
    View::new(&index.index, asset.workspace_id, asset.clone())?.full(tx).await
}

fn record(tx: &Tx, kind: &'static str, detail: Json, before: &View, after: &View) {
    let (old, new) = (before.recorded(), after.recorded());
    tx.record(view::change(kind, &after.asset, detail, old, new));
}

/// NOT_APPROVABLE, for segmentations: what is approved of them is computed first.
fn refuse_segmentation(asset: &Asset) -> Result<()> {
    let message = "segmentations are approved and unapproved by SegmentationService";
    match asset.kind {
        Type::Segmentation => Err(not_approvable(asset, message)),
        _ => Ok(()),
    }
}

/// NOT_APPROVABLE.
fn not_approvable(asset: &Asset, message: &str) -> Error {
    Error::new(Reason::NotApprovable, message)
        .with("asset_id", asset.id)
        .with("type", asset.kind)
        .resource(Noun::Asset, asset.id.to_string())
}
