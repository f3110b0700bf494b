//! Writing what a transfer changes, asset by asset, each as if somebody saved it: no rule is known twice.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::place::{NewFolder, Place, Spot};
use super::plan::{Plan, Step, What};
use super::{Approval, Transfers};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::package::Part;
use crate::domain::segmentation::{Definition, Given, Segment};
use crate::domain::text;
use crate::domain::visibility::{Fact, fact};
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::transfer::{self, Origin};
use crate::repository::{Change, Tx, asset as rows};
use crate::service::asset::{self, AssetPatch, NewAsset};
use crate::service::folder::{self, Where};
use crate::service::segmentation::{NewSegmentation, SegmentationPatch};

/// One transfer, in the transaction that it is.
pub(super) struct Run<'a> {
    pub(super) transfers: &'a Transfers,
    pub(super) tx: &'a Tx,
    pub(super) ctx: &'a Context,
    /// The workspace that it writes to.
    pub(super) target: WorkspaceId,
    /// The one that it comes from, of the same tenant.
    pub(super) source: Option<WorkspaceId>,
}

// === impl Run ===

impl Run<'_> {
    /// Writes all that a plan says, or nothing.
    pub(super) async fn apply(&self, plan: &Plan) -> Result<()> {
        if !plan.diff.writes() {
            return Ok(());
        }
        let mut made: Vec<FolderId> = Vec::with_capacity(plan.folders.len());
        for one in &plan.folders {
            let id = self.folder(one, &made).await?;
            made.push(id);
        }
        self.free_names(plan).await?;
        let steps = plan.steps.iter().filter(|step| step.change.writes());
        let mut origins = Vec::new();
        for step in steps {
            self.step(step, &made)
                .await
                .map_err(|error| error.with("source_asset_id", step.change.origin))?;
            origins.push(Origin {
                origin_id: step.change.origin,
                asset_id: step.id,
                renamed: step.renamed.clone(),
                digest: step.form.digest(),
            });
        }
        self.record(&origins, made.len());
        transfer::keep_origins(self.tx, self.target, origins).await
    }

    /// Frees the names that some assets give up and others get, so that names can be exchanged: they are written one by
    /// one.
    async fn free_names(&self, plan: &Plan) -> Result<()> {
        let named = plan.steps.iter().filter_map(Step::named);
        let wanted: HashSet<String> = named.map(|one| text::key(one.name)).collect();
        let gives_up = |step: &&Step| match &step.what {
            What::Change(found) if step.change.parts.contains(&Part::Name) => {
                found.name_key != text::key(&step.form.display_name)
                    && wanted.contains(&found.name_key)
            }
            _ => false,
        };
        let ids: Vec<AssetId> = plan.steps.iter().filter(gives_up).map(|step| step.id).collect();
        if ids.is_empty() { Ok(()) } else { transfer::free_names(self.tx, &ids).await }
    }

    async fn folder(&self, new: &NewFolder, made: &[FolderId]) -> Result<FolderId> {
        let parent = place(new.parent, made)?;
        let folder = folder::NewFolder {
            workspace: self.target,
            place: Where::In(parent, None),
            display_name: new.display_name.clone(),
            description: new.description.clone(),
        };
        let view = folder::create(self.tx, &folder).await?;
        let id = view.folder.id;
        let fact = fact::Folder { parent, targets: Vec::new() };
        self.tx.foresee([Fact::Folder(id, Some(fact))]).await?;
        Ok(id)
    }

    async fn step(&self, step: &Step, made: &[FolderId]) -> Result<()> {
        match &step.what {
            What::Add(place) => self.add(step, *place, made).await?,
            What::Change(found) if step.change.parts != [Part::Approval] => {
                self.change(step, found).await?;
            }
            What::Change(_) => {}
        }
        if step.change.approval == Approval::Approved {
            let found = rows::get(self.tx, step.id).await?;
            let found = found.ok_or_else(|| Error::not_found(Noun::Asset, step.id))?;
            asset::approve(self.tx, self.ctx, found).await?;
        }
        Ok(())
    }

    async fn add(&self, step: &Step, at: Place, made: &[FolderId]) -> Result<()> {
        let (folder, program) = match at {
            Place::Folder(spot) => (Some(place(spot, made)?), None),
            Place::Program(id) => (None, Some(id)),
        };
        let origin = self.source.map(|workspace| (step.change.origin, workspace));
        let form = &step.form;
        if step.kind == Type::Segmentation {
            let new = NewSegmentation {
                id: step.id,
                origin,
                workspace: self.target,
                folder,
                display_name: form.display_name.clone(),
                description: form.description.clone(),
                segments: segments(&form.content)?,
            };
            return self.transfers.segmentations.bring(self.tx, &new).await;
        }
        let new = NewAsset {
            id: step.id,
            origin,
            workspace: self.target,
            folder,
            program,
            kind: step.kind,
            display_name: form.display_name.clone(),
            description: form.description.clone(),
            content: form.content.clone(),
            filter: None,
            references: form.references.clone(),
            active: false,
        };
        asset::create(self.tx, &new).await.map(drop)
    }

    async fn change(&self, step: &Step, found: &Asset) -> Result<()> {
        let (form, parts) = (&step.form, &step.change.parts);
        let has = |part| parts.contains(&part);
        let rewritten = has(Part::Content) || has(Part::References);
        let display_name = has(Part::Name).then(|| form.display_name.clone());
        let description = has(Part::Description).then(|| form.description.clone());
        if step.kind == Type::Segmentation {
            let segments = if rewritten { Some(segments(&form.content)?) } else { None };
            let patch = SegmentationPatch {
                workspace: self.target,
                id: step.id,
                etag: String::new(),
                display_name,
                description,
                segments,
            };
            return self.transfers.segmentations.follow(self.tx, &patch).await;
        }
        let patch = AssetPatch {
            workspace: self.target,
            id: step.id,
            display_name,
            description,
            content: rewritten.then(|| form.content.clone()),
            references: rewritten.then(|| form.references.clone()),
            ..AssetPatch::default()
        };
        asset::update(self.tx, found.clone(), &patch).await.map(drop)
    }

    /// What the transfer was, beside what became of each asset.
    fn record(&self, written: &[Origin], folders: usize) {
        let kind = if self.source.is_some() { "assets.promoted" } else { "assets.imported" };
        let pairs: Vec<(AssetId, AssetId)> =
            written.iter().map(|one| (one.origin_id, one.asset_id)).collect();
        self.tx.record_first(Change {
            kind,
            workspace_id: Some(self.target),
            detail: json!({
                "source_workspace_id": self.source,
                "target_workspace_id": self.target,
                "assets": written.len(),
                "folders": folders,
            }),
            after: json!({ "assets": pairs }),
            ..Change::default()
        });
    }
}

fn place(spot: Spot, made: &[FolderId]) -> Result<FolderId> {
    match spot {
        Spot::There(id) => Ok(id),
        Spot::New(at) => {
            made.get(at).copied().ok_or_else(|| Error::internal("a folder is made after its use"))
        }
    }
}

/// The segments of a definition, as a caller would give them.
fn segments(content: &Json) -> Result<Vec<Given>> {
    let definition: Definition =
        serde_json::from_value(content.clone()).map_err(Error::internal)?;
    let given = |one: Segment| Given {
        id: Some(one.id),
        display_name: one.display_name,
        filter: Some(one.filter),
    };
    Ok(definition.segments.into_iter().map(given).collect())
}
