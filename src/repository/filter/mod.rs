//! Filters in SQL. A statement's frame is a literal that names the tenant, as everywhere, with `{filter}` where a clause
//! goes in; the clause knows the person's row as `p`, names columns from the list in here only, and binds all values.

mod clause;
mod facts;
mod float;
mod list;

use std::borrow::Cow;

use sea_orm::DbBackend;
use uuid::Uuid;

use super::sql::{Arg, Composed, Sql, Statement};
use crate::domain::filter::Predicate;

pub use self::clause::Clause;
pub use self::facts::facts;
pub use self::list::{filters, fitting, smart_lists};

/// Where a clause goes in.
const MARKER: &str = "{filter}";

/// A statement with predicates in it. It is not kept prepared: no other caller's is the same.
#[derive(Clone, Debug)]
pub struct Filtered<'a> {
    frame: Sql,
    parts: Vec<Part<'a>>,
}

#[derive(Clone, Debug)]
enum Part<'a> {
    /// Whether a predicate holds.
    Holds(&'a Predicate),
    /// The id of the first predicate that holds, or the nil UUID.
    First(Vec<(Uuid, &'a Predicate)>),
}

// === impl Sql ===

impl Sql {
    /// The statement with the condition that a predicate holds of `p`, at its (next) marker.
    pub fn matching(self, predicate: &Predicate) -> Filtered<'_> {
        Filtered { frame: self, parts: vec![Part::Holds(predicate)] }
    }

    /// The statement with the id of the first of these that holds of `p`, or the nil UUID, at its (next) marker.
    pub fn sorting<'a>(
        self,
        segments: impl IntoIterator<Item = (Uuid, &'a Predicate)>,
    ) -> Filtered<'a> {
        Filtered { frame: self, parts: vec![Part::First(segments.into_iter().collect())] }
    }
}

// === impl Filtered ===

impl<'a> Filtered<'a> {
    /// Fills the next marker with the condition that a predicate holds of `p`.
    #[must_use]
    pub fn matching(mut self, predicate: &'a Predicate) -> Self {
        self.parts.push(Part::Holds(predicate));
        self
    }
}

impl Statement for Filtered<'_> {
    fn compose(self, backend: DbBackend, args: &mut Vec<Arg>) -> Composed {
        let frame = self.frame.text(backend);
        let mut pieces = frame.split(MARKER);
        let mut text = pieces.next().unwrap_or_default().to_owned();
        debug_assert_eq!(frame.matches(MARKER).count(), self.parts.len(), "{frame}");
        for (part, piece) in self.parts.iter().zip(pieces) {
            part.compile(backend).append(&mut text, args);
            text.push_str(piece);
        }
        Composed { text: Cow::Owned(text), kept: false }
    }
}

// === impl Part ===

impl Part<'_> {
    fn compile(&self, backend: DbBackend) -> Clause {
        match self {
            Self::Holds(predicate) => Clause::holds(predicate, backend),
            Self::First(segments) => Clause::first(segments, backend),
        }
    }
}
