//! What a caller says of a person, checked, before it meets the database.

use std::collections::BTreeMap;

use super::attribute::Value;
use super::email::Email;
use crate::id::PersonId;

/// One row of a set of people. What is nothing here stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonInput {
    /// Who, where the row is looked up by id.
    pub id: Option<PersonId>,
    /// The email.
    pub email: Option<Email>,
    /// The id in the client's system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// True unsubscribes; false says nothing (D-09).
    pub unsubscribed: Option<bool>,
    /// Values by name of field; nothing clears one.
    pub attributes: BTreeMap<String, Option<Value>>,
}

// === impl PersonInput ===

impl PersonInput {
    /// The key of the email; empty if there is none.
    pub fn email_key(&self) -> &str {
        self.email.as_ref().map_or("", |email| &email.key)
    }

    /// Whether the row unsubscribes its person.
    pub fn unsubscribes(&self) -> bool {
        self.unsubscribed == Some(true)
    }

    /// Whether the row does nothing but unsubscribe: that passes a read-only binding (D-09).
    pub fn only_unsubscribes(&self) -> bool {
        self.unsubscribes()
            && self.first_name.is_none()
            && self.last_name.is_none()
            && self.attributes.is_empty()
    }

    /// Lays a later row about the same person over this one.
    pub fn merge(&mut self, later: &Self) {
        let Self { id, email, external_id, first_name, last_name, unsubscribed, attributes } =
            later;
        overlay(&mut self.id, id);
        overlay(&mut self.email, email);
        overlay(&mut self.external_id, external_id);
        overlay(&mut self.first_name, first_name);
        overlay(&mut self.last_name, last_name);
        if self.unsubscribed != Some(true) {
            overlay(&mut self.unsubscribed, unsubscribed);
        }
        self.attributes.extend(attributes.clone());
    }
}

fn overlay<T: Clone>(value: &mut Option<T>, later: &Option<T>) {
    if later.is_some() {
        value.clone_from(later);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_04_rows_about_one_person_fold_in_order() {
        let mut first = PersonInput {
            first_name: Some("Ada".into()),
            unsubscribed: Some(true),
            ..PersonInput::default()
        };
        let later = PersonInput {
            first_name: Some("Adele".into()),
            last_name: Some("L".into()),
            unsubscribed: Some(false),
            ..PersonInput::default()
        };
        first.merge(&later);
        assert_eq!(first.first_name.as_deref(), Some("Adele"));
        assert_eq!(first.last_name.as_deref(), Some("L"));
        assert!(first.unsubscribes(), "unsubscribed wins");
    }
}
