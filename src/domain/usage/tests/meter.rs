//! Who came into sight, and who left it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{partition, workspace};
use crate::domain::usage::{Event, Meter, Swings};

fn event() -> impl Strategy<Value = Event> {
    let w = || (0..4_u8).prop_map(workspace);
    let p = || (0..4_u8).prop_map(partition);
    let end = || prop::option::of((0..4_u8).prop_map(partition));
    prop_oneof![
        (end(), end(), 1..9_i64).prop_map(|(from, to, people)| Event::Flow(from, to, people)),
        (w(), any::<bool>()).prop_map(|(id, all)| Event::Made(id, all)),
        (w(), p()).prop_map(|(id, partition)| Event::Bound(id, partition)),
        (w(), p()).prop_map(|(id, partition)| Event::Unbound(id, partition)),
        w().prop_map(Event::Switched),
        w().prop_map(Event::Deleted),
        w().prop_map(Event::Restored),
    ]
}

proptest! {
    /// K-09: whatever happens, what a workspace gained and lost is what it sees now.
    #[test]
    fn k_09_gains_and_losses_make_what_is_seen(events in prop::collection::vec(event(), 0..60)) {
        let (mut meter, mut swings) = (Meter::default(), Swings::new());
        for event in &events {
            meter.take(event, &mut swings);
            let kept = serde_json::to_value(&meter).unwrap();
            prop_assert_eq!(&serde_json::from_value::<Meter>(kept).unwrap(), &meter);
        }
        for n in 0..4 {
            let (gained, lost) = swings.get(&workspace(n)).copied().unwrap_or_default();
            prop_assert_eq!(gained - lost, meter.seen(workspace(n)));
        }
    }
}

/// K-09: a move within the sight of a workspace is none for it.
#[test]
fn k_09_a_move_counts_for_those_who_see_one_end() {
    let (mut meter, mut swings) = (Meter::default(), Swings::new());
    let (p, q) = (partition(0), partition(1));
    let setting = [
        Event::Made(workspace(0), true),
        Event::Made(workspace(1), false),
        Event::Bound(workspace(1), p),
        Event::Made(workspace(2), false),
        Event::Bound(workspace(2), q),
        Event::Flow(None, Some(p), 5),
        Event::Flow(Some(p), Some(q), 2),
    ];
    setting.iter().for_each(|event| meter.take(event, &mut swings));
    let told = [(workspace(0), (5, 0)), (workspace(1), (5, 2)), (workspace(2), (2, 0))];
    assert_eq!(swings, BTreeMap::from(told));
    // What a second binding adds to all partitions is nothing new.
    let mut swings = Swings::new();
    meter.take(&Event::Bound(workspace(0), p), &mut swings);
    meter.take(&Event::Switched(workspace(0)), &mut swings);
    assert_eq!(swings, BTreeMap::from([(workspace(0), (0, 2))]));
}
