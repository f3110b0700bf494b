//! Folded texts: what filters compare, kept beside the values where the two differ (L-02).

use serde_json::{Map, Value as Json};

use crate::domain::text;

/// The built-in fields whose texts are kept folded.
const NAMES: [&str; 4] = ["email", "external_id", "first_name", "last_name"];

/// The email, external id, first and last name of a person.
pub type Texts<'a> = [&'a Option<String>; 4];

/// The folded texts of a person: of built-in fields by name and of others by ordinal, only those that differ from the
/// values themselves.
pub fn folded(texts: Texts<'_>, attributes: &Json) -> Json {
    let mut changes = changes(texts, attributes);
    changes.retain(|_, text| !text.is_null());
    Json::Object(changes)
}

/// What a patch changes of the folded texts; null removes one. A built-in field without a text stays as it is.
pub fn refolded(texts: Texts<'_>, attributes: &Json) -> Json {
    Json::Object(changes(texts, attributes))
}

fn changes(texts: Texts<'_>, attributes: &Json) -> Map<String, Json> {
    let fold = |text: &str| match text::fold(text) {
        folded if folded == text => Json::Null,
        folded => Json::String(folded),
    };
    let built_in =
        NAMES.into_iter().zip(texts).filter_map(|(name, text)| Some((name, text.as_ref()?)));
    let mut changes: Map<String, Json> =
        built_in.map(|(name, text)| (name.to_owned(), fold(text))).collect();
    for (key, value) in attributes.as_object().into_iter().flatten() {
        changes.insert(key.clone(), value.as_str().map_or(Json::Null, fold));
    }
    changes
}
