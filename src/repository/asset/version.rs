//! Approved versions of assets, and drafts becoming them.

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use crate::clock::Micros;
use crate::error::Result;
use crate::id::AssetId;
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// An approved version, without its content.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Version {
    /// Counts from 1.
    pub number: i64,
    /// What it refers to.
    pub refers_to: Json,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approve_time: Micros,
}

/// A page of the versions of an asset, newest first; or only one of them.
pub async fn versions(
    scope: &Scope,
    id: AssetId,
    only: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Version>> {
    scope
        .all(
            sql!(
                "SELECT number, refers_to, approved_by, approve_time FROM asset_version \
                 WHERE tenant_id = $1 AND asset_id = $2 AND ($3 OR number = $4) AND number < $5 \
                 ORDER BY number DESC LIMIT $6"
            ),
            args![id, only.is_none(), only.unwrap_or_default(), before.unwrap_or(i64::MAX), limit],
        )
        .await
}

/// Makes the draft of an asset its live version, of this number.
pub async fn approve(tx: &Tx, id: AssetId, version: &Version) -> Result<()> {
    let Version { number, refers_to, approved_by, approve_time } = version.clone();
    tx.execute(
        sql!(
            "INSERT INTO asset_version (tenant_id, asset_id, number, content, refers_to, approved_by, approve_time) \
             SELECT $1, c.asset_id, $3, c.content, $4, $5, $6 FROM asset_content c \
             WHERE c.tenant_id = $1 AND c.asset_id = $2"
        ),
        args![id, number, refers_to, approved_by, approve_time],
    )
    .await?;
    delete_references(tx, id, true).await?;
    turn_references(tx, id, true).await?;
    delete_content(tx, id).await
}

/// Throws the draft of an asset away.
pub async fn discard(tx: &Tx, id: AssetId) -> Result<()> {
    delete_references(tx, id, false).await?;
    delete_content(tx, id).await
}

/// Takes the live version of an asset back; it becomes the draft, if there is none.
pub async fn unapprove(tx: &Tx, id: AssetId, number: i64, has_draft: bool) -> Result<()> {
    if has_draft {
        return delete_references(tx, id, true).await;
    }
    tx.execute(
        sql!(
            "INSERT INTO asset_content (tenant_id, asset_id, content) SELECT $1, v.asset_id, v.content \
             FROM asset_version v WHERE v.tenant_id = $1 AND v.asset_id = $2 AND v.number = $3"
        ),
        args![id, number],
    )
    .await?;
    turn_references(tx, id, false).await
}

async fn delete_content(tx: &Tx, id: AssetId) -> Result<()> {
    tx.execute(sql!("DELETE FROM asset_content WHERE tenant_id = $1 AND asset_id = $2"), args![id])
        .await
        .map(drop)
}

/// Forgets what a draft of an asset uses, or what is live of it.
async fn delete_references(tx: &Tx, id: AssetId, live: bool) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM asset_reference WHERE tenant_id = $1 AND asset_id = $2 AND live = $3"),
        args![id, live],
    )
    .await
    .map(drop)
}

/// What the draft uses becomes what is live, or the other way round.
async fn turn_references(tx: &Tx, id: AssetId, live: bool) -> Result<()> {
    tx.execute(
        sql!("UPDATE asset_reference SET live = $3 WHERE tenant_id = $1 AND asset_id = $2"),
        args![id, live],
    )
    .await
    .map(drop)
}
