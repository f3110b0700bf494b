//! `precinct migrate`.

use clap::{Args, ValueEnum};

use super::database::Database;
use super::{Failure, plainly};
use crate::repository::{Schema, Store};

/// Arguments of `migrate`.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// What to do.
    action: Action,
    #[command(flatten)]
    database: Database,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Run the missing migrations.
    Up,
    /// Say which migrations are missing: 0 none, 3 some.
    Status,
}

// === impl Migrate ===

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.database.connect_to_migrate(self.database.secrets()?).await?;
        match self.action {
            Action::Up => up(&store).await?,
            Action::Status => {}
        }
        match store.schema().await.map_err(|error| Failure::Crash(plainly(error)))? {
            Schema::Current => {
                println!("the database is current");
                Ok(())
            }
            Schema::Behind(missing) => Err(Failure::Schema(format!(
                "migrations {missing:?} are missing; run `precinct migrate up`"
            ))),
        }
    }
}

/// Runs the missing migrations.
pub(super) async fn up(store: &Store) -> Result<(), Failure> {
    let refused = |error| Failure::Schema(format!("cannot migrate: {}", plainly(error)));
    store.migrate().await.map_err(refused)
}
