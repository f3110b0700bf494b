//! What assets use: checked when it is saved, and followed when it is shown (F-05, L-08).

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::view::reach;
use crate::domain::asset::{Reference, allowed};
use crate::domain::visibility::{Index, Unseen};
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result, Violation};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Scope, Tx, asset};

/// A reference, and why it is broken, if it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The reference.
    pub reference: Reference,
    /// Why it is broken.
    pub breach: Option<Breach>,
}

/// Why a reference is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breach {
    /// The workspace does not see the target; of a version that is past, also: the target is deleted.
    NotShared,
    /// The workspace that shares the target is deleted.
    OwnerDeleted,
    /// The target is not approved.
    NotApproved,
}

/// The assets that references lead to.
pub(super) struct Targets(HashMap<AssetId, Asset>);

/// References in the order in which they are kept and shown.
pub(super) fn sorted(references: &[Reference]) -> Vec<Reference> {
    let mut sorted = references.to_vec();
    sorted.sort_unstable();
    sorted
}

/// The assets that references lead to, in one look-up.
pub(super) async fn targets(
    scope: &Scope,
    references: impl Iterator<Item = &Reference>,
) -> Result<Targets> {
    let ids: HashSet<AssetId> = references.map(|one| one.target).collect();
    if ids.is_empty() {
        return Ok(Targets(HashMap::new()));
    }
    let ids: Vec<AssetId> = ids.into_iter().collect();
    let found = asset::by_ids(scope, &ids).await?;
    Ok(Targets(found.into_iter().map(|one| (one.id, one)).collect()))
}

/// Why a workspace's reference to an asset is broken; `live` if what refers is live, or is to be.
pub(in crate::service) fn breach(
    index: &Index,
    workspace: WorkspaceId,
    target: &Asset,
    live: bool,
) -> Option<Breach> {
    match index.unseen(workspace, target.folder_id) {
        Some(Unseen::NotShared) => Some(Breach::NotShared),
        Some(Unseen::OwnerDeleted) => Some(Breach::OwnerDeleted),
        // What both make in one workspace may be approved in either order, the target first.
        None if target.is_live() || (target.workspace_id == workspace && !live) => None,
        None => Some(Breach::NotApproved),
    }
}

// === impl Targets ===

impl Targets {
    /// References of a workspace's asset, followed as its own, whoever looks (L-08).
    pub(super) fn follow(
        &self,
        index: &Index,
        workspace: WorkspaceId,
        live: bool,
        references: Vec<Reference>,
    ) -> Vec<Followed> {
        let follow = |reference: Reference| {
            let breach = match self.0.get(&reference.target) {
                Some(target) => breach(index, workspace, target, live),
                None => Some(Breach::NotShared),
            };
            Followed { reference, breach }
        };
        references.into_iter().map(follow).collect()
    }
}

/// Refuses references that an asset cannot have, with all that is wrong; `known` if others may refer to it already.
pub(super) async fn check(
    tx: &Tx,
    index: &Index,
    asset: &Asset,
    references: &[Reference],
    known: bool,
) -> Result<()> {
    if references.is_empty() {
        return Ok(());
    }
    let targets = targets(tx, references.iter()).await?;
    let mut wrong = Vec::new();
    for (at, one) in references.iter().enumerate() {
        let target = targets.0.get(&one.target);
        let seen = target.filter(|it| reach(index, asset.workspace_id, it).is_ok());
        let target = seen.ok_or_else(|| not_visible(one.target))?;
        if let Err(text) = allowed(one.kind, asset.kind, target.kind) {
            wrong.push(Violation::new(format!("asset.references[{at}].kind"), text));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::violations(wrong));
    }
    let from: Vec<AssetId> = references.iter().map(|one| one.target).collect();
    if known && asset::leads_to(tx, &from, asset.id).await? {
        return Err(cycle(asset.id));
    }
    Ok(())
}

/// REFERENCE_NOT_VISIBLE.
pub(in crate::service) fn not_visible(target: AssetId) -> Error {
    let message = "what is referred to is neither in the workspace nor shared to it, or is not there; share it to the \
                   workspace first, or refer to something in it";
    Error::new(Reason::ReferenceNotVisible, message)
        .with("reference_id", target)
        .resource(Noun::Asset, target.to_string())
}

/// REFERENCE_CYCLE.
fn cycle(id: AssetId) -> Error {
    let message = "the references would lead back to the asset itself, by drafts and what is live together; leave out \
                   one in the circle";
    Error::new(Reason::ReferenceCycle, message)
        .with("asset_id", id)
        .resource(Noun::Asset, id.to_string())
}

/// BROKEN_REFERENCE, if any of what an asset uses is broken.
pub(super) fn refuse_broken(id: AssetId, references: &[Followed]) -> Result<()> {
    let broken = || references.iter().filter_map(|one| Some((one.reference.target, one.breach?)));
    let Some((first, _)) = broken().next() else { return Ok(()) };
    let message = "the draft refers to what is gone, no longer shared or not approved; repair or remove these \
                   references first";
    let error = Error::new(Reason::BrokenReference, message)
        .with("asset_id", id)
        .with("reference_id", first)
        .resource(Noun::Asset, id.to_string());
    let named = |error: Error, (target, why): (AssetId, Breach)| error.offender(target, why.text());
    Err(broken().fold(error, named))
}

// === impl Breach ===

impl Breach {
    /// What the matter is, for people.
    pub(in crate::service) fn text(self) -> &'static str {
        match self {
            Self::NotShared => "is not shared to the workspace",
            Self::OwnerDeleted => "is shared by a workspace that is deleted",
            Self::NotApproved => "is not approved",
        }
    }
}
pub(in crate::service) fn references_of(f: &crate::domain::filter::Filter) -> Vec<Reference> {
    let _ = f;
    vec![]
}
