//! Whether a predicate holds for a person, from plain facts. Logic has two values: what is empty passes no test but
//! "is empty", and the negative of each operator is its complement (L-02).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use uuid::Uuid;

use super::{Check, Column, Comparison, Key, Leaf, Predicate, Question, Set, Tree};
use crate::domain::attribute::Value;
use crate::domain::text;
use crate::id::{AssetId, PartitionId};

/// What is known of a person.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Where the person is.
    pub partition: PartitionId,
    /// The email, as given.
    pub email: Option<String>,
    /// The id in the client's system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Unsubscribed.
    pub unsubscribed: bool,
    /// How the person came in, as it is stored.
    pub source: String,
    /// When it was made, in microseconds.
    pub create_time: i64,
    /// When it last changed.
    pub update_time: i64,
    /// Values by ordinal.
    pub attributes: Json,
    /// The folded texts, as [`super::folded`] makes them, if they were kept.
    pub folded: Option<Json>,
    /// The static lists and programs that the person is in, of those that are read.
    pub members: HashSet<AssetId>,
    /// The segments that the person is in, of the segmentations that are read; without one, it has none.
    pub segments: HashMap<AssetId, Uuid>,
}

/// The first of some predicates that holds, or none.
pub fn holds_first<'a>(
    predicates: impl IntoIterator<Item = &'a Predicate>,
    facts: &Facts,
) -> Option<usize> {
    predicates.into_iter().position(|one| one.holds(facts))
}

// === impl Predicate ===

impl Predicate {
    /// Whether it holds for a person.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.root.holds(facts)
    }
}

// === impl Tree ===

impl Tree {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::All(trees) => trees.iter().all(|one| one.holds(facts)),
            Self::Any(trees) => trees.iter().any(|one| one.holds(facts)),
            Self::Not(inner) => !inner.holds(facts),
            Self::Leaf(leaf) => leaf.holds(facts),
            Self::SmartList(_, list) => list.holds(facts),
        }
    }
}

// === impl Leaf ===

impl Leaf {
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        match &self.question {
            Question::Field(column, check) => check.passes(*column, facts),
            Question::In(set) => facts.are_in(*set),
        }
    }
}

// === impl Check ===

impl Check {
    fn passes(&self, column: Column, facts: &Facts) -> bool {
        let value = || facts.value(column);
        let text =
            |passes: &dyn Fn(&str) -> bool| facts.folded(column.key).is_some_and(|it| passes(&it));
        match self {
            Self::Empty => value().is_none(),
            Self::Compare(_, Value::Text(wanted)) => text(&|it| it == wanted),
            Self::Compare(how, wanted) => value().is_some_and(|it| how.holds(&it, wanted)),
            Self::Between(low, high) => value().is_some_and(|it| {
                Comparison::AtLeast.holds(&it, low) && Comparison::AtMost.holds(&it, high)
            }),
            Self::OneOf(texts) => text(&|it| texts.iter().any(|one| one == it)),
            Self::StartsWith(start) => text(&|it| it.starts_with(start)),
            Self::Contains(part) => text(&|it| it.contains(part)),
        }
    }
}

// === impl Comparison ===

impl Comparison {
    /// Whether two values of one type stand so; days are compared as they are written.
    fn holds(self, value: &Value, other: &Value) -> bool {
        let order = match (value, other) {
            (Value::Integer(a), Value::Integer(b)) | (Value::Timestamp(a), Value::Timestamp(b)) => {
                a.partial_cmp(b)
            }
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
            (Value::Boolean(a), Value::Boolean(b)) => a.partial_cmp(b),
            (Value::Date(a), Value::Date(b)) => a.partial_cmp(b),
            _ => None,
        };
        order.is_some_and(|order| match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        })
    }
}

// === impl Facts ===

impl Facts {
    /// The value of a field; none if it is empty.
    pub(super) fn value(&self, column: Column) -> Option<Value> {
        match column.key {
            Key::BuiltIn("unsubscribed") => Some(Value::Boolean(self.unsubscribed)),
            Key::BuiltIn("create_time") => Some(Value::Timestamp(self.create_time)),
            Key::BuiltIn("update_time") => Some(Value::Timestamp(self.update_time)),
            Key::BuiltIn(name) => self.text(name).map(|text| Value::Text(text.into())),
            Key::Custom(ordinal) => {
                let stored = self.attributes.get(ordinal.to_string())?;
                Value::load(stored, column.kind)
                    .filter(|value| *value != Value::Text(String::new()))
            }
        }
    }

    /// The text of a built-in field, if there is one.
    fn text(&self, name: &str) -> Option<&str> {
        let text = match name {
            "email" => self.email.as_deref(),
            "external_id" => self.external_id.as_deref(),
            "first_name" => self.first_name.as_deref(),
            "last_name" => self.last_name.as_deref(),
            "source" => Some(self.source.as_str()),
            _ => None,
        };
        text.filter(|text| !text.is_empty())
    }

    /// The folded text of a field, if there is one.
    fn folded(&self, key: Key) -> Option<Cow<'_, str>> {
        let ordinal;
        let (name, given) = match key {
            Key::BuiltIn(name) => (name, self.text(name)?),
            Key::Custom(number) => {
                ordinal = number.to_string();
                (
                    ordinal.as_str(),
                    self.attributes.get(&ordinal)?.as_str().filter(|text| !text.is_empty())?,
                )
            }
        };
        match &self.folded {
            // What a source is called is not kept a second time.
            Some(kept) if name != "source" => {
                Some(Cow::Borrowed(kept.get(name).and_then(Json::as_str).unwrap_or(given)))
            }
            _ => Some(Cow::Owned(text::fold(given))),
        }
    }

    fn are_in(&self, set: Set) -> bool {
        match set {
            Set::List(id) | Set::Program(id) => self.members.contains(&id),
            Set::Segment(id, segment) => self.segments.get(&id) == Some(&segment),
            Set::Partition(id) => self.partition == id,
            // Bound, a smart list is its filter.
            Set::SmartList(_) => false,
        }
    }
}
