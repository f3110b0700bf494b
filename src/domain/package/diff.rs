//! What differs between an asset and what is to become of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::write::digest;
use crate::domain::asset::Reference;

/// What an asset says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Form {
    /// Its name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// Its content.
    pub content: Json,
    /// What it uses, in order.
    pub references: Vec<Reference>,
}

/// A part of an asset that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the part that it names")]
pub enum Part {
    Name,
    Description,
    Content,
    References,
    /// What is a draft becomes live.
    Approval,
}

// === impl Form ===

impl Form {
    /// The parts that another says otherwise.
    pub fn differs(&self, other: &Self) -> Vec<Part> {
        let parts = [
            (Part::Name, self.display_name != other.display_name),
            (Part::Description, self.description != other.description),
            (Part::Content, self.content != other.content),
            (Part::References, self.references != other.references),
        ];
        parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
    }

    /// What tells it from others.
    pub fn digest(&self) -> String {
        digest(json!(self).to_string().as_bytes())
    }
}
