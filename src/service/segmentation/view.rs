//! Segmentations, as workspaces see them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::domain::asset::Type;
use crate::domain::segmentation::{Definition, State};
use crate::domain::visibility::Reach;
use crate::entity::{Asset, Segmentation};
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Scope, Tx, asset, segmentation};
use crate::service::{asset as assets, content as contents, refuse};

/// A segmentation, as a workspace sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct View {
    /// The asset.
    pub asset: Asset,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How it sees it.
    pub reach: Reach,
    /// What computes it, if it is, or is to become, live.
    pub row: Option<Segmentation>,
    /// What is in it, if that was asked for.
    pub shown: Option<Shown>,
}

/// What is in a segmentation, as far as a workspace sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// The approved version, and its number.
    pub approved: Option<(i64, Definition)>,
    /// The draft.
    pub draft: Option<Definition>,
}

// === impl View ===

impl View {
    /// How far it is.
    pub fn state(&self) -> State {
        let own = matches!(self.reach, Reach::Own { .. });
        match (self.asset.approved_version, self.asset.has_draft && own) {
            _ if own && self.is_approving() => State::Approving,
            (None, _) => State::Draft,
            (Some(_), false) => State::Approved,
            (Some(_), true) => State::ApprovedWithDraft,
        }
    }

    /// Its draft is being computed.
    pub fn is_approving(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.next_version == Some(0))
    }
}

// === impl Shown ===

impl Shown {
    /// The newest version that there is.
    pub fn newest(&self) -> Option<&Definition> {
        self.draft.as_ref().or(self.approved.as_ref().map(|(_, definition)| definition))
    }
}

/// A segmentation that is in a workspace or, approved, shared to it; or SEGMENTATION_NOT_FOUND.
pub(super) async fn seen(
    scope: &Scope,
    workspace: WorkspaceId,
    id: AssetId,
) -> Result<(Asset, Reach)> {
    let found = asset::get(scope, id).await?.filter(|one| one.kind == Type::Segmentation);
    let found = found.ok_or_else(|| not_found(id))?;
    let reach = assets::reach(&scope.index().await?.index, workspace, &found);
    Ok((found, reach.map_err(|_| not_found(id))?))
}

/// A segmentation of the workspace's own, unchanged since the caller read it; or SEGMENTATION_NOT_FOUND, or
/// SHARED_READ_ONLY.
pub(super) async fn own(tx: &Tx, workspace: WorkspaceId, id: AssetId, etag: &str) -> Result<Asset> {
    let (found, reach) = seen(tx, workspace, id).await?;
    if let Reach::Received { owner } = reach {
        return Err(contents::shared_read_only(found.folder_id, owner));
    }
    refuse::stale_etag(etag, found.version, Noun::Segmentation, id)?;
    Ok(found)
}

/// A segmentation with what is in it, as a workspace sees it.
pub(super) async fn full(
    scope: &Scope,
    workspace: WorkspaceId,
    asset: Asset,
    reach: Reach,
) -> Result<View> {
    let row = segmentation::get(scope, asset.id).await?;
    let own = matches!(reach, Reach::Own { .. });
    let mut approved = None;
    if let Some(number) = asset.approved_version {
        approved = Some((number, definition(scope, asset.id, number).await?));
    }
    let draft = match asset.has_draft && own {
        true => Some(definition(scope, asset.id, 0).await?),
        false => None,
    };
    Ok(View { asset, workspace, reach, row, shown: Some(Shown { approved, draft }) })
}

/// What is in a version of a segmentation; 0: in its draft.
pub(super) async fn definition(scope: &Scope, id: AssetId, version: i64) -> Result<Definition> {
    serde_json::from_value(content(scope, id, version).await?).map_err(Error::internal)
}

async fn content(scope: &Scope, id: AssetId, version: i64) -> Result<Json> {
    let stored = asset::of_versions(scope, &[(id, version)]).await?.pop();
    stored.and_then(|one| one.content).ok_or_else(|| not_found(id))
}

/// SEGMENTATION_NOT_FOUND.
pub(super) fn not_found(id: AssetId) -> Error {
    Error::not_found(Noun::Segmentation, id)
}
