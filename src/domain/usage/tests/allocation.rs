//! What of a bill is whose.

use proptest::prelude::*;

use super::{partition, workspace};
use crate::domain::usage::Day;
use crate::domain::usage::allocation::{Held, Money, allocate};

fn held(day: i64, p: u8, w: Option<u8>, people: i64) -> Held {
    Held { day: Day(day), partition: partition(p), workspace: w.map(workspace), people }
}

fn amounts(units: u64, held: &[Held]) -> Vec<(Option<u8>, String, u64)> {
    let number = |id: crate::id::WorkspaceId| id.0.as_bytes()[15] - 1;
    let shares = allocate(units, held).into_iter();
    shares.map(|one| (one.workspace.map(number), one.person_days, one.amount)).collect()
}

/// K-05: P1 10 people {A, B}, P2 5 {A}, bill 150.00: A 100.00, B 50.00.
#[test]
fn k_05_people_in_a_partition_are_split_equally() {
    let one_day = [held(0, 1, Some(0), 10), held(0, 1, Some(1), 10), held(0, 2, Some(0), 5)];
    let told = [(Some(0), "10.0000".to_owned(), 10_000), (Some(1), "5.0000".to_owned(), 5_000)];
    assert_eq!(amounts(15_000, &one_day), told);
}

/// K-05: cents go by largest remainder, of equals to the first by id; what nobody holds is the shared remainder's.
#[test]
fn k_05_cents_go_by_largest_remainder() {
    let thirds = [held(0, 1, Some(2), 1), held(0, 1, Some(0), 1), held(0, 1, Some(1), 1)];
    let third = || "0.3333".to_owned();
    let told = [(Some(0), third(), 34), (Some(1), third(), 33), (Some(2), third(), 33)];
    assert_eq!(amounts(100, &thirds), told);
    let told = [(Some(0), third(), 1), (Some(1), third(), 1), (Some(2), third(), 0)];
    assert_eq!(amounts(2, &thirds), told);
    let some = [held(0, 1, None, 1), held(0, 2, Some(0), 1), held(1, 2, Some(0), 1)];
    let told = [(Some(0), "2.0000".to_owned(), 67), (None, "1.0000".to_owned(), 33)];
    assert_eq!(amounts(100, &some), told);
    assert_eq!(amounts(100, &[]), [(None, "0.0000".to_owned(), 100)]);
}

#[test]
fn k_05_the_last_digit_written_is_the_smallest_unit() {
    for (text, units) in
        [("150.00", 15_000), ("150", 150), ("0.000001", 1), ("0", 0), ("007.5", 75)]
    {
        assert_eq!(Money::parse(text).map(|money| money.units), Ok(units));
    }
    assert_eq!(Money::parse("150.00").unwrap().written(5), "0.05");
    assert_eq!(Money::parse("150").unwrap().written(5), "5");
    let most = "9".repeat(18);
    assert_eq!(Money::parse(&most).unwrap().written(999), "999");
    for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1.5.0", "٣", "1.0000000"] {
        assert!(Money::parse(text).is_err(), "{text}");
    }
    assert!(Money::parse(&"9".repeat(19)).is_err());
}

prop_compose! {
    /// Some days of partitions, each held by some workspaces alike, or by nobody.
    fn days()(rows in prop::collection::vec((0..3_i64, 0..6_u8, 0..1_000_i64, prop::collection::btree_set(0..40_u8, 0..40)), 0..12))
        -> Vec<Held>
    {
        let mut seen = std::collections::BTreeSet::new();
        let mut days = Vec::new();
        for (day, p, people, workspaces) in rows {
            if !seen.insert((day, p)) {
                continue;
            }
            if workspaces.is_empty() {
                days.push(held(day, p, None, people));
            }
            days.extend(workspaces.into_iter().map(|w| held(day, p, Some(w), people)));
        }
        days
    }
}

proptest! {
    /// K-05: the shares add up to the bill, whoever has more people pays no less, and who has none pays nothing.
    #[test]
    fn k_05_shares_add_up_and_follow_the_people(units in 0..=999_999_999_999_999_999_u64, days in days()) {
        let shares = allocate(units, &days);
        prop_assert_eq!(shares.iter().map(|one| one.amount).sum::<u64>(), units);
        let whole: f64 = days.iter().map(|one| (one.day, one.partition, one.people))
            .collect::<std::collections::BTreeSet<_>>().into_iter().map(|(.., people)| people as f64).sum();
        let told: f64 = shares.iter().map(|one| one.person_days.parse::<f64>().unwrap()).sum();
        prop_assert!((whole - told).abs() < 0.01, "{} {}", whole, told);
        for a in &shares {
            for b in &shares {
                let people = |one: &crate::domain::usage::allocation::Share| one.person_days.parse::<f64>().unwrap();
                // Of equal parts one may get a unit that the other does not.
                prop_assert!(people(a) <= people(b) || a.amount >= b.amount);
            }
            prop_assert!(a.person_days != "0.0000" || a.amount == 0 || whole == 0.0);
        }
    }

    /// K-05: nobody is further than one unit from the exact part.
    #[test]
    fn k_05_nobody_is_a_unit_off(units in 0..1_000_000_u64, days in days()) {
        let whole: i64 = days.iter().map(|one| (one.day, one.partition, one.people))
            .collect::<std::collections::BTreeSet<_>>().into_iter().map(|(.., people)| people).sum();
        prop_assume!(whole > 0);
        for one in allocate(units, &days) {
            let exact = one.person_days.parse::<f64>().unwrap() * units as f64 / whole as f64;
            // What is told of person-days is rounded down to a ten-thousandth.
            let rounding = 0.0001 * units as f64 / whole as f64;
            let off = one.amount as f64 - exact;
            prop_assert!(off > -1.0 - 1e-6 && off < 1.0 + rounding + 1e-6, "{} {}", one.amount, exact);
        }
    }
}
