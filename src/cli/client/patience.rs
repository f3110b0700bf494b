//! When to try again after a break, and when to give up.

use std::time::Duration;

use super::{Error, Result};
use crate::cli::progress::Progress;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Breaks in a row, without progress between them, that are forgiven: about a minute in all.
const TRIES: u32 = 9;

/// Counts the breaks since the last progress.
#[derive(Debug, Default)]
pub struct Patience {
    breaks: u32,
}

// === impl Patience ===

impl Patience {
    /// There was progress: earlier breaks no longer count.
    pub fn restore(&mut self) {
        self.breaks = 0;
    }

    /// Waits before the next try, or fails with what broke if that is final or has come too often.
    pub async fn wait(&mut self, error: Error, progress: &Progress) -> Result<()> {
        self.pause(error, |text| progress.note(text)).await
    }

    /// As [`Patience::wait`], for who says in another way what is waited for.
    pub async fn pause(&mut self, error: Error, note: impl Fn(&str)) -> Result<()> {
        if !error.is_transient() || self.breaks == TRIES {
            return Err(error);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.breaks).min(LONGEST_PAUSE);
        self.breaks += 1;
        note(&format!("{error}; trying again in {} s", pause.as_secs_f32()));
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Calls until it goes well, as far as patience lasts.
pub async fn persist<T>(progress: &Progress, call: impl AsyncFn() -> Result<T>) -> Result<T> {
    let mut patience = Patience::default();
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => patience.wait(error, progress).await?,
        }
    }
}
