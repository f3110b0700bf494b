//! Making, changing and deleting folders (F-02, F-03).

use serde_json::{Value as Json, json};

use super::{Folders, View, not_found};
use crate::clock::now;
use crate::config::FOLDER_DEPTH_MAX;
use crate::context::Context;
use crate::domain::asset::Area;
use crate::domain::text;
use crate::domain::visibility::{Fact, Reach};
use crate::entity::Folder;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{FolderId, WorkspaceId};
use crate::repository::effect::Matter;
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Change, Touches, Tx, folder};
use crate::service::access::{self, At};
use crate::service::patch::Changed;
use crate::service::plan::{Effects, Plan, Planned};
use crate::service::{content, refuse};

/// Where a folder is to lie.
#[derive(Clone, Copy, Debug)]
pub enum Where {
    /// In this folder, which must be of the area if one is named.
    In(FolderId, Option<Area>),
    /// Directly in the root of an area.
    Root(Area),
}

/// A folder to make; its texts are parsed.
#[derive(Clone, Debug)]
pub struct NewFolder {
    /// The workspace that it is to belong to.
    pub workspace: WorkspaceId,
    /// Where.
    pub place: Where,
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
}

/// What to change of a folder; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct FolderPatch {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Which one.
    pub id: FolderId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

impl Folders {
    /// Makes a folder.
    pub async fn create(&self, ctx: &Context, new: &NewFolder) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(new.workspace)).await?;
                content::hold(tx, &[new.workspace]).await?;
                create(tx, new).await
            })
            .await
    }

    /// Changes the name or description of a folder.
    pub async fn update(&self, ctx: &Context, patch: &FolderPatch) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(patch.workspace)).await?;
                content::hold(tx, &[patch.workspace]).await?;
                update(tx, patch).await
            })
            .await
    }

    /// Deletes an empty folder, for good.
    pub async fn delete(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: FolderId,
        etag: &str,
        plan_token: &str,
    ) -> Result<Answer<Option<Plan>>> {
        let planned = Planned::new(
            &self.secrets,
            ctx,
            &[&workspace.to_string(), &id.to_string()],
            plan_token,
        );
        let planned = &planned;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(workspace)).await?;
                content::hold(tx, &[workspace]).await?;
                let found = own(tx, workspace, id).await?;
                refuse::stale_etag(etag, found.version, Noun::Folder, id)?;
                refuse_root(&found)?;
                let effects = ending(tx, id).await?;
                let plan = planned.settle(tx, ctx, &effects, &[id]).await?;
                delete(tx, &found).await?;
                Ok(plan)
            })
            .await
    }
}

async fn create(tx: &Tx, new: &NewFolder) -> Result<View> {
    let parent = parent(tx, new.workspace, new.place).await?;
    refuse_depth(parent.id, parent.depth + 1)?;
    quota::take(tx, Quota::Folders).await?;
    let time = now();
    let made = Folder {
        tenant_id: tx.tenant(),
        id: FolderId::new(),
        workspace_id: new.workspace,
        area: parent.area,
        parent_id: Some(parent.id),
        display_name: new.display_name.clone(),
        name_key: text::key(&new.display_name),
        description: new.description.clone(),
        depth: parent.depth + 1,
        version: 1,
        create_time: time,
        update_time: time,
    };
    let reach = content::reach(&tx.index().await?.index, new.workspace, parent.id)?;
    folder::insert(tx, &made)
        .await
        .on_unique("folder_name", || refuse::name_taken(Noun::Folder, &new.display_name))?;
    tx.record(change(
        "folder.created",
        &made,
        json!({ "parent_folder_id": parent.id }),
        Json::Null,
        json!(made),
    ));
    Ok(view(made, reach))
}

async fn update(tx: &Tx, patch: &FolderPatch) -> Result<View> {
    let before = own(tx, patch.workspace, patch.id).await?;
    let reach = content::reach(&tx.index().await?.index, patch.workspace, patch.id)?;
    refuse::stale_etag(&patch.etag, before.version, Noun::Folder, patch.id)?;
    refuse_root(&before)?;
    let mut after = before.clone();
    let mut changed = Changed::default();
    changed.set("display_name", &mut after.display_name, patch.display_name.as_ref());
    changed.set("description", &mut after.description, patch.description.as_ref());
    if changed.is_empty() {
        return Ok(view(before, reach));
    }
    after.name_key = text::key(&after.display_name);
    after.version += 1;
    after.update_time = now();
    tx.update(&after)
        .await
        .on_unique("folder_name", || refuse::name_taken(Noun::Folder, &after.display_name))?;
    let detail = json!({ "parent_folder_id": after.parent_id, "fields": changed.0 });
    // Who sees it stays as it is.
    let change = change("folder.updated", &after, detail, json!(before), json!(after));
    tx.record(Change { touches: Touches::Nothing, ..change });
    Ok(view(after, reach))
}

/// What goes with an empty folder: its shares (S-10).
async fn ending(tx: &Tx, id: FolderId) -> Result<Effects> {
    let before = tx.index().await?;
    let after = before.index.with([Fact::Folder(id, None)]);
    let mut effects = Effects::new(&before.index, &after, Matter::default(), |_, folder| folder);
    effects.ended = before.index.targets_of(id).into_iter().map(|target| (id, target)).collect();
    Ok(effects)
}

async fn delete(tx: &Tx, found: &Folder) -> Result<()> {
    let inside = folder::inside(tx, found.id).await?;
    if inside.assets + inside.folders > 0 {
        let message = format!(
            "the folder holds {} assets and {} folders; delete or move them first",
            inside.assets, inside.folders
        );
        return Err(Error::new(Reason::FolderNotEmpty, message)
            .with("folder_id", found.id)
            .with("assets", inside.assets)
            .with("folders", inside.folders)
            .resource(Noun::Folder, found.id.to_string()));
    }
    if !folder::delete(tx, found).await? {
        return Err(Error::Contended);
    }
    quota::give_back(tx, Quota::Folders).await?;
    let detail = json!({ "parent_folder_id": found.parent_id });
    tx.record(change("folder.deleted", found, detail, json!(found), Json::Null));
    Ok(())
}

/// The folder that something is put into: the workspace's own.
pub(in crate::service) async fn parent(
    tx: &Tx,
    workspace: WorkspaceId,
    place: Where,
) -> Result<Folder> {
    match place {
        Where::Root(area) => folder::root(tx, workspace, area).await,
        Where::In(id, area) => {
            let found = own(tx, workspace, id).await?;
            match area {
                Some(area) if area != found.area => Err(area_mismatch(&found, area)),
                _ => Ok(found),
            }
        }
    }
}

/// A folder of the workspace's own, or FOLDER_NOT_FOUND, or SHARED_READ_ONLY (S-06).
pub(in crate::service) async fn own(
    tx: &Tx,
    workspace: WorkspaceId,
    id: FolderId,
) -> Result<Folder> {
    content::own(&tx.index().await?.index, workspace, id)?;
    folder::get(tx, id).await?.ok_or_else(|| not_found(id))
}

/// A folder of one's own.
fn view(folder: Folder, reach: Reach) -> View {
    View { workspace: folder.workspace_id, parent: folder.parent_id, folder, reach }
}

/// A change of a folder, for the record.
pub(in crate::service) fn change(
    kind: &'static str,
    folder: &Folder,
    detail: Json,
    before: Json,
    after: Json,
) -> Change {
    Change {
        kind,
        resource_id: Some(folder.id.0),
        workspace_id: Some(folder.workspace_id),
        detail,
        before,
        after,
        touches: Touches::Access,
    }
}

/// ROOT_FOLDER (W-11).
pub(in crate::service) fn refuse_root(folder: &Folder) -> Result<()> {
    if folder.parent_id.is_some() {
        return Ok(());
    }
    let message =
        "the root of an area comes with its workspace and stays as it is; use a folder below it";
    Err(Error::new(Reason::RootFolder, message)
        .with("folder_id", folder.id)
        .resource(Noun::Folder, folder.id.to_string()))
}

/// FOLDER_TOO_DEEP (F-02).
pub(super) fn refuse_depth(id: FolderId, depth: i32) -> Result<()> {
    if depth <= FOLDER_DEPTH_MAX {
        return Ok(());
    }
    let message =
        format!("folders nest to a depth of {FOLDER_DEPTH_MAX}; use a folder nearer to the root");
    Err(too_deep(message, id, depth, FOLDER_DEPTH_MAX))
}

/// FOLDER_TOO_DEEP.
pub(in crate::service) fn too_deep(message: String, id: FolderId, depth: i32, limit: i32) -> Error {
    Error::new(Reason::FolderTooDeep, message)
        .with("folder_id", id)
        .with("depth", depth)
        .with("limit", limit)
        .resource(Noun::Folder, id.to_string())
}

/// FOLDER_AREA_MISMATCH.
fn area_mismatch(folder: &Folder, expected: Area) -> Error {
    let message =
        format!("the folder is in the area {}, and this belongs to {expected}", folder.area);
    Error::new(Reason::FolderAreaMismatch, message)
        .with("folder_id", folder.id)
        .with("area", folder.area)
        .with("expected_area", expected)
        .resource(Noun::Folder, folder.id.to_string())
}
