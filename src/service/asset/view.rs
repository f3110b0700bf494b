//! Assets, as workspaces see them (S-05 to S-07), and as changes of them are recorded.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::reference::{self, Followed};
use super::{filter, not_found};
use crate::domain::asset::Reference;
use crate::domain::filter::Filter;
use crate::domain::visibility::{Index, Reach};
use crate::entity::Asset;
use crate::error::{Error, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::sql::hex;
use crate::repository::{Change, Scope, Touches, Tx, asset};
use crate::secret::digest;
use crate::service::content;

/// An asset, as a workspace sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The asset.
    pub asset: Asset,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How it sees it.
    pub reach: Reach,
    /// The version that is shown; 0: a draft, or what is live without being a version.
    pub version: i64,
    /// What is in it, if that was asked for.
    pub shown: Option<Shown>,
}

/// What is in a version of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The content.
    pub content: Json,
    /// What it refers to, in order.
    pub references: Vec<Followed>,
}

// === impl View ===

impl View {
    /// An asset without its content, or ASSET_NOT_FOUND.
    pub(super) fn new(index: &Index, workspace: WorkspaceId, asset: Asset) -> Result<Self> {
        let reach = reach(index, workspace, &asset)?;
        let version = match reach {
            Reach::Own { .. } => asset.newest(),
            Reach::Received { .. } => asset.approved_version.unwrap_or_default(),
        };
        Ok(Self { asset, workspace, reach, version, shown: None })
    }

    /// The same, with its content; ASSET_NOT_FOUND if there is no such version.
    pub(super) async fn full(self, scope: &Scope) -> Result<Self> {
        let id = self.asset.id;
        fill(scope, vec![self]).await?.pop().ok_or_else(|| not_found(id))
    }

    /// The filter of a smart list or campaign, if it has one and is shown.
    pub fn filter(&self) -> Option<Filter> {
        filter::stored(self.asset.kind, &self.shown.as_ref()?.content)
    }

    /// What is shown is live.
    fn is_live(&self) -> bool {
        match self.asset.approved_version {
            Some(number) => self.version == number,
            None => self.asset.is_live(),
        }
    }

    /// What the shown version refers to.
    pub(super) fn references(&self) -> Vec<Reference> {
        let shown = self.shown.iter();
        shown.flat_map(|one| &one.references).map(|one| one.reference).collect()
    }

    /// What is shown, as the audit log keeps it: large content as a digest.
    pub(super) fn recorded(&self) -> Json {
        let Some(shown) = &self.shown else { return json!(self.asset) };
        let references = json!(self.references()).to_string();
        let parts = digest(&[shown.content.to_string().as_bytes(), references.as_bytes()]);
        json!({ "asset": self.asset, "content_sha256": hex(&parts) })
    }
}

/// Views with their content.
pub(super) async fn fill(scope: &Scope, mut views: Vec<View>) -> Result<Vec<View>> {
    let those: Vec<(AssetId, i64)> = views.iter().map(|one| (one.asset.id, one.version)).collect();
    let stored = asset::of_versions(scope, &those).await?;
    let mut used = used(scope, &views).await?;
    let mut contents = HashMap::new();
    for one in stored {
        let id = one.asset_id;
        if let Some(refers_to) = one.refers_to {
            let of_version = serde_json::from_value(refers_to).map_err(Error::internal)?;
            used.insert(id, of_version);
        }
        contents.insert(id, one.content.ok_or_else(|| not_found(id))?);
    }
    let targets = reference::targets(scope, used.values().flatten()).await?;
    let index = scope.index().await?;
    for view in &mut views {
        let id = view.asset.id;
        let mut references = used.remove(&id).unwrap_or_default();
        references.sort_unstable();
        let (owner, live) = (view.asset.workspace_id, view.is_live());
        let followed = targets.follow(&index.index, owner, live, references);
        let content = contents.remove(&id).ok_or_else(|| not_found(id))?;
        view.shown = Some(Shown { content, references: followed });
    }
    Ok(views)
}

/// What assets use whose shown content is not a version.
async fn used(scope: &Scope, views: &[View]) -> Result<HashMap<AssetId, Vec<Reference>>> {
    let beside = views.iter().filter(|one| one.version == 0).map(|one| &one.asset);
    let (drafts, lives): (Vec<&Asset>, Vec<&Asset>) =
        beside.partition(|one| one.kind.traits().approvable);
    let mut used: HashMap<AssetId, Vec<Reference>> = HashMap::new();
    if drafts.is_empty() && lives.is_empty() {
        return Ok(used);
    }
    let ids = |those: Vec<&Asset>| those.iter().map(|one| one.id).collect::<Vec<_>>();
    for (id, reference) in asset::references(scope, &ids(drafts), &ids(lives)).await? {
        used.entry(id).or_default().push(reference);
    }
    Ok(used)
}

/// How a workspace sees an asset, or ASSET_NOT_FOUND: what is shared to it, once it is live (S-07).
pub(in crate::service) fn reach(
    index: &Index,
    workspace: WorkspaceId,
    asset: &Asset,
) -> Result<Reach> {
    let reach = index.reach(workspace, asset.folder_id);
    let seen = reach.filter(|one| matches!(one, Reach::Own { .. }) || asset.is_live());
    seen.ok_or_else(|| not_found(asset.id))
}

/// An asset of the workspace's own, or ASSET_NOT_FOUND, or SHARED_READ_ONLY (S-06).
pub(in crate::service) async fn own(tx: &Tx, workspace: WorkspaceId, id: AssetId) -> Result<Asset> {
    let found = asset::get(tx, id).await?.ok_or_else(|| not_found(id))?;
    owned(&tx.index().await?.index, workspace, found)
}

/// The asset, if it is the workspace's own; else ASSET_NOT_FOUND, or SHARED_READ_ONLY.
pub(in crate::service) fn owned(
    index: &Index,
    workspace: WorkspaceId,
    found: Asset,
) -> Result<Asset> {
    match reach(index, workspace, &found)? {
        Reach::Own { .. } => Ok(found),
        Reach::Received { owner } => Err(content::shared_read_only(found.folder_id, owner)),
    }
}

/// A change of an asset, for the record.
pub(super) fn change(
    kind: &'static str,
    asset: &Asset,
    detail: Json,
    before: Json,
    after: Json,
) -> Change {
    Change {
        kind,
        resource_id: Some(asset.id.0),
        workspace_id: Some(asset.workspace_id),
        detail,
        before,
        after,
        touches: Touches::Nothing,
    }
}
