//! What is used, and what of a bill is whose (K-05, K-09).

mod allocate;
mod read;

use crate::clock::now;
use crate::context::Context;
use crate::domain::usage::Day;
use crate::error::Result;
use crate::repository::{Scope, Store, usage};
use crate::service::access::{self, At};

pub use self::allocate::{Allocation, Bill, Line};
pub use self::read::{Asked, Insight, Period, Report, Values};

/// The use cases of usage.
#[derive(Clone)]
pub struct Usages {
    store: Store,
}

// === impl Usages ===

impl Usages {
    /// The use cases over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Opens a scope in which the numbers are worked out up to where it stands, for a caller who may see them.
    async fn open(&self, ctx: &Context, at: At) -> Result<(Scope, i64)> {
        let today = Day::of(now());
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, at).await?;
        let (whole, revision) = usage::settled(&scope, today).await?;
        if whole {
            return Ok((scope, revision));
        }
        drop(scope);
        self.store.settle_usage(ctx.tenant()?, today).await?;
        let scope = self.store.read(ctx).await?;
        // Who may see what may be another by now.
        access::demand(&scope, ctx, at).await?;
        let (_, revision) = usage::settled(&scope, today).await?;
        Ok((scope, revision))
    }
}
