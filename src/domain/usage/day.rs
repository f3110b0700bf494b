//! Days and months of the calendar, UTC.

use std::fmt;

use time::Date;

use crate::domain::filter::{parse_day, written_day};

/// Most days of a request.
pub const MAX_DAYS: i64 = 400;

/// The Julian day of 1970-01-01.
const EPOCH: i64 = 2_440_588;
/// A day in microseconds.
const MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

/// Some days, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first of them.
    pub first: Day,
    /// The last of them.
    pub last: Day,
}

/// What numbers are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Granularity {
    /// Each day for itself.
    #[default]
    Day,
    /// Each month, as far as its days are asked for.
    Month,
}

// === impl Day ===

impl Day {
    /// The day of a moment in microseconds since 1970.
    pub fn of(micros: i64) -> Self {
        Self(micros.div_euclid(MICROS))
    }

    /// The first moment of the day, in microseconds since 1970.
    pub fn start(self) -> i64 {
        self.0 * MICROS
    }

    /// A day as it is written: `2026-03-31`.
    pub fn parse(text: &str) -> Option<Self> {
        parse_day(text).map(|date| Self(i64::from(date.to_julian_day()) - EPOCH))
    }

    /// The day a number of days later.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    fn date(self) -> Date {
        let julian = i32::try_from(self.0 + EPOCH).ok();
        julian.and_then(|day| Date::from_julian_day(day).ok()).unwrap_or(Date::MIN)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written_day(self.date()))
    }
}

// === impl Span ===

impl Span {
    /// The days, in order.
    pub fn days(self) -> impl Iterator<Item = Day> {
        (self.first.0..=self.last.0).map(Day)
    }

    /// How many they are.
    pub fn length(self) -> i64 {
        self.last.0 - self.first.0 + 1
    }

    /// Whether a day is among them.
    pub fn has(self, day: Day) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

// === impl Granularity ===

impl Granularity {
    /// The first day of the period that a day is in.
    pub fn period(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Month => day.plus(1 - i64::from(day.date().day())),
        }
    }

    /// The days that say how things stood in a period: the last ones that are asked for, each with its period.
    pub fn last_days(self, span: Span) -> Vec<(Day, Day)> {
        let next = |day: Day| self.period(day.plus(1));
        let last = |day: &Day| *day == span.last || next(*day) != self.period(*day);
        span.days().filter(last).map(|day| (day, self.period(day))).collect()
    }

    /// All days, each with its period.
    pub fn all_days(self, span: Span) -> Vec<(Day, Day)> {
        span.days().map(|day| (day, self.period(day))).collect()
    }
}
