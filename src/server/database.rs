//! Opens the API once the database is ready for it, then keeps an eye on the database.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Server, State};
use crate::error::{Error, Reason, Result};
use crate::repository::{Schema, Store};
use crate::secret::Secrets;

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How long a sign of life may take.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often to delete what has outlived its retention.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How often to write who used what, and how much.
const FLUSH: Duration = Duration::from_secs(5);
/// How many must be missing in a row: one may be lost to a short stall.
const MISSES: u32 = 2;

// === impl Server ===

impl Server {
    /// Never ends well: what it returns is why this database cannot be served.
    pub(super) async fn attend(
        &self,
        mut store: Store,
        secrets: Secrets,
        restricted: bool,
    ) -> Result<Infallible> {
        let mut told = String::new();
        while let Err(error) = prepare(&mut store, restricted).await {
            if error.reason() != Some(Reason::DatabaseUnavailable) {
                return Err(error);
            }
            let why = error.to_string();
            if told != why {
                tracing::warn!(why, "waiting for the database");
                told = why;
            }
            sleep(EVERY).await;
        }
        let (store, watching) = store.watched();
        tokio::spawn(watching);
        self.open(&store, &secrets);
        if let Some(worker) = self.worker() {
            // A slice that has begun is waited for like a call.
            self.0.tasks.spawn(worker.clone().run(self.0.stop.clone()));
        }
        if let Some(purger) = self.purger().filter(|_| self.0.config.work.at_once > 0) {
            self.0.tasks.spawn(purger.clone().run(self.0.stop.clone()));
        }
        tracing::info!(database = store.kind(), "serving");
        tokio::spawn(sweep(store.clone()));
        tokio::spawn(flush(store.clone()));
        self.watch(&store).await
    }

    async fn watch(&self, store: &Store) -> ! {
        let mut misses = 0;
        loop {
            sleep(EVERY).await;
            let before = store.statements();
            let answer = timeout(PATIENCE, store.ping()).await;
            // Under load the ping waits for a connection like everybody else, while others are served.
            let busy = answer.is_err() && store.statements() > before;
            misses = if busy || matches!(answer, Ok(Ok(()))) { 0 } else { misses + 1 };
            let state = if misses < MISSES { State::Ready } else { State::Unready };
            if self.health().set(state) {
                tracing::warn!(?state, "the state of the database changed");
            }
        }
    }
}

/// Sweeps for as long as the process lives; what one sweep could not do, the next one does.
async fn sweep(store: Store) {
    loop {
        if let Err(error) = store.sweep().await {
            tracing::warn!(%error, "a sweep was cut short");
        }
        // Replicas that started together drift apart.
        sleep(SWEEP + Duration::from_secs(rand::random_range(0..300))).await;
    }
}

/// Writes who used what and how much, for as long as the process lives; what one time could not write, the next one does.
async fn flush(store: Store) {
    loop {
        sleep(FLUSH).await;
        if let Err(error) = store.flush_uses().await {
            tracing::debug!(%error, "times of use wait to be written");
        }
        if let Err(error) = store.flush_counts().await {
            tracing::debug!(%error, "counts wait to be written");
        }
    }
}

/// Checks that the database is the one that this version, and this secret, belong to.
async fn prepare(store: &mut Store, restricted: bool) -> Result<()> {
    if let Schema::Behind(missing) = store.schema().await? {
        let message = format!("migrations {missing:?} are missing; run `precinct migrate up`");
        return Err(Error::new(Reason::DatabaseUnavailable, message));
    }
    store.restrict(restricted).await?;
    store.check_secret().await
}
