//! The numbers that are made of how things stand.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{partition, workspace};
use crate::domain::usage::{Assets, Census, Day, Entry, Holders, People, Series, Sight};

prop_compose! {
    fn census()(
        workspaces in prop::collection::btree_map(0..6_u8, (any::<bool>(), prop::collection::btree_set(0..6_u8, 0..4)), 0..6),
        people in prop::collection::btree_map(0..6_u8, (1..50_i64, 0..50_i64), 0..6),
        assets in prop::collection::btree_map(0..8_u8, (1..9_i64, 0..9_000_i64), 0..8),
    ) -> Census {
        let sight = |(n, (all, bound)): (u8, (bool, std::collections::BTreeSet<u8>))| {
            (workspace(n), Sight { all, bound: bound.into_iter().map(partition).collect() })
        };
        Census {
            workspaces: workspaces.into_iter().map(sight).collect(),
            people: people.into_iter().map(|(n, (all, active))| {
                (partition(n), People { all, active: active.min(all) })
            }).collect(),
            assets: assets.into_iter().map(|(n, (count, bytes))| (workspace(n), Assets { count, bytes })).collect(),
        }
    }
}

fn total(entries: &[Entry], series: Series) -> i64 {
    entries.iter().filter(|one| one.series == series).map(|one| one.value).sum()
}

proptest! {
    /// K-05: workspaces and the shared remainder add up to all that there is, whoever sees what.
    #[test]
    fn k_05_the_parts_add_up_to_the_whole(census in census()) {
        let entries = census.usage(Day(0));
        let all = census.people.values();
        prop_assert_eq!(total(&entries, Series::People), all.clone().map(|one| one.all).sum::<i64>());
        prop_assert_eq!(total(&entries, Series::ActivePeople), all.map(|one| one.active).sum::<i64>());
        let living = census.assets.iter().filter(|(id, _)| census.workspaces.contains_key(id));
        let bytes: i64 = living.clone().map(|(_, one)| one.bytes).sum();
        prop_assert_eq!(total(&entries, Series::Assets), living.map(|(_, one)| one.count).sum::<i64>());
        let people = total(&entries, Series::People);
        prop_assert_eq!(total(&entries, Series::StorageBytes), bytes + 1_024 * people);
        prop_assert!(entries.iter().all(|one| one.value > 0));
    }

    /// K-05: people are a workspace's if no other is bound; workspaces that see all count only where nobody is bound.
    #[test]
    fn k_05_people_are_of_whoever_holds_them(census in census()) {
        let holders = Holders::of(&census.workspaces);
        let entries = census.usage(Day(0));
        let mut whose: BTreeMap<_, i64> = BTreeMap::new();
        for (partition, people) in &census.people {
            let sees = |sight: &&Sight| sight.sees(*partition);
            let bound: Vec<_> = census.workspaces.iter().filter(|(_, one)| one.bound.contains(partition)).collect();
            let seen: Vec<_> = census.workspaces.iter().filter(|(_, one)| sees(one)).collect();
            let those = if bound.is_empty() { seen } else { bound };
            prop_assert_eq!(holders.get(*partition).len(), those.len());
            let one = if let [(id, _)] = those[..] { Some(*id) } else { None };
            *whose.entry(one).or_default() += people.all;
        }
        for (id, people) in whose {
            let told = entries.iter().find(|one| one.workspace == id && one.series == Series::People);
            prop_assert_eq!(told.map(|one| one.value), Some(people));
        }
    }

    /// K-09: a workspace is told of what it sees, whoever else sees it.
    #[test]
    fn k_09_what_a_workspace_sees_is_all_that_it_is_told(census in census(), other in 0..6_u8) {
        let mut without = census.clone();
        without.workspaces.remove(&workspace(other));
        let of = |census: &Census| {
            let mut seen = census.seen(Day(0));
            seen.retain(|one| one.workspace != Some(workspace(other)));
            seen
        };
        prop_assert_eq!(of(&census), of(&without));
    }
}
