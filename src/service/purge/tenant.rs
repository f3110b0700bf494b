//! Purging tenants: nothing of them is left, so there is nothing to record it in (T-04).

use super::{Size, Stage};
use crate::entity::Tenant;
use crate::error::Result;
use crate::repository::purge::{Left, tenant as rows};
use crate::repository::{Tx, tenant};

/// Some of a tenant's rows, and in the end itself. It is locked: nothing of it is under way, and who restores it comes
/// before or after.
pub(super) async fn slice(tx: &Tx, size: Size) -> Result<Left> {
    let found = tenant::lock(tx).await?;
    match Stage::now(found.delete_time, found.purge_time) {
        Stage::Living => return Ok(Left::Nothing),
        Stage::Restorable(until) => return Ok(Left::Until(until)),
        Stage::Past => begin(tx, &found).await?,
        Stage::Begun => {}
    }
    if !rows::remove(tx, size.rows).await? {
        return Ok(Left::More);
    }
    tracing::info!(tenant = %found.tenant_id, "a tenant was purged");
    Ok(Left::Nothing)
}

async fn begin(tx: &Tx, found: &Tenant) -> Result<()> {
    let begun =
        Tenant { purge_time: found.delete_time, version: found.version + 1, ..found.clone() };
    tx.update(&begun).await
}
