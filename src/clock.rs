//! Time as it is stored: whole microseconds since 1970, UTC, the same number on every database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// One day in microseconds.
pub const DAY: Micros = 24 * 60 * 60 * 1_000_000;

/// The system's clock, which can be put forward, so that no test has to wait; clones stay together.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_micros: Arc<AtomicU64>,
}

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

// === impl Clock ===

impl Clock {
    /// The time now.
    pub fn now(&self) -> Micros {
        after(now(), self.ahead())
    }

    /// The time now, for durations: it does not go back.
    pub fn instant(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.ahead_micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn ahead(&self) -> Duration {
        Duration::from_micros(self.ahead_micros.load(Ordering::Relaxed))
    }
}
