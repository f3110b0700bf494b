//! How far the results of a segmentation can be trusted in a partition (G-06): never a silent zero.

/// How far the results of a segmentation can be trusted in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// They are what the definition says, and were last computed as a whole at a time.
    Fresh {
        /// The time, in microseconds since 1970.
        computed: i64,
    },
    /// They were, up to a time.
    Stale {
        /// The time, in microseconds since 1970.
        since: i64,
        /// Why.
        why: Stale,
    },
    /// There are none.
    NotComputed(Missing),
}

/// Why results are stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// A smart list that the segmentation reads was changed: it is being computed anew.
    ListChanged,
    /// Something that the segmentation reads is gone or no longer shared: it keeps its results (L-07).
    BrokenReference,
}

/// Why there are no results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The workspace that owns the segmentation does not see the partition (G-04).
    OutsideOwner,
    /// They are being computed for the first time.
    Computing,
    /// The segmentation is not approved.
    NotApproved,
}

/// What is known of a partition of a segmentation.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The segmentation has results that are read.
    pub live: bool,
    /// The owner sees the partition.
    pub covered: bool,
    /// When the results there became whole.
    pub whole_since: Option<i64>,
    /// Since when live results may differ from the definition.
    pub stale: Option<(i64, Stale)>,
}

/// What all that is known comes to.
pub fn coverage(known: Known) -> Coverage {
    match known {
        Known { covered: false, .. } => Coverage::NotComputed(Missing::OutsideOwner),
        Known { live: false, .. } => Coverage::NotComputed(Missing::NotApproved),
        Known { whole_since: None, .. } => Coverage::NotComputed(Missing::Computing),
        Known { stale: Some((since, why)), .. } => Coverage::Stale { since, why },
        Known { whole_since: Some(computed), stale: None, .. } => Coverage::Fresh { computed },
    }
}

// === impl Stale ===

impl Stale {
    const ALL: [Self; 2] = [Self::ListChanged, Self::BrokenReference];

    /// The reason as callers and the database read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListChanged => "LIST_CHANGED",
            Self::BrokenReference => "BROKEN_REFERENCE",
        }
    }

    /// The reason of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G-04, G-06: outside the owner's sight there is nothing, whatever else is known.
    #[test]
    fn g_06_the_first_reason_counts() {
        let all = Known { live: true, covered: true, whole_since: Some(5), stale: None };
        assert_eq!(coverage(all), Coverage::Fresh { computed: 5 });
        let stale = Some((7, Stale::ListChanged));
        let since = Coverage::Stale { since: 7, why: Stale::ListChanged };
        assert_eq!(coverage(Known { stale, ..all }), since);
        let missing = |known| match coverage(known) {
            Coverage::NotComputed(why) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(Known { whole_since: None, stale, ..all }), Missing::Computing);
        assert_eq!(missing(Known { live: false, whole_since: None, ..all }), Missing::NotApproved);
        assert_eq!(missing(Known { covered: false, live: false, ..all }), Missing::OutsideOwner);
    }
}
