//! Time as it is stored: whole microseconds since 1970, UTC, the same number on every database.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// One day in microseconds.
pub const DAY: Micros = 24 * 60 * 60 * 1_000_000;

/// The time now.
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// The wire form of a stored time.
pub fn timestamp(micros: Micros) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or_default(),
    }
}

/// The time after another by a duration.
pub fn after(time: Micros, duration: Duration) -> Micros {
    time.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
