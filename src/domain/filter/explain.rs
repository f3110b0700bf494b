//! A verdict with the values that it comes from.

use uuid::Uuid;

use super::{Facts, Predicate, Question, Set, Tree};
use crate::domain::attribute::Value;
use crate::id::{AssetId, PartitionId};

/// A node of a predicate, with its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// A condition as it was written; of a group, `all`, `any` or `not`.
    pub text: String,
    /// What a condition looked at.
    pub looked: Looked,
    /// Whether it holds.
    pub holds: bool,
    /// What it is made of.
    pub parts: Vec<Self>,
}

/// What a condition looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Looked {
    /// At its parts.
    Parts,
    /// At a field's value; none: it is empty.
    Value(Option<Value>),
    /// At who is in a static list or program.
    Members(AssetId),
    /// At the filter of a smart list.
    SmartList(AssetId),
    /// At the person's segment of a segmentation; none: the segmentation does not cover the person.
    Segment(AssetId, Option<Uuid>),
    /// At the person's partition.
    Partition(PartitionId),
}

// === impl Predicate ===

impl Predicate {
    /// Each condition with the value that it looked at, and its verdict.
    pub fn explain(&self, facts: &Facts) -> Explained {
        self.root.explain(facts)
    }
}

// === impl Tree ===

impl Tree {
    fn explain(&self, facts: &Facts) -> Explained {
        let group = |text: &str, parts: Vec<Explained>, holds: bool| Explained {
            text: text.into(),
            looked: Looked::Parts,
            holds,
            parts,
        };
        let explain =
            |trees: &[Self]| trees.iter().map(|one| one.explain(facts)).collect::<Vec<_>>();
        match self {
            Self::All(trees) => {
                let parts = explain(trees);
                let holds = parts.iter().all(|one| one.holds);
                group("all", parts, holds)
            }
            Self::Any(trees) => {
                let parts = explain(trees);
                let holds = parts.iter().any(|one| one.holds);
                group("any", parts, holds)
            }
            Self::Not(inner) => {
                let part = inner.explain(facts);
                let holds = !part.holds;
                group("not", vec![part], holds)
            }
            Self::Leaf(leaf) => Explained {
                text: leaf.text.clone(),
                looked: Looked::at(&leaf.question, facts),
                holds: leaf.holds(facts),
                parts: Vec::new(),
            },
            Self::SmartList(id, list) => {
                let part = list.explain(facts);
                let holds = part.holds;
                let text = Set::SmartList(*id).to_string();
                Explained { text, looked: Looked::SmartList(*id), holds, parts: vec![part] }
            }
        }
    }
}

// === impl Looked ===

impl Looked {
    fn at(question: &Question, facts: &Facts) -> Self {
        match *question {
            Question::Field(column, _) => Self::Value(facts.value(column)),
            Question::In(Set::List(id) | Set::Program(id)) => Self::Members(id),
            Question::In(Set::SmartList(id)) => Self::SmartList(id),
            Question::In(Set::Segment(id, _)) => {
                Self::Segment(id, facts.segments.get(&id).copied())
            }
            Question::In(Set::Partition(_)) => Self::Partition(facts.partition),
        }
    }
}
