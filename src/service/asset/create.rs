//! Making assets (F-01, S-03, G-01).

use serde_json::{Value as Json, json};

use super::filter::{self, Defined};
use super::view::{self, View};
use super::{Assets, begin, moves, own, reference, resolve};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::{Reference, Type};
use crate::domain::filter::Filter;
use crate::domain::text;
use crate::entity::Asset;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::effect::{self, Touched};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Tx, asset};
use crate::service::folder::{self, Where};
use crate::service::{content, refuse};

/// An asset to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewAsset {
    /// Its id, a new one.
    pub id: AssetId,
    /// What it is promoted from, and where that is.
    pub origin: Option<(AssetId, WorkspaceId)>,
    /// The workspace that it is to belong to.
    pub workspace: WorkspaceId,
    /// Where; nothing: in the root of its area, or in its program.
    pub folder: Option<FolderId>,
    /// The program that it is to be local to.
    pub program: Option<AssetId>,
    /// What it is.
    pub kind: Type,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its content.
    pub content: Json,
    /// Its filter, given beside the content; nothing: as in the content.
    pub filter: Option<Filter>,
    /// What it uses.
    pub references: Vec<Reference>,
    /// It runs.
    pub active: bool,
}

impl Assets {
    /// Makes an asset, as a draft if its type is approved.
    pub async fn create(&self, ctx: &Context, new: &NewAsset) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                begin(tx, ctx, new.workspace).await?;
                refuse_definition(new.kind, Some(&new.content), Some(&new.references))?;
                create(tx, new).await
            })
            .await
    }
}

/// Makes an asset of the workspace that the transaction holds.
pub(in crate::service) async fn create(tx: &Tx, new: &NewAsset) -> Result<View> {
    let made = row(tx, new, place(tx, new).await?);
    let index = tx.index().await?;
    if let (Some(shared), false) =
        (index.index.shared_above(made.folder_id).first(), new.kind.traits().shareable)
    {
        content::refuse_unshareable(*shared, vec![&Touched::from(&made)])?;
    }
    reference::check(tx, &index.index, &made, &new.references, false).await?;
    let Defined { content, filter } =
        Defined::new(new.kind, new.content.clone(), new.filter.as_ref())?;
    if let Some(filter) = &filter {
        filter::check(tx, new.workspace, filter).await?;
    }
    let references = filter::merged(&new.references, filter.as_ref())?;
    resolve::refuse_loose(&content, &references)?;
    if new.kind == Type::Segmentation {
        refuse_segmentations(tx, &Settings::from_json(&tx.head().settings), 1).await?;
    }
    let targets = reference::targets(tx, references.iter()).await?;
    quota::take(tx, Quota::Assets).await?;
    tx.insert(&made).await.named(&made)?;
    asset::insert_content(tx, made.id, &content).await?;
    asset::set_references(tx, made.id, !made.has_draft, &references).await?;
    if made.kind.reads_fields() {
        filter::keep_fields(tx, &made, &content).await?;
    }
    let mut view = View::new(&index.index, new.workspace, made)?;
    let made = &view.asset;
    let references = targets.follow(&index.index, new.workspace, !made.has_draft, references);
    view.shown = Some(view::Shown { content, references });
    let made = &view.asset;
    let detail = json!({
        "type": made.kind,
        "folder_id": made.folder_id,
        "program_id": made.program_id,
    });
    tx.record(view::change("asset.created", made, detail, Json::Null, view.recorded()));
    Ok(view)
}

/// The folder that it will be in.
async fn place(tx: &Tx, new: &NewAsset) -> Result<FolderId> {
    let Some(program) = new.program else {
        let area = new.kind.traits().area;
        let place = new.folder.map_or(Where::Root(area), |id| Where::In(id, Some(area)));
        return Ok(folder::parent(tx, new.workspace, place).await?.id);
    };
    let program = program_of(tx, new.workspace, program, "asset.parent_program_id").await?;
    match new.folder {
        Some(folder) if folder != program.folder_id => {
            Err(Error::invalid("asset.folder_id", moves::ELSEWHERE))
        }
        _ => Ok(program.folder_id),
    }
}

/// A program of the workspace's own, named in a field of the request.
pub(super) async fn program_of(
    tx: &Tx,
    workspace: WorkspaceId,
    id: AssetId,
    field: &str,
) -> Result<Asset> {
    let found = own(tx, workspace, id).await?;
    match found.kind {
        Type::Program => Ok(found),
        other => {
            Err(Error::invalid(field, format!("must be a program, and is of the type {other}")))
        }
    }
}

fn row(tx: &Tx, new: &NewAsset, folder: FolderId) -> Asset {
    let time = now();
    Asset {
        tenant_id: tx.tenant(),
        id: new.id,
        workspace_id: new.workspace,
        folder_id: folder,
        program_id: new.program,
        kind: new.kind,
        display_name: new.display_name.clone(),
        name_key: text::key(&new.display_name),
        description: new.description.clone(),
        active: new.active,
        has_draft: new.kind.traits().approvable,
        approved_version: None,
        versions: 0,
        origin_id: new.origin.map(|(id, _)| id),
        origin_workspace_id: new.origin.map(|(_, workspace)| workspace),
        version: 1,
        create_time: time,
        update_time: time,
    }
}

/// Refuses more segmentations than the tenant may have (G-01); under the lock of its folders.
pub(in crate::service) async fn refuse_segmentations(
    tx: &Tx,
    settings: &Settings,
    more: i64,
) -> Result<()> {
    let (total, limit) =
        (effect::count_segmentations(tx).await?, i64::from(settings.segmentation_limit));
    if total + more <= limit {
        return Ok(());
    }
    let message = format!(
        "the tenant has {total} segmentations and may have {limit}, over all its workspaces; delete some, or raise \
         segmentation_limit in its settings"
    );
    Err(Error::new(Reason::SegmentationLimit, message).with("limit", limit).with("total", total))
}

/// Refuses what a segmentation is defined by, outside of SegmentationService.
pub(super) fn refuse_definition(
    kind: Type,
    content: Option<&Json>,
    references: Option<&[Reference]>,
) -> Result<()> {
    let given = content.and_then(Json::as_object).is_some_and(|one| !one.is_empty());
    if kind == Type::Segmentation && (given || references.is_some_and(|one| !one.is_empty())) {
        let text =
            "must be empty: the segments of a segmentation are written by SegmentationService";
        return Err(Error::invalid("asset.content", text));
    }
    Ok(())
}

/// Names are unique in a folder, a program and, of programs, a workspace (F-02).
pub(super) trait Named<T> {
    /// NAME_TAKEN, if another asset has the name.
    fn named(self, asset: &Asset) -> Result<T>;
}

impl<T> Named<T> for Result<T> {
    fn named(self, asset: &Asset) -> Self {
        let taken = || refuse::name_taken(Noun::Asset, &asset.display_name);
        self.on_unique("asset_name", taken)
            .on_unique("asset_local_name", taken)
            .on_unique("asset_program_name", taken)
    }
}
