//! The content of assets: drafts, versions, and what is live without being a version.

use sea_orm::FromQueryResult;
use serde_json::Value as Json;

use crate::error::Result;
use crate::id::AssetId;
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// The content of an asset.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Stored {
    /// The asset.
    pub asset_id: AssetId,
    /// Its content, if it has that version.
    pub content: Option<Json>,
    /// What it refers to, of a version.
    pub refers_to: Option<Json>,
}

/// The content of assets: of a version of each, or, for 0, what is not a version.
pub async fn of_versions(scope: &Scope, those: &[(AssetId, i64)]) -> Result<Vec<Stored>> {
    let ids: Vec<uuid::Uuid> = those.iter().map(|(id, _)| id.0).collect();
    let numbers: Vec<i64> = those.iter().map(|(_, number)| *number).collect();
    scope
        .all(
            sql!(
                // Looked up one by one: joined, the planner would read all versions of the tenant for a few.
                postgres: "SELECT w.id AS asset_id, CASE w.number WHEN 0 \
                     THEN (SELECT c.content FROM asset_content c WHERE c.tenant_id = $1 AND c.asset_id = w.id) \
                     ELSE (SELECT v.content FROM asset_version v WHERE v.tenant_id = $1 AND v.asset_id = w.id \
                         AND v.number = w.number) END AS content, \
                     (SELECT v.refers_to FROM asset_version v WHERE v.tenant_id = $1 AND v.asset_id = w.id \
                         AND v.number = w.number) AS refers_to \
                     FROM unnest($2::uuid[], $3::bigint[]) AS w(id, number)",
                sqlite: "SELECT unhex(w.value) AS asset_id, coalesce(c.content, v.content) AS content, v.refers_to \
                     FROM json_each($2) w JOIN json_each($3) n ON n.key = w.key \
                     LEFT JOIN asset_content c ON c.tenant_id = $1 AND c.asset_id = unhex(w.value) AND n.value = 0 \
                     LEFT JOIN asset_version v ON v.tenant_id = $1 AND v.asset_id = unhex(w.value) \
                         AND v.number = n.value",
            ),
            args![ids, numbers],
        )
        .await
}

/// Writes the content of an asset that has none beside its versions.
pub async fn insert_content(tx: &Tx, id: AssetId, content: &Json) -> Result<()> {
    tx.execute(
        sql!("INSERT INTO asset_content (tenant_id, asset_id, content) VALUES ($1, $2, $3)"),
        args![id, content.clone()],
    )
    .await
    .map(drop)
}

/// Replaces the content of an asset that is not a version.
pub async fn set_content(tx: &Tx, id: AssetId, content: &Json) -> Result<()> {
    tx.execute(
        sql!("UPDATE asset_content SET content = $3 WHERE tenant_id = $1 AND asset_id = $2"),
        args![id, content.clone()],
    )
    .await
    .map(drop)
}
