//! The keys of one issuer over time: fetched when they are needed, again when they are old, and again for a
//! key that is not known, by one call for all and never often.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedMutexGuard, Semaphore};

use super::Why;
use super::fetch::fetch;
use super::keys::Keys;
use crate::clock::Clock;
use crate::config::{
    Issuer, Jwks, KEYS_FILE_CHECK, KEYS_MAX_AGE, KEYS_REFRESH, KEYS_RETRY, KEYS_UNKNOWN,
    KEYS_WAITING,
};

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeySet {
    /// The issuer, for the log.
    name: String,
    jwks: Jwks,
    clock: Clock,
    state: Mutex<State>,
    /// Held by the fetch in progress; the others wait for it instead of fetching too.
    flight: Arc<tokio::sync::Mutex<()>>,
    /// Those who may wait, so that an issuer which hangs does not hold all calls.
    waiting: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    /// The last good keys, and when they were fetched.
    good: Option<(Arc<Keys>, Instant)>,
    /// When a fetch began, for whatever reason.
    tried: Option<Instant>,
    /// When a fetch began for a key that was not known.
    asked: Option<Instant>,
    /// How many fetches have begun.
    fetches: u64,
}

/// What a fetch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// There are no good keys.
    Missing,
    /// They may have changed.
    Old,
    /// One is not among them.
    Unknown,
}

// === impl KeySet ===

impl KeySet {
    /// The keys of an issuer, none of which is known yet.
    pub(super) fn new(issuer: &Issuer, clock: &Clock) -> Arc<Self> {
        Arc::new(Self {
            name: issuer.issuer.clone(),
            jwks: issuer.jwks.clone(),
            clock: clock.clone(),
            state: Mutex::default(),
            flight: Arc::default(),
            waiting: Semaphore::new(KEYS_WAITING),
        })
    }

    /// The keys, as fresh as they have to be.
    pub(super) async fn current(self: &Arc<Self>) -> Result<Arc<Keys>, Why> {
        let fetches = self.state().fetches;
        let Some((keys, age)) = self.good() else {
            self.refresh(For::Missing, fetches).await?;
            return self.good().map(|(keys, _)| keys).ok_or(Why::NoKeys);
        };
        if age < self.period() {
            return Ok(keys);
        }
        match &self.jwks {
            // A look at a file takes no time.
            Jwks::File(_) => self.refresh(For::Old, fetches).await?,
            // Nobody waits for fresher keys while the old ones do.
            Jwks::Url { .. } => {
                if let Ok(flight) = self.flight.clone().try_lock_owned()
                    && self.is_due(For::Old, fetches)
                {
                    tokio::spawn(self.clone().fetch(flight));
                }
            }
        }
        Ok(self.good().map_or(keys, |(keys, _)| keys))
    }

    /// The keys after one was not among them.
    pub(super) async fn again(self: &Arc<Self>, seen: &Keys) -> Result<Arc<Keys>, Why> {
        let fetches = self.state().fetches;
        let changed = self.good().filter(|(keys, _)| keys.digest() != seen.digest());
        if changed.is_none() {
            self.refresh(For::Unknown, fetches).await?;
        }
        self.good().map(|(keys, _)| keys).ok_or(Why::NoKeys)
    }

    /// The last good keys and their age, while that is not too old.
    fn good(&self) -> Option<(Arc<Keys>, Duration)> {
        let now = self.clock.instant();
        let (keys, fetched) = self.state().good.clone()?;
        let age = now.saturating_duration_since(fetched);
        (age < KEYS_MAX_AGE).then_some((keys, age))
    }

    /// Fetches the keys unless somebody does or did since then, and waits for that; an error only if too
    /// many wait already, since then the keys may be about to come.
    async fn refresh(self: &Arc<Self>, what: For, fetches: u64) -> Result<(), Why> {
        let _place = self.waiting.try_acquire().map_err(|_| Why::NoKeys)?;
        let flight = self.flight.clone().lock_owned().await;
        if self.is_due(what, fetches) {
            // A task of its own: a caller who leaves must not keep the keys from the others.
            let fetched = tokio::spawn(self.clone().fetch(flight)).await;
            if let Err(error) = fetched {
                tracing::error!(%error, "a fetch of keys broke off");
            }
        }
        Ok(())
    }

    /// Whether a fetch may begin now; if so, it has.
    fn is_due(&self, what: For, fetches: u64) -> bool {
        let now = self.clock.instant();
        let mut state = self.state();
        if state.fetches != fetches {
            return false;
        }
        let (last, pause) = match what {
            For::Missing => (state.tried, KEYS_RETRY.min(self.period())),
            For::Old => (state.tried, KEYS_UNKNOWN.min(self.period())),
            For::Unknown => (state.asked, KEYS_UNKNOWN),
        };
        let due = last.is_none_or(|last| now.saturating_duration_since(last) >= pause);
        if due {
            state.fetches += 1;
            state.tried = Some(now);
            if what == For::Unknown {
                state.asked = Some(now);
            }
        }
        due
    }

    async fn fetch(self: Arc<Self>, _flight: OwnedMutexGuard<()>) {
        let issuer = self.name.as_str();
        let fetched = match fetch(&self.jwks).await {
            Ok(text) => Keys::parse(&text).map_err(Into::into),
            Err(error) => Err(error),
        };
        let now = self.clock.instant();
        match fetched {
            Ok(keys) => {
                let mut state = self.state();
                let known = state.good.as_ref().map(|(keys, _)| keys);
                // The same keys stay the same, so that what was verified by them stays so too.
                let keys = match known.filter(|known| known.digest() == keys.digest()) {
                    Some(known) => known.clone(),
                    None => {
                        tracing::info!(issuer, keys = keys.len(), "the keys of an issuer");
                        Arc::new(keys)
                    }
                };
                state.good = Some((keys, now));
            }
            Err(error) => {
                tracing::warn!(issuer, error, "the keys of an issuer cannot be had");
            }
        }
    }

    /// How old the keys may grow before they are looked at again.
    fn period(&self) -> Duration {
        match self.jwks {
            Jwks::File(_) => KEYS_FILE_CHECK,
            Jwks::Url { .. } => KEYS_REFRESH,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
