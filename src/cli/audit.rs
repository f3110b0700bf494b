//! `precinct audit`: checking audit logs against the database itself, without a server.

use std::time::Duration;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::database::Database;
use super::{Failure, plainly};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::repository::audit::{Mark, Progress, verify_some};
use crate::repository::{Schema, Store};
use crate::secret::Secrets;

/// How long one slice of a log may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Look into audit logs.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Verify(Verify),
}

/// Check that no record was changed, taken out or cut off: 0 all are as they were written, 1 one is not.
#[derive(Debug, Args)]
struct Verify {
    /// Only the log of this tenant.
    #[arg(long)]
    tenant: Option<Uuid>,
    #[command(flatten)]
    database: Database,
}

/// What checking the logs came to.
#[derive(Default)]
struct Found {
    logs: usize,
    flawed: usize,
}

// === impl Audit ===

impl Audit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.action {
            Action::Verify(verify) => verify.run().await,
        }
    }
}

// === impl Verify ===

impl Verify {
    async fn run(self) -> Result<(), Failure> {
        let secrets = self.database.secrets()?;
        let store = self.database.connect(secrets.clone()).await?;
        let found =
            self.check(store, &secrets).await.map_err(|error| Failure::Crash(plainly(error)))?;
        match found.flawed {
            0 => Ok(()),
            flawed => Err(Failure::Tampered(format!(
                "{flawed} of {} audit logs are not as they were written",
                found.logs
            ))),
        }
    }

    async fn check(&self, mut store: Store, secrets: &Secrets) -> Result<Found> {
        if let Schema::Behind(missing) = store.schema().await? {
            let text = format!("migrations {missing:?} are missing; run `precinct migrate up`");
            return Err(Error::internal(text));
        }
        store.restrict(false).await?;
        store.check_secret().await?;
        let mut found = Found::default();
        if let Some(tenant) = self.tenant {
            found.add(TenantId(tenant), &examine(&store, secrets, TenantId(tenant)).await?);
            return Ok(found);
        }
        let mut after = TenantId(Uuid::nil());
        loop {
            let tenants = store.tenants_after(after).await?;
            let Some(last) = tenants.last() else { return Ok(found) };
            after = *last;
            for tenant in tenants {
                found.add(tenant, &examine(&store, secrets, tenant).await?);
            }
        }
    }
}

/// Checks a log from its first record to its last, or to the first flaw. Each slice is a read of its own: calls go on.
async fn examine(store: &Store, secrets: &Secrets, tenant: TenantId) -> Result<Progress> {
    let mut mark = Mark::default();
    loop {
        let ctx = Context::internal("audit verify", PATIENCE).acting_on(tenant);
        let scope = store.read(&ctx).await?;
        let progress = verify_some(&scope, secrets, mark, i64::MAX).await?;
        if progress.whole || progress.flaw.is_some() {
            return Ok(progress);
        }
        mark = progress.mark;
    }
}

// === impl Found ===

impl Found {
    /// Says what checking a log came to.
    fn add(&mut self, tenant: TenantId, progress: &Progress) {
        self.logs += 1;
        match progress.flaw {
            None => {
                println!("tenant {tenant}: {} records, all as they were written", progress.mark.seq)
            }
            Some(flaw) => {
                self.flawed += 1;
                println!("tenant {tenant}: {flaw}");
            }
        }
    }
}
