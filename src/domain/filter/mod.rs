//! The filter language (L-01 to L-06): one tree, which is read from text or from a message, and printed as text.
//!
//! A [`Filter`] is what somebody wrote: names and values, checked for size and form only. Bound to a tenant's fields it
//! becomes a [`Predicate`], which the evaluator and the compiler of SQL read. `docs/filters.md` has the grammar.

mod bind;
mod evaluate;
mod explain;
mod fold;
mod lex;
mod nested;
mod parse;
mod predicate;
mod print;
mod read;
#[cfg(test)]
mod tests;
mod tidy;

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::domain::attribute::Value;
use crate::id::{AssetId, PartitionId};

pub use self::bind::{Binding, SmartLists, day, parse_day, written_day};
pub use self::evaluate::{Facts, holds_first};
pub use self::explain::{Explained, Looked};
pub use self::fold::{folded, refolded};
pub use self::nested::bind_lists;
pub use self::predicate::{Column, Key, Leaf, Predicate, Question, Tree};
pub use self::print::plain;
pub use self::read::Reads;

/// Deepest nesting of a filter; a single condition has depth 1.
pub const DEPTH_MAX: usize = 16;
/// Most conditions and groups of a filter.
pub const NODES_MAX: usize = 200;
/// Most values of a filter.
pub const VALUES_MAX: usize = 1_000;
/// Most characters of a text in a filter: as many as a person's value has.
pub const TEXT_MAX: usize = 2_000;
/// Most days that a relative date reaches: a hundred years.
pub const DAYS_MAX: u32 = 36_525;

/// A filter of people, as somebody wrote it. It keeps within its budgets, and prints as a text that parses to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Node);

/// A node of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold. Of a condition, it is the negative operator.
    Not(Box<Self>),
    /// A field has a value that passes a test.
    Field(String, Test),
    /// The person is in something.
    In(Set),
}

/// A test of a field's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One that is the same every day.
    Fixed(Check),
    /// On one of this many days that end with today.
    PastDays(u32),
    /// On one of this many days that begin with today.
    NextDays(u32),
}

/// A test of a value, the same every day. But for `Empty`, an empty value passes none.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// There is no value, or it is the empty text.
    Empty,
    /// The value stands so to another.
    Compare(Comparison, Value),
    /// It is at least the first and at most the second.
    Between(Value, Value),
    /// It is one of these texts.
    OneOf(Vec<String>),
    /// It starts with this text.
    StartsWith(String),
    /// It contains this text.
    Contains(String),
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the relation that it names")]
pub enum Comparison {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What people can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Set {
    /// A static list.
    List(AssetId),
    /// A smart list.
    SmartList(AssetId),
    /// A program.
    Program(AssetId),
    /// A segment of a segmentation; the nil UUID is the Default one.
    Segment(AssetId, Uuid),
    /// A partition.
    Partition(PartitionId),
}

/// What is wrong with a filter, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the tree: `all.nodes[0].not`; empty for the root, and for a text.
    pub path: String,
    /// The sentence.
    pub text: String,
}

// === impl Filter ===

impl Filter {
    /// A filter of a tree, checked and put into its normal form.
    pub fn new(root: Node) -> Result<Self, Vec<Problem>> {
        tidy::tidy(root).map(Self)
    }

    /// The filter of nobody: no choice of none.
    pub fn nobody() -> Self {
        Self(Node::Any(Vec::new()))
    }

    /// Reads a filter's text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let root = parse::text(text).map_err(|problem| vec![problem])?;
        Self::new(root)
    }

    /// Reads the numbered form: conditions, and an expression over their numbers, the first being 1: `1 and (2 or 3)`.
    /// An empty expression means that all hold (L-01).
    pub fn numbered(conditions: Vec<Node>, expression: &str) -> Result<Self, Vec<Problem>> {
        let root = parse::numbered(conditions, expression)?;
        Self::new(root)
    }

    /// The tree.
    pub fn root(&self) -> &Node {
        &self.0
    }

    /// The names of the fields that it tests, each condition's.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.conditions().into_iter().filter_map(|node| match node {
            Node::Field(name, _) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What it asks people to be in, or not.
    pub fn sets(&self) -> impl Iterator<Item = Set> {
        self.conditions().into_iter().filter_map(|node| match node {
            Node::In(set) => Some(*set),
            _ => None,
        })
    }

    /// The assets that it refers to.
    pub fn assets(&self) -> impl Iterator<Item = AssetId> {
        self.sets().filter_map(Set::asset)
    }

    /// The smart lists that it refers to.
    pub fn smart_lists(&self) -> impl Iterator<Item = AssetId> {
        self.sets().filter_map(|set| match set {
            Set::SmartList(id) => Some(id),
            _ => None,
        })
    }

    /// Whether its answer depends on the day, smart lists that it refers to aside.
    pub fn is_relative(&self) -> bool {
        let relative = |test: &Test| !matches!(test, Test::Fixed(_));
        self.conditions()
            .into_iter()
            .any(|node| matches!(node, Node::Field(_, test) if relative(test)))
    }

    /// The same filter over fields of other names.
    #[must_use]
    pub fn with_fields(&self, names: &HashMap<String, String>) -> Self {
        if names.is_empty() { self.clone() } else { Self(self.0.with_fields(names)) }
    }

    /// All conditions, in the order of the text.
    fn conditions(&self) -> Vec<&Node> {
        let (mut found, mut open) = (Vec::new(), vec![&self.0]);
        while let Some(node) = open.pop() {
            match node {
                Node::All(nodes) | Node::Any(nodes) => open.extend(nodes.iter().rev()),
                Node::Not(node) => open.push(node),
                Node::Field(..) | Node::In(_) => found.push(node),
            }
        }
        found
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|problems| {
            serde::de::Error::custom(problems.first().map_or("a filter", |one| &one.text))
        })
    }
}

// === impl Node ===

impl Node {
    fn is_condition(&self) -> bool {
        matches!(self, Self::Field(..) | Self::In(_))
    }

    fn with_fields(&self, names: &HashMap<String, String>) -> Self {
        let all = |nodes: &[Self]| nodes.iter().map(|one| one.with_fields(names)).collect();
        match self {
            Self::All(nodes) => Self::All(all(nodes)),
            Self::Any(nodes) => Self::Any(all(nodes)),
            Self::Not(node) => Self::Not(Box::new(node.with_fields(names))),
            Self::Field(name, test) => {
                Self::Field(names.get(name).unwrap_or(name).clone(), test.clone())
            }
            Self::In(set) => Self::In(*set),
        }
    }
}

// === impl Set ===

impl Set {
    /// The asset that it is, or belongs to.
    pub fn asset(self) -> Option<AssetId> {
        match self {
            Self::List(id) | Self::SmartList(id) | Self::Program(id) | Self::Segment(id, _) => {
                Some(id)
            }
            Self::Partition(_) => None,
        }
    }
}

// === impl Problem ===

impl Problem {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.text),
            path => write!(f, "{path}: {}", self.text),
        }
    }
}
