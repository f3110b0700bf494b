//! Moving assets within their workspace (F-01, S-03, S-09).

use serde_json::json;

use super::create::{Named, program_of};
use super::view::{self, View};
use super::{Assets, begin, own};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::{Answer, Tx, asset, effect};
use crate::service::folder::{self, Where};
use crate::service::plan::{self, Effects, Planned};
use crate::service::{content, refuse};

/// What is wrong with a folder that is not the named program's.
pub(super) const ELSEWHERE: &str = "must be the folder of the program, or empty";

/// What a caller moves, and where to.
#[derive(Clone, Debug)]
pub struct Move {
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// Which one.
    pub id: AssetId,
    /// Where to.
    pub target: Target,
    /// What the caller read; empty: anything.
    pub etag: String,
}

/// Where an asset is to be.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// In a folder.
    Folder(FolderId),
    /// In a program, which is in this folder, if one is named.
    Program(AssetId, Option<FolderId>),
}

impl Assets {
    /// Moves an asset; a program takes what is local to it along.
    pub async fn relocate(&self, ctx: &Context, how: &Move) -> Result<Answer<Planned<View>>> {
        plan::write_about(&self.store, ctx, Some(how.id), |tx| async move {
            let tx = &*tx;
            begin(tx, ctx, how.workspace).await?;
            relocate(tx, ctx, how).await
        })
        .await
    }
}

async fn relocate(tx: &Tx, ctx: &Context, how: &Move) -> Result<View> {
    let before = own(tx, how.workspace, how.id).await?;
    refuse::stale_etag(&how.etag, before.version, Noun::Asset, how.id)?;
    let (folder, program) = target(tx, how, &before).await?;
    let index = tx.index().await?;
    let mut after = before.clone();
    (after.folder_id, after.program_id) = (folder, program);
    if after == before {
        return View::new(&index.index, how.workspace, before)?.full(tx).await;
    }
    refuse_move(tx, ctx, how.id, folder).await?;
    after.version += 1;
    after.update_time = now();
    let view = View::new(&index.index, how.workspace, after)?.full(tx).await?;
    let after = &view.asset;
    tx.update(after).await.named(after)?;
    if after.kind == Type::Program {
        asset::move_local(tx, after.id, folder, after.update_time).await?;
    }
    let detail = json!({
        "from_folder_id": before.folder_id,
        "to_folder_id": folder,
        "from_program_id": before.program_id,
        "to_program_id": program,
    });
    tx.record(view::change("asset.moved", after, detail, json!(before), json!(after)));
    Ok(view)
}

/// The folder and the program where an asset will be.
async fn target(tx: &Tx, how: &Move, asset: &Asset) -> Result<(FolderId, Option<AssetId>)> {
    let traits = asset.kind.traits();
    match how.target {
        Target::Folder(id) => {
            let place = Where::In(id, Some(traits.area));
            Ok((folder::parent(tx, how.workspace, place).await?.id, None))
        }
        Target::Program(id, named) => {
            let program = program_of(tx, how.workspace, id, "target_program_id").await?;
            if !traits.local {
                let text = format!("must be empty for a {}, which is in no program", asset.kind);
                return Err(Error::invalid("target_program_id", text));
            }
            match named.filter(|folder| *folder != program.folder_id) {
                Some(_) => Err(Error::invalid("target_folder_id", ELSEWHERE)),
                None => Ok((program.folder_id, Some(program.id))),
            }
        }
    }
}

/// Refuses what cannot be shared in a shared folder (S-03), and what others would lose (REFERENCE_WOULD_BREAK).
async fn refuse_move(tx: &Tx, ctx: &Context, id: AssetId, folder: FolderId) -> Result<()> {
    let index = &tx.index().await?.index;
    let matter = effect::of_asset(tx, id).await?;
    let moved: Vec<AssetId> = matter.assets.iter().map(|one| one.id).collect();
    let place = |id, now| if moved.contains(&id) { folder } else { now };
    let effects = Effects::new(index, index, matter, place);
    if let Some(shared) = index.shared_above(folder).first() {
        content::refuse_unshareable(*shared, effects.unshareable())?;
    }
    folder::refuse_broken(tx, ctx, &effects).await
}
