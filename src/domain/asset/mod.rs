//! What an asset can be, and what it can be to others: two tables, from which the documentation is made too.

mod area;
pub mod copy;
mod reference;
mod types;
pub mod variants;

pub use area::Area;
pub use reference::{KINDS, Kind, Line, Reference, allowed};
pub use types::{Cloning, Members, TYPES, Traits, Type};

/// How far an asset is on the way to being live (F-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing of it is live.
    Draft,
    /// What is approved is all there is.
    Approved,
    /// Approved, with a draft of the next version.
    ApprovedWithDraft,
    /// Of a type that is not approved: live as it is.
    Live,
}

// === impl State ===

impl State {
    /// The state of an asset.
    pub fn of(kind: Type, approved: bool, has_draft: bool) -> Self {
        match (kind.traits().approvable, approved, has_draft) {
            (false, ..) => Self::Live,
            (true, false, _) => Self::Draft,
            (true, true, false) => Self::Approved,
            (true, true, true) => Self::ApprovedWithDraft,
        }
    }
}
