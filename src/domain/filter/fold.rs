//! Folded texts: what filters compare, kept beside the values where the two differ (L-02).

use serde_json::{Map, Value as Json};

use crate::domain::text;

/// The folded texts of a person: of built-in fields by name and of others by ordinal, only those that differ from the
/// values themselves.
pub fn folded(built_in: &[(&str, Option<&str>)], attributes: &Json) -> Json {
    let mut changes = changes(built_in, attributes);
    changes.retain(|_, text| !text.is_null());
    Json::Object(changes)
}

/// What a patch changes of the folded texts; null removes one. A built-in field without a value stays as it is.
pub fn refolded(built_in: &[(&str, Option<&str>)], attributes: &Json) -> Json {
    Json::Object(changes(built_in, attributes))
}

fn changes(built_in: &[(&str, Option<&str>)], attributes: &Json) -> Map<String, Json> {
    let texts = built_in.iter().filter_map(|(name, text)| Some(((*name).to_owned(), (*text)?)));
    let fold = |text: &str| Some(text::fold(text)).filter(|folded| folded != text);
    let mut changes: Map<String, Json> =
        texts.map(|(name, text)| (name, fold(text).map_or(Json::Null, Json::String))).collect();
    for (key, value) in attributes.as_object().into_iter().flatten() {
        let folded = value.as_str().and_then(fold);
        changes.insert(key.clone(), folded.map_or(Json::Null, Json::String));
    }
    changes
}
