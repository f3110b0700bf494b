//! Segmentations: what they are made of, how their results are kept, and how far these can be trusted.

pub mod coverage;
mod definition;
pub mod generation;

pub use definition::{DEFAULT, DEFAULT_NAME, Definition, Given, Outline, Problem, Segment, define};

/// How far a segmentation is on the way to being live (G-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing of it is live.
    Draft,
    /// The draft is being computed.
    Approving,
    /// What is approved is all there is.
    Approved,
    /// Approved, with a draft of the next version.
    ApprovedWithDraft,
}
