//! Refused calls in the audit log (K-06): in the same chain, without a revision. Whoever tries again and again leaves one
//! record a minute for each rpc, and all of a tenant together no more than [`MOST`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::record::Next;
use super::{MINUTE, lock_head, write};
use crate::clock::{Micros, now};
use crate::context::{Context, Lack};
use crate::error::{Error, Reason, Result};
use crate::id::{TenantId, WorkspaceId};
use crate::repository::store::{Access, Store};
use crate::repository::write::Tx;
use crate::{args, sql};

/// Most refusals of a tenant that a replica records in a minute; the rest is in the access log alone.
const MOST: usize = 300;
/// How long a record may take; the refusal waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The refusals that this replica has recorded in this minute.
#[derive(Clone, Debug, Default)]
pub(in crate::repository) struct Refusals(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    minute: i64,
    tenants: HashMap<TenantId, HashSet<(String, &'static str)>>,
}

// === impl Store ===

impl Store {
    /// Records that a call was refused for want of a right, unless it is known of this minute.
    pub async fn refused(&self, ctx: &Context, reason: Reason, lack: Lack) -> Result<()> {
        let tenant = ctx.tenant()?;
        let (actor, time) = (ctx.caller.to_string(), now());
        if !self.refusals.admit(tenant, &actor, ctx.method, time) {
            return Ok(());
        }
        // The caller's time may be up; what was tried is recorded all the same.
        let ctx = Context { deadline: Instant::now() + PATIENCE, ..ctx.reading() };
        match self.record_refusal(&ctx, tenant, reason, lack).await {
            // Another replica was faster.
            Err(Error::Unique(index)) if index == "audit_refusal" => Ok(()),
            Err(error) => {
                self.refusals.forget(tenant, &actor, ctx.method);
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    async fn record_refusal(
        &self,
        ctx: &Context,
        tenant: TenantId,
        reason: Reason,
        lack: Lack,
    ) -> Result<()> {
        let tx = self.transaction(self.open(ctx, tenant, Access::Write).await?);
        let lack = Lack { workspace: known(&tx, lack.workspace).await?, ..lack };
        let head = lock_head(&tx).await?;
        let next = Next::of_refusal(&tx, ctx, &head, reason, lack);
        write(&tx, &head, next, json!([])).await?;
        tx.end().await
    }
}

/// A workspace, if the tenant has it, or had.
async fn known(tx: &Tx, workspace: Option<WorkspaceId>) -> Result<Option<WorkspaceId>> {
    let Some(id) = workspace else { return Ok(None) };
    let sql = sql!("SELECT id FROM workspace WHERE tenant_id = $1 AND id = $2");
    Ok(tx.column(sql, args![id]).await?.into_iter().next())
}

// === impl Refusals ===

impl Refusals {
    /// Whether a refusal is to be recorded; it is remembered as if it were.
    fn admit(&self, tenant: TenantId, actor: &str, action: &'static str, time: Micros) -> bool {
        let mut recorded = self.lock();
        let minute = time / MINUTE;
        if recorded.minute != minute {
            *recorded = Recorded { minute, ..Recorded::default() };
        }
        let known = recorded.tenants.entry(tenant).or_default();
        known.len() < MOST && known.insert((actor.to_owned(), action))
    }

    /// A refusal could not be recorded: the next of its kind is tried again.
    fn forget(&self, tenant: TenantId, actor: &str, action: &'static str) {
        if let Some(known) = self.lock().tenants.get_mut(&tenant) {
            known.remove(&(actor.to_owned(), action));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // After a panic it knows of one refusal more or less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RPC: &str = "PersonService/ExportPeople";

    /// K-06: the same once a minute, and of all no more than is bounded, whoever they say they are.
    #[test]
    fn k_06_a_flood_of_refusals_is_no_flood_of_writes() {
        let (memory, acme, globex) = (Refusals::default(), TenantId::new(), TenantId::new());
        assert!(memory.admit(acme, "user:eve", RPC, 0));
        assert!(!memory.admit(acme, "user:eve", RPC, MINUTE - 1), "known of this minute");
        assert!(memory.admit(acme, "user:eve", "AssetService/ApproveAsset", 0), "another rpc");
        assert!(memory.admit(globex, "user:eve", RPC, 0), "another tenant");
        assert!(memory.admit(acme, "user:eve", RPC, MINUTE), "another minute");
        memory.forget(acme, "user:eve", RPC);
        assert!(memory.admit(acme, "user:eve", RPC, MINUTE), "it was not recorded");
        let admitted = (0..2 * MOST).filter(|n| memory.admit(acme, &n.to_string(), RPC, MINUTE));
        assert_eq!(admitted.count(), MOST - 1);
        assert!(memory.admit(globex, "user:eve", RPC, MINUTE), "a flood is its tenant's alone");
    }
}
