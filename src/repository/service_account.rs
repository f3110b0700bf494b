//! Service accounts.

use super::keyset::{among, bounds, ordered};
use super::scope::Scope;
use super::write::Tx;
use crate::domain::order::{By, Order, Place};
use crate::domain::visibility::{Seen, account_name};
use crate::entity::{Grant, ServiceAccount};
use crate::error::Result;
use crate::id::{GroupId, ServiceAccountId};
use crate::{args, sql};

/// A service account.
pub async fn get(scope: &Scope, id: ServiceAccountId) -> Result<Option<ServiceAccount>> {
    scope
        .one(sql!("SELECT * FROM service_account WHERE tenant_id = $1 AND id = $2"), args![id])
        .await
}

/// A page of the service accounts that somebody may know of.
pub async fn list(
    scope: &Scope,
    known: &Seen<ServiceAccountId>,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<ServiceAccount>> {
    let sql = ordered!(
        order,
        "SELECT * FROM service_account WHERE tenant_id = $1 AND ($5 OR id = ANY($6::uuid[]))"
    );
    let mut args = bounds(order, after, limit);
    let (all, these) = among(known, |id| id.0);
    args.extend(args![all, these]);
    scope.all(sql, args).await
}

/// Takes all that a service account was granted; what it was.
pub async fn take_grants(tx: &Tx, id: ServiceAccountId) -> Result<Vec<Grant>> {
    tx.all(
        sql!("DELETE FROM access_grant WHERE tenant_id = $1 AND principal = $2 RETURNING *"),
        args![account_name(id)],
    )
    .await
}

/// Takes a service account out of all groups; which they were.
pub async fn take_memberships(tx: &Tx, id: ServiceAccountId) -> Result<Vec<GroupId>> {
    tx.column(
        sql!("DELETE FROM group_member WHERE tenant_id = $1 AND member = $2 RETURNING group_id"),
        args![account_name(id)],
    )
    .await
}

/// Deletes a service account of which nothing else is left, if nobody did before or changed it meanwhile.
pub async fn delete(tx: &Tx, account: &ServiceAccount) -> Result<bool> {
    let deleted = tx
        .execute(
            sql!("DELETE FROM service_account WHERE tenant_id = $1 AND id = $2 AND version = $3"),
            args![account.id, account.version],
        )
        .await?;
    Ok(deleted == 1)
}
