//! The filters of smart lists: those that filters refer to, and those that these refer to in turn.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use crate::clock::now;
use crate::domain::filter::{self, Filter, SmartLists, bind_lists};
use crate::error::{Error, Result};
use crate::id::AssetId;
use crate::repository::asset;
use crate::repository::field_set::FieldSet;
use crate::repository::scope::Scope;

/// The filters of smart lists, as they are stored; nothing for those that have none.
pub async fn filters(
    scope: &Scope,
    lists: impl IntoIterator<Item = AssetId>,
) -> Result<HashMap<AssetId, Option<Filter>>> {
    let those: Vec<(AssetId, i64)> = lists.into_iter().map(|id| (id, 0)).collect();
    let filter = |content: Option<Json>| {
        let text = content.as_ref().and_then(|it| it.get("filter")).cloned();
        text.map(serde_json::from_value).transpose().map_err(Error::internal)
    };
    let stored = asset::of_versions(scope, &those).await?;
    stored.into_iter().map(|one| Ok((one.asset_id, filter(one.content)?))).collect()
}

/// Binds all smart lists that some filters lead to, whoever sees them (L-08): whether a reference is broken is asked
/// before. A list without a filter, or that is gone, is nobody's.
pub async fn smart_lists<'a>(
    scope: &Scope,
    fields: &FieldSet,
    filters: impl IntoIterator<Item = &'a Filter>,
) -> Result<SmartLists> {
    let bound = fitting(scope, fields, filters).await?;
    bound.ok_or_else(|| Error::internal("a smart list was saved that cannot be bound"))
}

/// As [`smart_lists`]; nothing, if one of them has become more than a filter may be.
pub async fn fitting<'a>(
    scope: &Scope,
    fields: &FieldSet,
    of: impl IntoIterator<Item = &'a Filter>,
) -> Result<Option<SmartLists>> {
    let mut found: HashMap<AssetId, Filter> = HashMap::new();
    let mut wanted: BTreeSet<AssetId> = of.into_iter().flat_map(Filter::smart_lists).collect();
    while !wanted.is_empty() {
        let mut level = filters(scope, wanted.iter().copied()).await?;
        let filter = |id| (id, level.remove(&id).flatten().unwrap_or_else(Filter::nobody));
        let level: Vec<(AssetId, Filter)> = wanted.into_iter().map(filter).collect();
        wanted = level.iter().flat_map(|(_, one)| one.smart_lists()).collect();
        found.extend(level);
        wanted.retain(|id| !found.contains_key(id));
    }
    let today = filter::day(now());
    Ok(bind_lists(found, &|name| fields.named(name), today).ok())
}
