//! The fields that every tenant has (E-01), and how fields may be named.

use uuid::{Uuid, uuid};

use super::attribute::Type;

/// Longest name of a field, in characters.
const NAME_MAX: usize = 63;

/// What the ids of the built-in fields are derived from: they are the same everywhere and for ever.
const NAMESPACE: Uuid = uuid!("7c0f7a52-5d0a-4c9e-9a53-6f1f2f0f7b11");

/// A field that is part of every person.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Type,
    /// What it is for.
    pub description: &'static str,
}

/// All of them.
pub static ALL: [BuiltIn; 8] = [
    new("email", Type::Text, "The address, unique among the living people of its partition."),
    new("external_id", Type::Text, "The id in the client's own system, unique in its partition."),
    new("first_name", Type::Text, "The first name."),
    new("last_name", Type::Text, "The last name."),
    new("unsubscribed", Type::Boolean, "Must be left out of every audience; kept by email."),
    new("source", Type::Text, "How the person came in."),
    new("create_time", Type::Timestamp, "When the person was created."),
    new("update_time", Type::Timestamp, "When the person last changed."),
];

const fn new(name: &'static str, kind: Type, description: &'static str) -> BuiltIn {
    BuiltIn { name, kind, description }
}

// === impl BuiltIn ===

impl BuiltIn {
    /// The id of the field, the same for every tenant.
    pub fn id(&self) -> Uuid {
        Uuid::new_v5(&NAMESPACE, self.name.as_bytes())
    }
}

/// The built-in field of a name.
pub fn named(name: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|one| one.name == name)
}

/// The built-in field of an id.
pub fn with_id(id: Uuid) -> Option<&'static BuiltIn> {
    ALL.iter().find(|one| one.id() == id)
}

/// The name of a field: a key, not a label, so it has one spelling.
pub fn parse_name(text: &str) -> Result<String, String> {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let rest = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if first && rest && text.len() <= NAME_MAX {
        Ok(text.into())
    } else {
        Err(format!(
            "must start with a small letter and have at most {NAME_MAX} small letters, digits and \
             underscores"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_01_names_have_one_spelling() {
        for text in ["a", "lead_score", "x9", &"a".repeat(63)] {
            assert!(parse_name(text).is_ok(), "{text}");
        }
        for text in ["", "9a", "_a", "Score", "a-b", "a b", "é", &"a".repeat(64)] {
            assert!(parse_name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn e_01_built_in_fields_are_found_by_name_and_by_id() {
        for one in &ALL {
            assert_eq!(named(one.name).map(BuiltIn::id), Some(one.id()));
            assert_eq!(with_id(one.id()).map(|found| found.name), Some(one.name));
            assert!(parse_name(one.name).is_ok());
        }
        assert!(named("score").is_none());
    }
}
