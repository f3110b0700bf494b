//! Segmentations: what they are made of, how their results are kept, and how far these can be trusted.

pub mod coverage;
pub mod generation;
