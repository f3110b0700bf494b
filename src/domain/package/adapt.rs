//! What a package says, in the words of where it goes: other ids, other names of fields.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Item;
use crate::domain::asset::Type;
use crate::domain::asset::copy::rename;
use crate::domain::filter::Filter;
use crate::domain::segmentation::Definition;
use crate::id::AssetId;

/// The member of the content of lists and campaigns that is their filter.
const FILTER: &str = "filter";

/// What is called otherwise.
#[derive(Clone, Debug, Default)]
pub struct Renames {
    /// Ids of assets and partitions.
    pub ids: HashMap<Uuid, Uuid>,
    /// Names of fields.
    pub fields: HashMap<String, String>,
}

// === impl Renames ===

impl Renames {
    /// The asset that an id means.
    pub fn asset(&self, id: AssetId) -> AssetId {
        AssetId(self.ids.get(&id.0).copied().unwrap_or(id.0))
    }
}

/// The filters in the content of an asset, or why one cannot be read.
pub fn filters(kind: Type, content: &Json) -> Result<Vec<Filter>, String> {
    if kind == Type::Segmentation {
        return Ok(definition(content)?.segments.into_iter().map(|one| one.filter).collect());
    }
    match content.get(FILTER).filter(|_| kind.has_filter()) {
        None => Ok(Vec::new()),
        Some(text) => Ok(vec![filter(text)?]),
    }
}

/// The content of an asset with what is called otherwise, its filters in the form in which they are stored.
pub fn adapt(item: &Item, renames: &Renames) -> Result<Json, String> {
    let mut content = item.content.clone();
    rename(&mut content, &renames.ids);
    if item.kind == Type::Segmentation {
        let mut definition = definition(&content)?;
        for segment in &mut definition.segments {
            segment.filter = segment.filter.with_fields(&renames.fields);
        }
        return Ok(json!(definition));
    }
    let stored = content.get(FILTER).filter(|_| item.kind.has_filter()).map(filter).transpose()?;
    if let (Some(filter), Some(members)) = (stored, content.as_object_mut()) {
        members.insert(FILTER.into(), json!(filter.with_fields(&renames.fields)));
    }
    Ok(content)
}

fn definition(content: &Json) -> Result<Definition, String> {
    serde_json::from_value(content.clone()).map_err(|error| format!("its segments: {error}"))
}

fn filter(text: &Json) -> Result<Filter, String> {
    serde_json::from_value(text.clone()).map_err(|error| format!("its filter: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::item;
    use super::*;

    /// K-03: ids and fields are renamed in filters, and nothing else is.
    #[test]
    fn k_03_filters_are_adapted() {
        let (list, other) = (Uuid::now_v7(), Uuid::now_v7());
        let mut smart = item(Type::SmartList, "Smart");
        smart.content = json!({
            "filter": format!("size > 3 and in_list(\"{list}\") and email is not empty"),
            "note": "size",
        });
        let renames = Renames {
            ids: HashMap::from([(list, other)]),
            fields: HashMap::from([("size".into(), "hat_size".into())]),
        };
        let adapted = adapt(&smart, &renames).unwrap();
        let expected = format!("hat_size > 3 and in_list(\"{other}\") and email is not empty");
        assert_eq!(filter(&adapted["filter"]), filter(&json!(expected)));
        assert_eq!(adapted["note"], "size");
        let same = adapt(&smart, &Renames::default()).unwrap();
        assert_eq!(adapt(&Item { content: same.clone(), ..smart }, &Renames::default()), Ok(same));
    }
}
