//! Rows about the same person become one: two in one statement would fight, and they apply in order.

use std::collections::HashMap;
use std::ops::Index;

use serde_json::{Map, Value as Json};

use super::Outcome;
use super::refuse;
use super::set::Spec;
use crate::config::{ATTRIBUTE_BYTES, ATTRIBUTES_MAX};
use crate::domain::person::PersonInput;
use crate::entity::import::{LookupField, Mode};
use crate::error::{Error, Refusal, Result, Violation};
use crate::id::{PartitionId, PersonId};
use crate::repository::field_set::FieldSet;
use crate::repository::person::Located;

/// What a row is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An email key or an external id.
    Text(String),
    /// An id.
    Id(PersonId),
}

/// The rows about one person.
pub struct Group {
    /// What they are looked up by; nothing for a new person without the key.
    pub key: Option<Key>,
    /// All that they say.
    pub input: PersonInput,
    /// Their values, by ordinal; null clears one.
    pub attributes: Json,
    /// Where they would make a person: as the first of them says, for rules run at creation only.
    pub target: PartitionId,
    /// Their places in the set, the first one first.
    rows: Vec<usize>,
    /// Whether a later row said anything new.
    later_change: bool,
    /// More was said than the workspace may change: only an unsubscription is left of it.
    pub withheld: bool,
    outcome: Option<Outcome>,
}

/// The groups of a set, those without an outcome still open.
pub struct Open {
    groups: Vec<Group>,
    failed: HashMap<usize, Box<Refusal>>,
    rows: usize,
}

/// Folds rows into groups; rows that cannot be looked up or have values that do not fit fail here.
pub fn fold(spec: &Spec<'_>, rows: &[Result<PersonInput, Box<Refusal>>]) -> Open {
    let mut open = Open { groups: Vec::new(), failed: HashMap::new(), rows: rows.len() };
    let mut by_key: HashMap<Key, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let prepared = row.clone().and_then(|input| {
            let attributes = values(spec.fields, &input).map_err(Error::into_refusal)?;
            let key = Key::of(spec, &input).map_err(Error::into_refusal)?;
            Ok((input, attributes, key))
        });
        match prepared {
            Err(refusal) => drop(open.failed.insert(at, refusal)),
            Ok((input, attributes, key)) => {
                let known = key.as_ref().and_then(|key| by_key.get(key)).copied();
                match known {
                    Some(_) if spec.mode == Mode::CreateOnly => {
                        open.failed.insert(at, refuse::twice_in_set().into_refusal());
                    }
                    Some(group) => open.groups[group].join(at, &input, attributes),
                    None => {
                        if let Some(key) = &key {
                            by_key.insert(key.clone(), open.groups.len());
                        }
                        let target = spec.target(&input, &attributes);
                        open.groups.push(Group::new(at, key, target, input, attributes));
                    }
                }
            }
        }
    }
    open
}

/// A person's values by ordinal, checked against the tenant's fields.
pub fn values(fields: &FieldSet, input: &PersonInput) -> Result<Json> {
    let mut violations = Vec::new();
    let mut values = Map::new();
    if input.attributes.len() > ATTRIBUTES_MAX {
        let description = format!("must have at most {ATTRIBUTES_MAX} entries");
        violations.push(Violation::new("attributes", description));
    }
    for (name, value) in &input.attributes {
        let stored = match (fields.named(name), value) {
            (None, _) => Err("no such field; create it with FieldService.CreateField".to_owned()),
            (Some((ordinal, _)), None) => Ok((ordinal, Json::Null)),
            (Some((ordinal, kind)), Some(value)) => {
                value.store(kind, ATTRIBUTE_BYTES).map(|stored| (ordinal, stored))
            }
        };
        match stored {
            Ok((ordinal, stored)) => drop(values.insert(ordinal.to_string(), stored)),
            Err(description) => {
                violations.push(Violation::new(format!("attributes.{name}"), description));
            }
        }
    }
    if violations.is_empty() {
        Ok(Json::Object(values))
    } else {
        Err(Error::violations(violations))
    }
}

// === impl Key ===

impl Key {
    fn of(spec: &Spec<'_>, input: &PersonInput) -> Result<Option<Self>> {
        let (field, key) = match spec.lookup {
            LookupField::Email => {
                ("email", input.email.as_ref().map(|email| Self::Text(email.key.clone())))
            }
            LookupField::ExternalId => ("external_id", input.external_id.clone().map(Self::Text)),
            LookupField::Id => {
                let answering = |id| Self::Id(*spec.winners.get(&id).unwrap_or(&id));
                ("person_id", input.id.map(answering))
            }
        };
        let needed = spec.mode == Mode::UpdateOnly || spec.lookup == LookupField::Id;
        match key {
            None if needed => Err(Error::invalid(field, "must be set: people are looked up by it")),
            key => Ok(key),
        }
    }

    /// The key by which a person that was found is found.
    pub fn of_located(lookup: LookupField, located: &Located) -> Self {
        match lookup {
            LookupField::Email => Self::Text(located.email_key.clone()),
            LookupField::ExternalId => Self::Text(located.external_id.clone().unwrap_or_default()),
            LookupField::Id => Self::Id(located.id),
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Id(_) => None,
        }
    }

    /// The id, if it is one.
    pub fn id(self) -> Option<PersonId> {
        match self {
            Self::Text(_) => None,
            Self::Id(id) => Some(id),
        }
    }
}

// === impl Group ===

impl Group {
    fn new(
        at: usize,
        key: Option<Key>,
        target: PartitionId,
        input: PersonInput,
        attributes: Json,
    ) -> Self {
        let rows = vec![at];
        Self {
            key,
            input,
            attributes,
            target,
            rows,
            later_change: false,
            withheld: false,
            outcome: None,
        }
    }

    fn join(&mut self, at: usize, later: &PersonInput, attributes: Json) {
        let before = (self.input.clone(), self.attributes.clone());
        self.input.merge(later);
        if let (Some(mine), Json::Object(theirs)) = (self.attributes.as_object_mut(), attributes) {
            mine.extend(theirs);
        }
        self.later_change |= before != (self.input.clone(), self.attributes.clone());
        self.rows.push(at);
    }

    /// The values of a new person: what would clear is not there.
    pub fn values(&self) -> Json {
        let Some(values) = self.attributes.as_object() else { return Json::Object(Map::new()) };
        let set = values.iter().filter(|(_, value)| !value.is_null());
        Json::Object(set.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

// === impl Open ===

impl Open {
    /// The groups without an outcome.
    pub fn open(&self) -> Vec<usize> {
        (0..self.groups.len()).filter(|at| self.groups[*at].outcome.is_none()).collect()
    }

    /// Gives a group its outcome.
    pub fn finish(&mut self, at: usize, outcome: Outcome) {
        self.groups[at].outcome = Some(outcome);
    }

    /// Leaves of a group what passes a read-only binding: an unsubscription (D-09).
    pub fn withhold(&mut self, at: usize) {
        let group = &mut self.groups[at];
        group.withheld = !group.input.only_unsubscribes();
        let unsubscribed = group.input.unsubscribed.filter(|given| *given);
        group.input = PersonInput { unsubscribed, ..PersonInput::default() };
        group.attributes = Json::Object(Map::new());
    }

    /// Refuses a group.
    pub fn fail(&mut self, at: usize, error: Error) {
        self.finish(at, Outcome::Failed(error.into_refusal()));
    }

    /// What became of each row: the first of a group has the group's outcome, a later one changed or
    /// confirmed what the first left.
    pub fn outcomes(self) -> Vec<Outcome> {
        let mut rows: Vec<Option<Outcome>> = vec![None; self.rows];
        for (at, refusal) in self.failed {
            rows[at] = Some(Outcome::Failed(refusal));
        }
        for group in self.groups {
            for (nth, at) in group.rows.into_iter().enumerate() {
                let first = group.outcome.clone();
                let later = group.later_change;
                rows[at] = first.map(|one| if nth == 0 { one } else { one.followed(later) });
            }
        }
        rows.into_iter().flatten().collect()
    }
}

impl Index<usize> for Open {
    type Output = Group;

    fn index(&self, at: usize) -> &Group {
        &self.groups[at]
    }
}
