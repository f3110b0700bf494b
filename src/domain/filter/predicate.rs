//! A filter bound to a tenant's fields and to a day: what is evaluated.

use std::sync::Arc;

use super::{Check, Reads, Set};
use crate::domain::attribute::Type;
use crate::id::AssetId;

/// Deepest nesting once smart lists are in.
pub(super) const DEPTH_MAX: usize = 64;
/// Most conditions and groups once smart lists are in.
pub(super) const NODES_MAX: usize = 2_000;
/// Most values once smart lists are in.
pub(super) const VALUES_MAX: usize = 10_000;

/// A bound filter.
#[derive(Clone, Debug)]
pub struct Predicate {
    pub(super) root: Tree,
    pub(super) reads: Reads,
    pub(super) relative: bool,
    pub(super) depth: usize,
    pub(super) nodes: usize,
    pub(super) values: usize,
}

/// A node of a bound filter.
#[derive(Clone, Debug)]
pub enum Tree {
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// A condition.
    Leaf(Leaf),
    /// The filter of a smart list.
    SmartList(AssetId, Arc<Predicate>),
}

/// A bound condition.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// What is asked.
    pub question: Question,
    /// As it was written, for people.
    pub text: String,
}

/// What a condition asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// Whether a field's value passes. The values to compare with are of the field's type, and texts are folded.
    Field(Column, Check),
    /// Whether the person is in something that is no smart list.
    In(Set),
}

/// A field of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which.
    pub key: Key,
    /// The type of its values.
    pub kind: Type,
}

/// Which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A built-in one, by name.
    BuiltIn(&'static str),
    /// One of the tenant's own, by ordinal.
    Custom(i64),
}

// === impl Predicate ===

impl Predicate {
    /// The tree.
    pub fn root(&self) -> &Tree {
        &self.root
    }

    /// What it looks at.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Whether its answer depends on the day that it was bound to.
    pub fn is_relative(&self) -> bool {
        self.relative
    }

    /// How many conditions and groups it has, smart lists included.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// How many values it has, smart lists included.
    pub fn values(&self) -> usize {
        self.values
    }
}
