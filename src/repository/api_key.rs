//! Keys of service accounts.

use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::entity::ApiKey;
use crate::error::Result;
use crate::id::{ApiKeyId, ServiceAccountId};
use crate::{args, sql};

/// A key.
pub async fn get(scope: &Scope, id: ApiKeyId) -> Result<Option<ApiKey>> {
    scope.one(sql!("SELECT * FROM api_key WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// A page of the keys of a service account, oldest first.
pub async fn list(
    scope: &Scope,
    account: ServiceAccountId,
    after: Option<ApiKeyId>,
    limit: i64,
) -> Result<Vec<ApiKey>> {
    let after = after.unwrap_or(ApiKeyId(uuid::Uuid::nil()));
    scope
        .all(
            sql!(
                "SELECT * FROM api_key WHERE tenant_id = $1 AND service_account_id = $2 AND id > $3 \
                 ORDER BY id LIMIT $4"
            ),
            args![account, after, limit],
        )
        .await
}

/// How many keys a service account has.
pub async fn count(scope: &Scope, account: ServiceAccountId) -> Result<i64> {
    scope
        .count(
            sql!("SELECT count(*) FROM api_key WHERE tenant_id = $1 AND service_account_id = $2"),
            args![account],
        )
        .await
}

/// Deletes the keys of a service account that have ended, but one.
pub async fn delete_ended(
    tx: &Tx,
    account: ServiceAccountId,
    but: Option<ApiKeyId>,
    now: Micros,
) -> Result<()> {
    let but = but.unwrap_or(ApiKeyId(uuid::Uuid::nil()));
    tx.execute(
        sql!(
            "DELETE FROM api_key WHERE tenant_id = $1 AND service_account_id = $2 AND id <> $3 \
             AND expire_time <= $4"
        ),
        args![account, but, now],
    )
    .await
    .map(drop)
}

/// Sets when a key ends.
pub async fn end_at(tx: &Tx, id: ApiKeyId, time: Micros) -> Result<()> {
    tx.execute(
        sql!("UPDATE api_key SET expire_time = $3 WHERE tenant_id = $1 AND id = $2"),
        args![id, time],
    )
    .await
    .map(drop)
}

/// Deletes a key.
pub async fn delete(tx: &Tx, id: ApiKeyId) -> Result<()> {
    tx.execute(sql!("DELETE FROM api_key WHERE tenant_id = $1 AND id = $2"), args![id])
        .await
        .map(drop)
}

/// Deletes all keys of a service account; which they were.
pub async fn delete_all(tx: &Tx, account: ServiceAccountId) -> Result<Vec<ApiKeyId>> {
    tx.column(
        sql!("DELETE FROM api_key WHERE tenant_id = $1 AND service_account_id = $2 RETURNING id"),
        args![account],
    )
    .await
}
