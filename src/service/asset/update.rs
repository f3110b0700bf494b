//! Changing assets (F-04, H-02).

use serde_json::{Value as Json, json};

use super::create::{self, Named};
use super::filter::{self, Defined};
use super::view::{self, Shown, View};
use super::{Assets, begin, own, reference, resolve};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::{Reference, Type};
use crate::domain::filter::Filter;
use crate::domain::text;
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Answer, Tx, asset};
use crate::service::patch::Changed;
use crate::service::{refuse, segmentation};

/// What to change of an asset; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct AssetPatch {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Which one.
    pub id: AssetId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The content.
    pub content: Option<Json>,
    /// The filter; nothing within: none.
    pub filter: Option<Option<Filter>>,
    /// What it uses.
    pub references: Option<Vec<Reference>>,
    /// It runs.
    pub active: Option<bool>,
}

impl Assets {
    /// Changes an asset; its content and references, if it is of a type that is approved, in its draft.
    pub async fn update(&self, ctx: &Context, patch: &AssetPatch) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                begin(tx, ctx, patch.workspace).await?;
                let found = own(tx, patch.workspace, patch.id).await?;
                create::refuse_definition(
                    found.kind,
                    patch.content.as_ref(),
                    patch.references.as_deref(),
                )?;
                update(tx, patch).await
            })
            .await
    }
}

/// Changes an asset of the workspace that the transaction holds.
pub(in crate::service) async fn update(tx: &Tx, patch: &AssetPatch) -> Result<View> {
    let found = own(tx, patch.workspace, patch.id).await?;
    refuse::stale_etag(&patch.etag, found.version, Noun::Asset, patch.id)?;
    if patch.active == Some(true) && !found.kind.runs() {
        return Err(Error::invalid("asset.active", format!("a {} cannot run", found.kind)));
    }
    let index = tx.index().await?;
    let before = View::new(&index.index, patch.workspace, found)?.full(tx).await?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    let row = &mut after.asset;
    changed.set("display_name", &mut row.display_name, patch.display_name.as_ref());
    changed.set("description", &mut row.description, patch.description.as_ref());
    changed.set("active", &mut row.active, patch.active.as_ref());
    let references = edit(tx, patch, &mut after, &mut changed).await?;
    if changed.is_empty() {
        return Ok(before);
    }
    if changed.has("content") || changed.has("references") {
        after.asset.has_draft = after.asset.kind.traits().approvable;
        after.version = after.asset.newest();
    }
    after.asset.name_key = text::key(&after.asset.display_name);
    after.asset.version += 1;
    after.asset.update_time = now();
    tx.update(&after.asset).await.named(&after.asset)?;
    save(tx, &before, &after, &references, &changed).await?;
    let detail = json!({ "fields": changed.0 });
    let (old, new) = (before.recorded(), after.recorded());
    tx.record(view::change("asset.updated", &after.asset, detail, old, new));
    Ok(after)
}

/// Puts new content and references in, and returns all references. Those that are named are checked, those that were
/// there before too; those that are not named may be broken.
async fn edit(
    tx: &Tx,
    patch: &AssetPatch,
    after: &mut View,
    changed: &mut Changed,
) -> Result<Vec<Reference>> {
    let mut references = after.references();
    let index = tx.index().await?;
    let (kind, before) = (after.asset.kind, after.filter());
    let Some(shown) = &after.shown else { return Ok(references) };
    let defined = Defined::patched(kind, &shown.content, patch)?;
    if let Some(given) = &patch.references {
        reference::check(tx, &index.index, &after.asset, given, true).await?;
    }
    if defined.filter != before {
        changed.0.push("filter");
        refilter(tx, &after.asset, defined.filter.as_ref()).await?;
    }
    if patch.references.is_some() || changed.has("filter") {
        let kept = match &patch.references {
            Some(given) => given.clone(),
            None => without(&references, before.as_ref()),
        };
        let merged = filter::merged(&kept, defined.filter.as_ref())?;
        changed.set("references", &mut references, Some(&merged));
    }
    let targets = reference::targets(tx, references.iter()).await?;
    let Some(shown) = &mut after.shown else { return Ok(references) };
    changed.set("content", &mut shown.content, Some(&defined.content));
    if changed.has("content") || changed.has("references") {
        resolve::refuse_loose(&shown.content, &references)?;
        let live = !after.asset.kind.traits().approvable;
        let workspace = after.asset.workspace_id;
        shown.references = targets.follow(&index.index, workspace, live, references.clone());
    }
    Ok(references)
}

/// References but for those of the filter.
fn without(references: &[Reference], filter: Option<&Filter>) -> Vec<Reference> {
    let of_filter = filter.map(filter::references_of).unwrap_or_default();
    references.iter().filter(|one| !of_filter.contains(one)).copied().collect()
}

/// Checks another filter, or none, of an asset that there is.
async fn refilter(tx: &Tx, asset: &Asset, filter: Option<&Filter>) -> Result<()> {
    let list = asset.kind == Type::SmartList;
    let Some(filter) = filter else {
        return if list { filter::refuse_lost(tx, asset.id).await } else { Ok(()) };
    };
    let predicate = filter::check(tx, asset.workspace_id, filter).await?;
    reference::refuse_cycle(tx, &filter.assets().collect::<Vec<_>>(), asset.id).await?;
    if list {
        segmentation::refuse_unfit(tx, asset.id, &predicate).await?;
    }
    Ok(())
}

/// Writes content and references, where they changed; a new draft has both.
async fn save(
    tx: &Tx,
    before: &View,
    after: &View,
    references: &[Reference],
    changed: &Changed,
) -> Result<()> {
    let Some(Shown { content, .. }) = &after.shown else { return Ok(()) };
    let (id, approvable) = (after.asset.id, after.asset.kind.traits().approvable);
    let new_draft = after.asset.has_draft && !before.asset.has_draft;
    if new_draft {
        asset::insert_content(tx, id, content).await?;
    } else if changed.has("content") {
        asset::set_content(tx, id, content).await?;
    }
    if new_draft || changed.has("references") {
        asset::set_references(tx, id, !approvable, references).await?;
    }
    if after.asset.kind.reads_fields() && (new_draft || changed.has("content")) {
        filter::keep_fields(tx, &after.asset, content).await?;
    }
    if changed.has("filter") && after.asset.kind == Type::SmartList {
        filter::refuse_outgrown(tx, id).await?;
        segmentation::list_changed(tx, id).await?;
    }
    Ok(())
}
