//! What all changes of folders and assets begin with, and how workspaces see what is in them.

use super::access::{At, Permission, Sight};
use super::refuse;
use crate::domain::plan::Broken;
use crate::domain::visibility::{Index, Reach};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{FolderId, WorkspaceId};
use crate::repository::effect::Touched;
use crate::repository::{Tx, folder, workspace};

/// Holds the workspaces whose content is about to change, none of them archived (W-12), and the tenant's trees of
/// folders, until the commit. After the caller's rights were looked at, and before anything else.
pub(super) async fn hold(tx: &Tx, workspaces: &[WorkspaceId]) -> Result<()> {
    let held = workspace::hold(tx, workspaces).await?;
    for id in workspaces {
        match held.iter().find(|one| one.id == *id) {
            Some(one) if one.archive_time.is_some() => return Err(refuse::archived(*id)),
            Some(_) => {}
            None => return Err(Error::not_found(Noun::Workspace, id)),
        }
    }
    folder::lock(tx).await
}

/// REGION_MISMATCH, if what a workspace holds may not go to another one (K-01).
pub(super) async fn refuse_other_region(tx: &Tx, from: WorkspaceId, to: WorkspaceId) -> Result<()> {
    if from == to {
        return Ok(());
    }
    let found = workspace::by_ids(tx, &[from, to]).await?;
    let region = |id: WorkspaceId| {
        let one = found.iter().find(|one| one.workspace.id == id);
        one.map(|one| one.workspace.region.as_str())
            .ok_or_else(|| Error::not_found(Noun::Workspace, id))
    };
    refuse::across_regions(tx, region(from)?, region(to)?)
}

/// How a workspace sees a folder, or FOLDER_NOT_FOUND.
pub(super) fn reach(index: &Index, workspace: WorkspaceId, folder: FolderId) -> Result<Reach> {
    index.reach(workspace, folder).ok_or_else(|| Error::not_found(Noun::Folder, folder))
}

/// A folder that a workspace may change things in: its own, or FOLDER_NOT_FOUND, or SHARED_READ_ONLY (S-06).
pub(super) fn own(index: &Index, workspace: WorkspaceId, folder: FolderId) -> Result<()> {
    match reach(index, workspace, folder)? {
        Reach::Own { .. } => Ok(()),
        Reach::Received { owner } => Err(shared_read_only(folder, owner)),
    }
}

/// NOT_SHAREABLE, if assets in or on their way into a shared folder are of types that cannot be shared (S-03).
pub(super) fn refuse_unshareable(folder: FolderId, offenders: Vec<&Touched>) -> Result<()> {
    if offenders.is_empty() {
        return Ok(());
    }
    let message = "assets of these types cannot be shared, and so cannot be in a shared folder; keep them in another \
                   folder";
    let error = Error::new(Reason::NotShareable, message)
        .with("folder_id", folder)
        .with("offenders", offenders.len())
        .resource(Noun::Folder, folder.to_string());
    let named = |error: Error, one: &Touched| {
        error.offender(one.id, format!("the {} {:?}", one.kind.traits().title, one.display_name))
    };
    Err(offenders.into_iter().fold(error, named))
}

/// Names the uses that would break, as far as the caller may read assets where they are.
pub(super) fn name_uses(error: Error, sight: &Sight, broken: &[&Broken]) -> Error {
    let reads = |one: &&&Broken| sight.holds(Permission::AssetsRead, At::Workspace(one.workspace));
    broken
        .iter()
        .filter(reads)
        .fold(error, |error, one| error.offender(one.asset, format!("uses {}", one.target)))
}

/// SHARED_READ_ONLY.
pub(super) fn shared_read_only(folder: FolderId, owner: WorkspaceId) -> Error {
    let message = "what is shared to the workspace can only be read through it; make the change through the \
                   workspace that owns it";
    Error::new(Reason::SharedReadOnly, message)
        .with("folder_id", folder)
        .with("owner_workspace_id", owner)
        .resource(Noun::Folder, folder.to_string())
}
