//! What is counted, one series of numbers each.

use Series::*;

/// What a tenant uses (K-05). Over the workspaces and the shared remainder, each adds up to its total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the protocol describes them, for callers too")]
pub enum Metric {
    People,
    ActivePeople,
    Assets,
    SegmentEvaluations,
    ApiCalls,
    StorageBytes,
}

/// A series of numbers, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// People of partitions that one workspace holds alone.
    People,
    /// Those of them who were created, changed or acting lately.
    ActivePeople,
    /// Assets.
    Assets,
    /// How often a person was put to the segments of a segmentation.
    SegmentEvaluations,
    /// Calls that were answered.
    ApiCalls,
    /// Bytes, as they are estimated.
    StorageBytes,
    /// People of a partition (the key), once for each workspace that holds it: what bills are split by.
    Held,
    /// All people that the workspace sees, whoever holds them.
    SeenPeople,
    /// Those of them who were created, changed or acting lately.
    SeenActivePeople,
    /// Bytes of what the workspace sees, as they are estimated.
    SeenStorageBytes,
    /// People who came into sight.
    PeopleGained,
    /// People who left it.
    PeopleLost,
    /// People in programs, as far as the workspace sees them.
    ProgramMembers,
    /// People of a segment (the key), as far as the workspace sees them.
    SegmentSize,
    /// Folders that are shared to the workspace.
    SharesIn,
    /// Shares of the workspace's folders, one for each target.
    SharesOut,
    /// Changes of a kind (the key).
    Changes,
}

const ALL: [(Series, &str); 17] = [
    (People, "PEOPLE"),
    (ActivePeople, "ACTIVE_PEOPLE"),
    (Assets, "ASSETS"),
    (SegmentEvaluations, "SEGMENT_EVALUATIONS"),
    (ApiCalls, "API_CALLS"),
    (StorageBytes, "STORAGE_BYTES"),
    (Held, "HELD"),
    (SeenPeople, "SEEN_PEOPLE"),
    (SeenActivePeople, "SEEN_ACTIVE_PEOPLE"),
    (SeenStorageBytes, "SEEN_STORAGE_BYTES"),
    (PeopleGained, "PEOPLE_GAINED"),
    (PeopleLost, "PEOPLE_LOST"),
    (ProgramMembers, "PROGRAM_MEMBERS"),
    (SegmentSize, "SEGMENT_SIZE"),
    (SharesIn, "SHARES_IN"),
    (SharesOut, "SHARES_OUT"),
    (Changes, "CHANGES"),
];

// === impl Metric ===

impl Metric {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::People,
        Self::ActivePeople,
        Self::Assets,
        Self::SegmentEvaluations,
        Self::ApiCalls,
        Self::StorageBytes,
    ];

    /// The series in which it adds up over the tenant.
    pub fn of_tenant(self) -> Series {
        match self {
            Self::People => People,
            Self::ActivePeople => ActivePeople,
            Self::Assets => Assets,
            Self::SegmentEvaluations => SegmentEvaluations,
            Self::ApiCalls => ApiCalls,
            Self::StorageBytes => StorageBytes,
        }
    }

    /// The series of what one workspace sees, which tells nothing of others that may see the same.
    pub fn of_workspace(self) -> Series {
        match self {
            Self::People => SeenPeople,
            Self::ActivePeople => SeenActivePeople,
            Self::StorageBytes => SeenStorageBytes,
            Self::Assets | Self::SegmentEvaluations | Self::ApiCalls => self.of_tenant(),
        }
    }
}

// === impl Series ===

impl Series {
    /// Those that tell of a workspace beside what it uses (K-09).
    pub const INSIGHTS: [Self; 8] = [
        SeenPeople,
        PeopleGained,
        PeopleLost,
        ProgramMembers,
        SegmentSize,
        SharesIn,
        SharesOut,
        Changes,
    ];

    /// The series as it is kept.
    pub fn name(self) -> &'static str {
        // The table has all of them in their order, as a test sees to.
        ALL[self as usize].1
    }

    /// The series of a name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(series, _)| *series)
    }

    /// It counts what happens, and adds up over days; any other says how things stand at the end of a day.
    pub fn adds_up(self) -> bool {
        matches!(self, SegmentEvaluations | ApiCalls | PeopleGained | PeopleLost | Changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_come_back_by_their_names() {
        for (at, (series, name)) in ALL.iter().enumerate() {
            assert_eq!((*series as usize, series.name()), (at, *name));
            assert_eq!(Series::named(name), Some(*series));
        }
        assert_eq!(Series::named("people"), None);
    }
}
