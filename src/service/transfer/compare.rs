//! What came of the assets of a package before, and what that says now.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::domain::asset::Reference;
use crate::domain::package::{Form, Item};
use crate::entity::Asset;
use crate::error::{Error, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::transfer::{self, Origin};
use crate::repository::{Tx, asset};

/// Contents that are looked up at once: some MB.
const CONTENTS_AT_ONCE: usize = 100;

/// What came of assets before, by what it came of.
#[derive(Default)]
pub(super) struct Before(HashMap<AssetId, Came>);

/// What came of an asset.
pub(super) struct Came {
    origin: Origin,
    /// What is there of it still, and what it says.
    there: Option<(Asset, Form)>,
}

/// What came of the assets of a package in a workspace.
pub(super) async fn before(tx: &Tx, target: WorkspaceId, items: &[Item]) -> Result<Before> {
    let ids: Vec<AssetId> = items.iter().map(|one| one.id).collect();
    let origins = transfer::origins(tx, target, &ids).await?;
    if origins.is_empty() {
        return Ok(Before::default());
    }
    let ids: Vec<AssetId> = origins.iter().map(|one| one.asset_id).collect();
    let types: HashMap<AssetId, _> = items.iter().map(|one| (one.id, one.kind)).collect();
    // What was moved away is another workspace's now.
    let found = asset::by_ids(tx, &ids).await?.into_iter().filter(|one| one.workspace_id == target);
    let found: Vec<Asset> = found.collect();
    let mut forms = forms(tx, &found).await?;
    let mut found: HashMap<AssetId, Asset> = found.into_iter().map(|one| (one.id, one)).collect();
    let came = |origin: Origin| {
        let asset = found.remove(&origin.asset_id);
        // A package that was written by hand may say another type than before.
        let asset = asset.filter(|one| types.get(&origin.origin_id) == Some(&one.kind));
        let there = asset.and_then(|one| forms.remove(&one.id).map(|form| (one, form)));
        (origin.origin_id, Came { origin, there })
    };
    Ok(Before(origins.into_iter().map(came).collect()))
}

/// What assets say, as they are worked on.
async fn forms(tx: &Tx, assets: &[Asset]) -> Result<HashMap<AssetId, Form>> {
    let mut stored: HashMap<AssetId, (Json, Vec<Reference>)> = HashMap::new();
    for some in assets.chunks(CONTENTS_AT_ONCE) {
        let versions: Vec<_> = some.iter().map(|one| (one.id, one.newest())).collect();
        for one in asset::of_versions(tx, &versions).await? {
            let refers_to = one.refers_to.unwrap_or_else(|| Json::Array(Vec::new()));
            let references = serde_json::from_value(refers_to).map_err(Error::internal)?;
            stored.insert(one.asset_id, (one.content.unwrap_or_default(), references));
        }
    }
    let beside = assets.iter().filter(|one| one.newest() == 0);
    let (drafts, lives): (Vec<&Asset>, Vec<&Asset>) =
        beside.partition(|one| one.kind.traits().approvable);
    let ids = |those: Vec<&Asset>| those.iter().map(|one| one.id).collect::<Vec<_>>();
    for (id, one) in asset::references(tx, &ids(drafts), &ids(lives)).await? {
        stored.entry(id).or_default().1.push(one);
    }
    let form = |one: &Asset| {
        let (content, mut references) = stored.remove(&one.id).unwrap_or_default();
        references.sort_unstable();
        let (display_name, description) = (one.display_name.clone(), one.description.clone());
        (one.id, Form { display_name, description, content, references })
    };
    Ok(assets.iter().map(form).collect())
}

// === impl Before ===

impl Before {
    /// What is there of what came of an asset.
    pub(super) fn there(&self, origin: AssetId) -> Option<&(Asset, Form)> {
        self.0.get(&origin)?.there.as_ref()
    }

    /// It came, and is not there any more.
    pub(super) fn is_gone(&self, origin: AssetId) -> bool {
        self.0.get(&origin).is_some_and(|one| one.there.is_none())
    }

    /// The name that a mapping gave it.
    pub(super) fn renamed(&self, origin: AssetId) -> Option<&str> {
        self.0.get(&origin).map(|one| one.origin.renamed.as_str()).filter(|name| !name.is_empty())
    }

    /// It says otherwise than it did when it came.
    pub(super) fn is_changed(&self, origin: AssetId) -> bool {
        let changed = |one: &Came| {
            one.there.as_ref().is_some_and(|(_, form)| form.digest() != one.origin.digest)
        };
        self.0.get(&origin).is_some_and(changed)
    }
}
