//! Making, changing and deleting segmentations (G-01, G-02, G-09, G-13).

use serde_json::json;

use super::view::{View, full, own};
use super::{Segmentations, check, refuse_at_work, refuse_running};
use crate::context::Context;
use crate::domain::asset::{Reference, Type};
use crate::domain::segmentation::{Definition, Given, define};
use crate::domain::text;
use crate::domain::visibility::Reach;
use crate::entity::tenant::Settings;
use crate::error::{Error, Result, Violation};
use crate::id::{AssetId, FolderId, SegmentId, WorkspaceId};
use crate::repository::{Answer, Tx};
use crate::service::asset::{self, AssetPatch, NewAsset};
use crate::service::plan::{self, Planned};

/// A segmentation to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewSegmentation {
    /// Its id, a new one.
    pub id: AssetId,
    /// What it is promoted from, and where that is.
    pub origin: Option<(AssetId, WorkspaceId)>,
    /// The workspace that it is to belong to.
    pub workspace: WorkspaceId,
    /// Where; nothing: in the root of its area.
    pub folder: Option<FolderId>,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its segments.
    pub segments: Vec<Given>,
}

/// What to change of a segmentation; nothing: leave it as it is.
#[derive(Clone, Debug)]
pub struct SegmentationPatch {
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
    /// The segments.
    pub segments: Option<Vec<Given>>,
}

// === impl Segmentations ===

impl Segmentations {
    /// Makes a segmentation, as a draft.
    pub async fn create(&self, ctx: &Context, new: &NewSegmentation) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                asset::begin(tx, ctx, new.workspace).await?;
                let definition = parse(tx, new.segments.clone(), &[])?;
                let made = self.make(tx, new, &definition).await?;
                full(tx, new.workspace, made.asset, made.reach).await
            })
            .await
    }

    async fn make(
        &self,
        tx: &Tx,
        new: &NewSegmentation,
        definition: &Definition,
    ) -> Result<asset::View> {
        check::definition(tx, new.workspace, definition).await?;
        let asset = NewAsset {
            id: new.id,
            origin: new.origin,
            workspace: new.workspace,
            folder: new.folder,
            program: None,
            kind: Type::Segmentation,
            display_name: new.display_name.clone(),
            description: new.description.clone(),
            content: json!(definition),
            filter: None,
            references: references(definition),
            active: false,
        };
        asset::create(tx, &asset).await
    }

    /// Makes a segmentation that comes from elsewhere: its segments have their ids already.
    pub(in crate::service) async fn bring(&self, tx: &Tx, new: &NewSegmentation) -> Result<()> {
        let definition = parse(tx, new.segments.clone(), &ids(&new.segments))?;
        self.make(tx, new, &definition).await.map(drop)
    }

    /// Changes a segmentation; its segments in its draft.
    pub async fn update(&self, ctx: &Context, patch: &SegmentationPatch) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                asset::begin(tx, ctx, patch.workspace).await?;
                self.change(tx, patch, &[]).await
            })
            .await
    }

    /// Changes a segmentation to what comes from elsewhere: its segments may have ids that it does not know yet.
    pub(in crate::service) async fn follow(
        &self,
        tx: &Tx,
        patch: &SegmentationPatch,
    ) -> Result<()> {
        let coming = patch.segments.as_deref().map(ids).unwrap_or_default();
        self.change(tx, patch, &coming).await.map(drop)
    }

    async fn change(
        &self,
        tx: &Tx,
        patch: &SegmentationPatch,
        coming: &[SegmentId],
    ) -> Result<View> {
        let mut found = own(tx, patch.workspace, patch.id, &patch.etag).await?;
        // What comes from elsewhere may exchange names: then the key is not that of the name for a while.
        found.name_key = text::key(&found.display_name);
        let before = full(tx, patch.workspace, found.clone(), Reach::Own { shared: false }).await?;
        refuse_running(before.row.as_ref().filter(|row| row.next_version == Some(0)))?;
        let definition = match &patch.segments {
            Some(given) => {
                let known = [known(&before), coming.to_vec()].concat();
                let definition = parse(tx, given.clone(), &known)?;
                check::definition(tx, patch.workspace, &definition).await?;
                Some(definition)
            }
            None => None,
        };
        let patch = AssetPatch {
            workspace: patch.workspace,
            id: patch.id,
            etag: String::new(),
            display_name: patch.display_name.clone(),
            description: patch.description.clone(),
            content: definition.as_ref().map(|one| json!(one)),
            filter: None,
            references: definition.as_ref().map(references),
            active: None,
        };
        let after = asset::update(tx, found, &patch).await?;
        full(tx, patch.workspace, after.asset, after.reach).await
    }

    /// Deletes a segmentation, for good.
    pub async fn delete(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        etag: &str,
    ) -> Result<Answer<Planned<()>>> {
        plan::write_about(&self.store, ctx, Some(id), |tx| async move {
            let tx = &*tx;
            asset::begin(tx, ctx, workspace).await?;
            let found = own(tx, workspace, id, etag).await?;
            refuse_at_work(tx, &found).await?;
            asset::delete(tx, ctx, found).await.map(drop)
        })
        .await
    }
}

/// The definition that a caller gives.
fn parse(tx: &Tx, given: Vec<Given>, known: &[SegmentId]) -> Result<Definition> {
    let settings = Settings::from_json(&tx.head().settings);
    let max = usize::try_from(settings.segments_per_segmentation).unwrap_or_default();
    define(given, known, max).map_err(|problems| {
        let violation = |(at, field, text): (usize, &str, String)| {
            Violation::new(format!("segmentation.segments[{at}].{field}"), text)
        };
        Error::violations(problems.into_iter().map(violation).collect())
    })
}

/// The ids that its segments have, or had.
fn known(view: &View) -> Vec<SegmentId> {
    let shown = view.shown.iter();
    let definitions = shown
        .flat_map(|one| one.draft.iter().chain(one.approved.iter().map(|(_, approved)| approved)));
    definitions.flat_map(Definition::ids).collect()
}

/// The ids of segments as they are given.
fn ids(given: &[Given]) -> Vec<SegmentId> {
    given.iter().filter_map(|one| one.id).collect()
}

/// What the filters of a definition use.
fn references(definition: &Definition) -> Vec<Reference> {
    let mut references: Vec<Reference> =
        definition.segments.iter().flat_map(|one| asset::references_of(&one.filter)).collect();
    references.sort_unstable();
    references.dedup();
    references
}
