//! Checking the audit log (K-06), as far as the caller's time goes.

use std::time::Duration;

use super::Activities;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::page::Tokens;
use crate::repository::Answer;
use crate::repository::audit::{Mark, Progress, verify_some};
use crate::service::access::{self, At};

/// The time that is left for the reply.
const MARGIN: Duration = Duration::from_secs(2);
/// Records that are checked if the caller does not say how many.
const DEFAULT: i64 = 100_000;
/// Most records of a call.
const MOST: i64 = 1_000_000;

/// How far the log was checked, and what came of it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What came of it.
    pub progress: Progress,
    /// How to go on; empty: nothing is left to check.
    pub next: String,
}

impl Activities {
    /// Checks records, from the first or from where an earlier call ended.
    pub async fn verify(&self, ctx: &Context, most: i64, token: &str) -> Result<Answer<Verified>> {
        let most = match most {
            0 => DEFAULT,
            1..=MOST => most,
            ..0 => return Err(Error::invalid("max_records", "must not be negative")),
            _ => MOST,
        };
        let tokens = Tokens::new(&self.secrets, ctx, &[]);
        let from = tokens.read::<Mark>(token).map_err(|error| error.field("continue_token"))?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Tenant).await?;
        let mut mark = from.unwrap_or_default();
        let end = mark.seq.saturating_add(most);
        loop {
            let progress = verify_some(&scope, &self.secrets, mark, end).await?;
            mark = progress.mark.clone();
            let left = ctx.time_left()?;
            let over = progress.whole || progress.flaw.is_some();
            if over || mark.seq >= end || left < MARGIN {
                let next = if over { String::new() } else { tokens.write(&mark) };
                return Ok(scope.answer(Verified { progress, next }));
            }
        }
    }
}
