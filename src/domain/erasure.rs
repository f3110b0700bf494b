//! Where a text tells of somebody who is erased (K-08), and what is left of an answer that does.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// Characters that may stand before an email's and are not its own; with any other the email is a longer one.
const BEFORE: &str = ".+-_!#$%&*^~";

/// The texts of a person that are blanked.
const TEXTS: [&str; 4] = ["email", "external_id", "first_name", "last_name"];

/// Who is erased: all that texts can tell of them by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The ids of their records, in lower case.
    pub ids: Vec<String>,
    /// Their emails that nobody else has, as given and by key, ASCII in lower case.
    pub emails: Vec<String>,
}

// === impl Subject ===

impl Subject {
    /// Whether a text tells of them, by an id or by an email.
    pub fn is_in(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.ids.iter().any(|id| text.contains(id.as_str())) || self.names_email(&text)
    }

    /// Whether a text tells of one of their emails.
    pub fn has_email_in(&self, text: &str) -> bool {
        self.names_email(&text.to_ascii_lowercase())
    }

    /// Takes their values out of a stored answer, whose shape stays; whether there were any.
    pub fn blank(&self, answer: &mut Json) -> bool {
        match answer {
            Json::Object(fields) => {
                // Values by name stand beside the row.
                let row = fields.get("person").and_then(Json::as_object);
                let theirs = row.is_some_and(|row| self.is_row(row));
                let mut blanked = theirs && clear(fields.get_mut("attributes"), json!({}));
                if self.is_row(fields) {
                    for text in TEXTS {
                        blanked |= clear(fields.get_mut(text), Json::Null);
                    }
                    blanked |= clear(fields.get_mut("email_key"), json!(""));
                    blanked |= clear(fields.get_mut("attributes"), json!({}));
                }
                self.blank_all(fields.values_mut()) || blanked
            }
            Json::Array(items) => self.blank_all(items.iter_mut()),
            Json::String(text) if self.has_email_in(text) => {
                text.clear();
                true
            }
            _ => false,
        }
    }

    fn blank_all<'a>(&self, values: impl Iterator<Item = &'a mut Json>) -> bool {
        let mut blanked = false;
        for value in values {
            blanked |= self.blank(value);
        }
        blanked
    }

    /// Whether this is the row of one of their records.
    fn is_row(&self, fields: &Map<String, Json>) -> bool {
        let id = fields.get("id").and_then(Json::as_str);
        fields.contains_key("email_key")
            && id.is_some_and(|id| self.ids.iter().any(|one| one == id))
    }

    fn names_email(&self, text: &str) -> bool {
        self.emails.iter().any(|email| stands_alone(text, email))
    }
}

fn clear(value: Option<&mut Json>, empty: Json) -> bool {
    match value {
        Some(value) if !value.is_null() && *value != empty => {
            *value = empty;
            true
        }
        _ => false,
    }
}

/// Whether an email is somewhere in a text, and not as a part of a longer one. Both are in lower case.
fn stands_alone(text: &str, email: &str) -> bool {
    text.match_indices(email).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + email.len()..].chars();
        let longer_before = before.is_some_and(|c| c.is_alphanumeric() || BEFORE.contains(c));
        let longer_after = match after.next() {
            // The end of a sentence is no part of a domain.
            Some('.') => after.next().is_some_and(char::is_alphanumeric),
            Some(c) => c.is_alphanumeric() || c == '-',
            None => false,
        };
        !longer_before && !longer_after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190f0e0-0000-7000-8000-000000000001";

    fn ada() -> Subject {
        Subject { ids: vec![ID.into()], emails: vec!["ada@x.example".into()] }
    }

    #[test]
    fn k_08_a_text_tells_of_somebody_by_id_or_whole_email() {
        for text in [
            "ada@x.example",
            r#"{"email":"Ada@X.example"}"#,
            r#"email is \"ada@x.example\""#,
            "as ada@x.example.",
            "(ada@x.example)",
            ID,
        ] {
            assert!(ada().is_in(text), "{text}");
        }
        for text in ["bada@x.example", "ada@x.example.org", "b.ada@x.example", "ada@x.examples", ""]
        {
            assert!(!ada().is_in(text), "{text}");
        }
        assert!(!ada().has_email_in(ID));
    }

    #[test]
    fn k_08_an_answer_keeps_its_shape_and_loses_the_values() {
        let row = |id: &str, email: &str| {
            json!({ "id": id, "email": email, "email_key": email.to_lowercase(), "first_name": "Zoe",
                "last_name": null, "attributes": { "7": "blue" }, "version": 3 })
        };
        let mut answer = json!([
            { "person": row(ID, "Ada@x.example"), "attributes": { "color": "blue" } },
            { "person": row("0190f0e0-0000-7000-8000-000000000002", "bob@x.example"), "attributes": {} },
        ]);
        let others = answer[1].clone();
        assert!(ada().blank(&mut answer));
        assert_eq!(
            answer[0],
            json!({
                "person": { "id": ID, "email": null, "email_key": "", "first_name": null, "last_name": null,
                    "attributes": {}, "version": 3 },
                "attributes": {},
            })
        );
        assert_eq!(answer[1], others);
        assert!(!ada().blank(&mut answer), "there is nothing more");
    }
}
