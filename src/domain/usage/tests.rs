//! The rules of usage, by example and for any tenant.

mod allocation;
mod census;
mod meter;

use uuid::Uuid;

use crate::domain::usage::Day;
use crate::id::{PartitionId, WorkspaceId};

fn workspace(n: u8) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(u128::from(n) + 1))
}

fn partition(n: u8) -> PartitionId {
    PartitionId(Uuid::from_u128(u128::from(n) + 1))
}

#[test]
fn days_and_months_are_those_of_the_calendar() {
    use super::{Granularity, Span};
    let day = |text| Day::parse(text).unwrap();
    for text in ["1970-01-01", "2024-02-29", "2026-12-31", "0001-01-01", "9999-12-31"] {
        assert_eq!(day(text).to_string(), text);
    }
    for text in ["", "2026-02-30", "2026-2-3", "20260203", "+2026-02-03", "2026-02-03T00:00"] {
        assert_eq!(Day::parse(text), None, "{text}");
    }
    assert_eq!(Day::of(-1), day("1969-12-31"));
    assert_eq!(Day::of(day("2026-03-31").start()), day("2026-03-31"));
    assert_eq!(day("2026-02-28").plus(1), day("2026-03-01"));
    let span = Span { first: day("2026-01-30"), last: day("2026-03-02") };
    let shown = |days: Vec<(Day, Day)>| {
        days.iter().map(|(day, to)| format!("{day} {to}")).collect::<Vec<_>>()
    };
    let months = ["2026-01-31 2026-01-01", "2026-02-28 2026-02-01", "2026-03-02 2026-03-01"];
    assert_eq!(shown(Granularity::Month.last_days(span)), months);
    assert_eq!(Granularity::Month.all_days(span).len(), 32);
    assert_eq!(span.length(), 32);
    assert_eq!(Granularity::Day.last_days(span), Granularity::Day.all_days(span));
}
