//! Where new people go.

mod router;

pub use router::{Router, Sample, Way};
