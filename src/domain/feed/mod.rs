//! The change feed: which changes a watcher is told, and how much of each (K-07, K-10).
//!
//! A change is told by what the watcher may see when it is sent. So what enters and leaves a view follows from where
//! something is now: who takes all changes in order, and reads what enters, ends with what the view shows.

mod cursor;
mod detail;
mod kind;
mod people;
mod tell;
#[cfg(test)]
mod tests;
mod watcher;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::domain::asset::Type;
use crate::id::{FolderId, PartitionId, PersonId, SegmentId, WorkspaceId};

pub use cursor::Cursor;
pub use detail::{KEYS, Rule};
pub use kind::{KINDS, Kind, Subject, is_about_asset, is_known};
pub use people::by_partition;
pub use tell::tell;
pub use watcher::Watcher;

/// A change, as it is kept.
#[derive(Clone, Debug)]
pub struct Change {
    /// The revision.
    pub revision: i64,
    /// Its place in the revision.
    pub ordinal: i32,
    /// What happened, as `noun.verb`.
    pub kind: String,
    /// What it happened to, where it is one thing.
    pub resource: Option<Uuid>,
    /// What was recorded with it.
    pub detail: Json,
    /// Where the asset that it is about is now, if it is about one that is there.
    pub home: Option<Home>,
}

/// Where an asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Whose it is.
    pub owner: WorkspaceId,
    /// The folder that it is in.
    pub folder: FolderId,
    /// What it is.
    pub kind: Type,
    /// Something of it is live.
    pub live: bool,
}

/// What a watcher is told of a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What became of what it is about, for the watcher.
    pub event: Event,
    /// What it is about, if the watcher may know of it.
    pub resource: Option<Uuid>,
    /// The workspace through which it happened, if the watcher sees it.
    pub workspace: Option<WorkspaceId>,
    /// The people whom the watcher sees.
    pub people: Vec<Person>,
    /// The partitions that entered or left what the watcher sees.
    pub partitions: Vec<Partition>,
    /// The rest of what was recorded, without what the watcher does not see.
    pub detail: Map<String, Json>,
}

/// A person whom a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// What became of the person.
    pub event: Event,
    /// Where the person is after it; before it, for one who is deleted or left.
    pub partition: PartitionId,
    /// Where the person was moved from.
    pub from: Option<PartitionId>,
    /// The segment after a change of segments.
    pub segment: Option<SegmentId>,
    /// The segment before.
    pub from_segment: Option<SegmentId>,
}

/// A partition that entered or left what a watcher sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Which one.
    pub id: PartitionId,
    /// Which of the two.
    pub event: Event,
    /// How many people were in it then.
    pub people: Option<i64>,
}

/// What became of something, for a watcher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    /// What the kind of the change says.
    #[default]
    AsTheKindSays,
    /// It came to be.
    Created,
    /// It was changed.
    Updated,
    /// It is gone.
    Deleted,
    /// It is back.
    Restored,
    /// It was moved, and is seen on both sides.
    Moved,
    /// It was put in.
    Added,
    /// It was taken out.
    Removed,
    /// It is seen only now.
    Entered,
    /// It is no longer seen.
    Left,
}

// === impl Change ===

impl Change {
    /// An id that was recorded.
    fn id<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.detail.get(key)?.as_str()?.parse().ok()
    }

    /// The workspace through which it happened.
    fn workspace(&self) -> Option<WorkspaceId> {
        self.id("workspace_id")
    }

    /// The ids in a list that was recorded.
    fn ids<T: std::str::FromStr>(&self, key: &str) -> Vec<T> {
        let items = self.detail.get(key).and_then(Json::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str()?.parse().ok()).collect()
    }
}
