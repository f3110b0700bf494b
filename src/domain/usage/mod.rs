//! What a tenant uses, day by day (K-05), and what happens in its workspaces (K-09).

pub mod allocation;
mod census;
mod day;
mod holders;
mod meter;
mod series;
#[cfg(test)]
mod tests;

pub use self::census::{Assets, Census, Inside, People, SegmentSize, WINDOW_DAYS};
pub use self::day::{Day, Granularity, MAX_DAYS, Span};
pub use self::holders::{Holders, Sight};
pub use self::meter::{Event, Meter, Swings};
pub use self::series::{Metric, Series};

use crate::id::WorkspaceId;

/// A number of one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Whose; nothing: the shared remainder, what belongs to no single workspace.
    pub workspace: Option<WorkspaceId>,
    /// The day.
    pub day: Day,
    /// What is counted.
    pub series: Series,
    /// Of what, where the series has several.
    pub key: String,
    /// How many.
    pub value: i64,
}
