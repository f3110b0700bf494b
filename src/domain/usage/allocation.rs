//! What of a bill is whose (K-05): exact, in the bill's smallest units, with nothing left over.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;

use super::Day;
use crate::id::{PartitionId, WorkspaceId};

/// How many digits of person-days are told.
const DIGITS: u32 = 4;

/// On one day, one of those who hold a partition; nobody: it is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The day.
    pub day: Day,
    /// The partition.
    pub partition: PartitionId,
    /// Who holds it, alone or beside others.
    pub workspace: Option<WorkspaceId>,
    /// The people in it.
    pub people: i64,
}

/// What is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whose; nothing: the shared remainder.
    pub workspace: Option<WorkspaceId>,
    /// The people that are its part, summed over the days, rounded down to ten-thousandths.
    pub person_days: String,
    /// What it pays, in the bill's smallest units.
    pub amount: u64,
}

/// An amount of money: smallest units, and how many digits stand behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// How many of the smallest units.
    pub units: u64,
    digits: usize,
}

/// Somebody's part of all person-days, over the common denominator of all parts.
struct Part {
    workspace: Option<WorkspaceId>,
    weight: BigUint,
}

/// Splits a bill by person-days: the people of a partition count equally for each who holds it. What is left over after
/// rounding down goes, one unit each, to those who lost most by it, of equals to the first by id. Where nobody is, all
/// is the shared remainder's.
pub fn allocate(units: u64, held: &[Held]) -> Vec<Share> {
    let (parts, denominator) = parts(held);
    let whole: BigUint = parts.iter().map(|part| &part.weight).sum();
    if whole == BigUint::ZERO {
        return vec![Share { workspace: None, person_days: written(&whole), amount: units }];
    }
    let quota = |part: &Part| {
        let all = &part.weight * units;
        // A part is at most the whole, and so its quota at most the bill.
        (u64::try_from(&all / &whole).unwrap_or(units), all % &whole)
    };
    let (mut amounts, remainders): (Vec<u64>, Vec<BigUint>) = parts.iter().map(quota).unzip();
    let left = units - amounts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let id = |at: usize| (parts[at].workspace.is_none(), parts[at].workspace);
    order.sort_by_key(|at| (Reverse(&remainders[*at]), id(*at)));
    // Each remainder is less than a unit, so that fewer units are left than there are parts.
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        amounts[at] += 1;
    }
    let share = |(part, amount): (Part, u64)| Share {
        workspace: part.workspace,
        person_days: written(&(part.weight * 10_u32.pow(DIGITS) / &denominator)),
        amount,
    };
    parts.into_iter().zip(amounts).map(share).collect()
}

/// Everybody's part, those of workspaces first and by id, and the denominator that they have in common.
fn parts(held: &[Held]) -> (Vec<Part>, BigUint) {
    let mut holders: BTreeMap<(Day, PartitionId), u64> = BTreeMap::new();
    for one in held {
        *holders.entry((one.day, one.partition)).or_default() += 1;
    }
    let sizes: BTreeSet<u64> = holders.values().copied().collect();
    let denominator = sizes.into_iter().fold(BigUint::from(1_u32), common);
    // People by whose they are and by how many they are split among: few numbers, whatever the days.
    let mut people: BTreeMap<(bool, Option<WorkspaceId>), BTreeMap<u64, u128>> = BTreeMap::new();
    for one in held {
        let whose = people.entry((one.workspace.is_none(), one.workspace)).or_default();
        let among = holders[&(one.day, one.partition)];
        *whose.entry(among).or_default() += u128::try_from(one.people).unwrap_or_default();
    }
    let weight = |split: BTreeMap<u64, u128>| {
        split.into_iter().map(|(among, people)| &denominator / among * people).sum()
    };
    let parts = people
        .into_iter()
        .map(|((_, workspace), split)| Part { workspace, weight: weight(split) })
        .collect();
    (parts, denominator)
}

/// The least common multiple.
fn common(all: BigUint, size: u64) -> BigUint {
    // A remainder is less than what it is a remainder by.
    let (mut a, mut b) = (size, u64::try_from(&all % size).unwrap_or_default());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    all * (size / a)
}

/// A number of ten-thousandths.
fn written(value: &BigUint) -> String {
    decimal(&value.to_string(), DIGITS as usize)
}

fn decimal(units: &str, digits: usize) -> String {
    let units = format!("{units:0>width$}", width = digits + 1);
    match units.split_at(units.len() - digits) {
        (whole, "") => whole.to_owned(),
        (whole, fraction) => format!("{whole}.{fraction}"),
    }
}

// === impl Money ===

impl Money {
    /// Most digits behind the point.
    const FRACTION: usize = 6;
    /// Most digits at all.
    const ALL: usize = 18;

    /// Parses `150.00`: as many digits behind the point as are written make the smallest unit.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let written = text.split('.').all(|part| !part.is_empty());
        let plain = whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit());
        let fits = fraction.len() <= Self::FRACTION && whole.len() + fraction.len() <= Self::ALL;
        let units = format!("{whole}{fraction}").parse().ok();
        units
            .filter(|_| written && plain && fits)
            .map(|units| Self { units, digits: fraction.len() })
            .ok_or_else(|| {
                format!(
                    "must be a decimal number like 150.00, of at most {} digits, {} of them behind the point",
                    Self::ALL,
                    Self::FRACTION
                )
            })
    }

    /// An amount of the same smallest units, as it is written.
    pub fn written(self, units: u64) -> String {
        decimal(&units.to_string(), self.digits)
    }
}
