//! How things stand at one moment, and the numbers that are made of it.

use std::collections::BTreeMap;

use super::{Day, Entry, Holders, Series, Sight};
use crate::id::{AssetId, PartitionId, SegmentId, WorkspaceId};

/// What a person is taken for in bytes, with indexes and memberships.
const PERSON_BYTES: i64 = 1_024;
/// For how many days somebody who was created, changed or acting is active.
pub const WINDOW_DAYS: i64 = 30;

/// How things stand in a tenant.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// The living workspaces, and what they see.
    pub workspaces: BTreeMap<WorkspaceId, Sight>,
    /// The people of each partition that has any.
    pub people: BTreeMap<PartitionId, People>,
    /// What each workspace holds.
    pub assets: BTreeMap<WorkspaceId, Assets>,
}

/// The people of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// All.
    pub all: i64,
    /// Those who were created, changed or acting lately.
    pub active: i64,
}

/// The assets of a workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// How many.
    pub count: i64,
    /// What is in them, in bytes.
    pub bytes: i64,
}

/// What is inside of workspaces, partition by partition.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    /// People in a workspace's programs.
    pub program_members: Vec<(WorkspaceId, PartitionId, i64)>,
    /// People in the segments of its segmentations.
    pub segments: Vec<SegmentSize>,
    /// How many folders one workspace shares with another.
    pub shares: Vec<(WorkspaceId, WorkspaceId, i64)>,
}

/// The people of a partition in a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentSize {
    /// The segmentation's owner.
    pub workspace: WorkspaceId,
    /// The segmentation.
    pub segmentation: AssetId,
    /// The segment.
    pub segment: SegmentId,
    /// The partition.
    pub partition: PartitionId,
    /// How many.
    pub people: i64,
}

/// Numbers by whose, what and of what.
#[derive(Default)]
struct Sums(BTreeMap<(Option<WorkspaceId>, Series, String), i64>);

// === impl Census ===

impl Census {
    /// What the tenant uses, and what bills are split by. What is of people is their only holder's, or shared.
    pub fn usage(&self, day: Day) -> Vec<Entry> {
        let mut sums = Sums::default();
        let holders = Holders::of(&self.workspaces);
        for (partition, people) in &self.people {
            let whose = holders.only(*partition);
            sums.add(whose, Series::People, people.all);
            sums.add(whose, Series::ActivePeople, people.active);
            sums.add(whose, Series::StorageBytes, people.all * PERSON_BYTES);
            let those = holders.get(*partition);
            for holder in those.iter().copied().map(Some).chain(those.is_empty().then_some(None)) {
                sums.add_of(holder, Series::Held, partition.to_string(), people.all);
            }
        }
        for (workspace, assets) in self.living_assets() {
            sums.add(Some(workspace), Series::Assets, assets.count);
            sums.add(Some(workspace), Series::StorageBytes, assets.bytes);
        }
        sums.entries(day)
    }

    /// What each workspace sees.
    pub fn seen(&self, day: Day) -> Vec<Entry> {
        let mut sums = Sums::default();
        for (id, sight) in &self.workspaces {
            for (_, people) in self.people.iter().filter(|(partition, _)| sight.sees(**partition)) {
                sums.add(Some(*id), Series::SeenPeople, people.all);
                sums.add(Some(*id), Series::SeenActivePeople, people.active);
                sums.add(Some(*id), Series::SeenStorageBytes, people.all * PERSON_BYTES);
            }
        }
        for (workspace, assets) in self.living_assets() {
            sums.add(Some(workspace), Series::SeenStorageBytes, assets.bytes);
        }
        sums.entries(day)
    }

    /// What is inside of workspaces, as far as each sees it.
    pub fn inside(&self, inside: &Inside, day: Day) -> Vec<Entry> {
        let mut sums = Sums::default();
        let sees = |workspace: WorkspaceId, partition: PartitionId| {
            self.workspaces.get(&workspace).is_some_and(|sight| sight.sees(partition))
        };
        for (workspace, partition, people) in inside.program_members.iter().copied() {
            if sees(workspace, partition) {
                sums.add(Some(workspace), Series::ProgramMembers, people);
            }
        }
        for one in inside.segments.iter().filter(|one| sees(one.workspace, one.partition)) {
            let key = format!("{}/{}", one.segmentation, one.segment);
            sums.add_of(Some(one.workspace), Series::SegmentSize, key, one.people);
        }
        let stands = |id: &WorkspaceId| self.workspaces.contains_key(id);
        for (owner, target, folders) in &inside.shares {
            if stands(owner) && stands(target) {
                sums.add(Some(*owner), Series::SharesOut, *folders);
                sums.add(Some(*target), Series::SharesIn, *folders);
            }
        }
        sums.entries(day)
    }

    fn living_assets(&self) -> impl Iterator<Item = (WorkspaceId, Assets)> {
        let assets = self.assets.iter().map(|(id, assets)| (*id, *assets));
        assets.filter(|(id, _)| self.workspaces.contains_key(id))
    }
}

// === impl Sums ===

impl Sums {
    fn add(&mut self, workspace: Option<WorkspaceId>, series: Series, value: i64) {
        self.add_of(workspace, series, String::new(), value);
    }

    fn add_of(&mut self, whose: Option<WorkspaceId>, series: Series, key: String, value: i64) {
        *self.0.entry((whose, series, key)).or_default() += value;
    }

    fn entries(self, day: Day) -> Vec<Entry> {
        let some = self.0.into_iter().filter(|(_, value)| *value != 0);
        some.map(|((workspace, series, key), value)| Entry { workspace, day, series, key, value })
            .collect()
    }
}
