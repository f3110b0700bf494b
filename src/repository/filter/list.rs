//! The filters of smart lists, bound: those that filters refer to, and those that these refer to in turn.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::clock::now;
use crate::domain::filter::{self, Binding, Filter, SmartLists};
use crate::error::{Error, Result};
use crate::id::AssetId;
use crate::repository::asset;
use crate::repository::field_set::FieldSet;
use crate::repository::scope::Scope;

/// How deep smart lists may refer to each other: bound, a filter is not deeper.
const DEPTH_MAX: usize = 64;

/// Binds all smart lists that some filters lead to, whoever sees them (L-08): whether a reference is broken is asked
/// before. A list without a filter is nobody's.
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
    filters: impl IntoIterator<Item = &'a Filter>,
) -> Result<Option<SmartLists>> {
    let mut levels: Vec<HashMap<AssetId, Filter>> = Vec::new();
    let mut wanted: BTreeSet<AssetId> = filters.into_iter().flat_map(Filter::smart_lists).collect();
    while !wanted.is_empty() && levels.len() < DEPTH_MAX {
        let level = load(scope, &wanted).await?;
        wanted = level.values().flat_map(Filter::smart_lists).collect();
        levels.push(level);
    }
    let mut bound = SmartLists::new();
    // The deepest first: a list that is on several levels is bound by the last of them.
    for (id, list) in levels.into_iter().rev().flatten() {
        if bound.contains_key(&id) {
            continue;
        }
        let to = Binding {
            field: &|name| fields.named(name),
            smart_lists: &bound,
            today: filter::day(now()),
        };
        let Ok(predicate) = list.bind(to) else { return Ok(None) };
        bound.insert(id, Arc::new(predicate));
    }
    Ok(Some(bound))
}

async fn load(scope: &Scope, ids: &BTreeSet<AssetId>) -> Result<HashMap<AssetId, Filter>> {
    let those: Vec<(AssetId, i64)> = ids.iter().map(|id| (*id, 0)).collect();
    let stored = asset::of_versions(scope, &those).await?;
    let filter = |content: Option<Json>| match content.as_ref().and_then(|it| it.get("filter")) {
        Some(text) => serde_json::from_value(text.clone()).map_err(Error::internal),
        None => Ok(Filter::nobody()),
    };
    stored.into_iter().map(|one| Ok((one.asset_id, filter(one.content)?))).collect()
}
