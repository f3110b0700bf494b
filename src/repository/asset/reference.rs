//! What assets use, and what uses them.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::domain::asset::{Kind, Reference, Type};
use crate::domain::visibility::Seen;
use crate::error::Result;
use crate::id::{AssetId, WorkspaceId};
use crate::repository::keyset::among;
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// An asset's use of another, draft and live joined.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Use {
    /// The asset that refers.
    pub asset_id: AssetId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub display_name: String,
    /// What it is.
    #[sea_orm(alias = "type")]
    pub asset_type: Type,
    /// As what it uses the other.
    pub kind: Kind,
    /// How many drafts of it do.
    pub drafts: i64,
    /// How many live versions of it do.
    pub lives: i64,
}

/// A place in a list of uses: behind that of an asset, of a kind.
pub type Place = (AssetId, String);

/// What assets use beside their versions, in no order: what their drafts use, or, of types that are not approved,
/// what is live.
pub async fn references(
    scope: &Scope,
    drafts: &[AssetId],
    lives: &[AssetId],
) -> Result<Vec<(AssetId, Reference)>> {
    #[derive(FromQueryResult)]
    struct Row {
        asset_id: AssetId,
        kind: Kind,
        target_id: AssetId,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT asset_id, kind, target_id FROM asset_reference WHERE tenant_id = $1 \
                 AND ((asset_id = ANY($2::uuid[]) AND NOT live) OR (asset_id = ANY($3::uuid[]) AND live))"
            ),
            args![drafts, lives],
        )
        .await?;
    let pair = |row: Row| (row.asset_id, Reference { kind: row.kind, target: row.target_id });
    Ok(rows.into_iter().map(pair).collect())
}

/// Replaces what a draft of an asset uses, or what is live of it. What is gone, and was kept, is lost.
pub async fn set_references(
    tx: &Tx,
    id: AssetId,
    live: bool,
    references: &[Reference],
) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM asset_reference WHERE tenant_id = $1 AND asset_id = $2 AND live = $3"),
        args![id, live],
    )
    .await?;
    if references.is_empty() {
        return Ok(());
    }
    let kinds: Vec<String> = references.iter().map(|one| one.kind.name().to_owned()).collect();
    let targets: Vec<Uuid> = references.iter().map(|one| one.target.0).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id, lost) \
                 SELECT $1, $2, $3, r.kind, r.target, NOT EXISTS (\
                     SELECT 1 FROM asset a WHERE a.tenant_id = $1 AND a.id = r.target) \
                 FROM unnest($4::text[], $5::uuid[]) AS r(kind, target)",
            sqlite: "INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id, lost) \
                 SELECT $1, $2, $3, k.value, unhex(t.value), NOT EXISTS (\
                     SELECT 1 FROM asset a WHERE a.tenant_id = $1 AND a.id = unhex(t.value)) \
                 FROM json_each($4) k JOIN json_each($5) t ON t.key = k.key",
        ),
        args![id, live, kinds, targets],
    )
    .await
    .map(drop)
}

/// Whether references, of drafts and of what is live, lead from one of some assets to an asset, or it is one of them.
pub async fn leads_to(scope: &Scope, from: &[AssetId], to: AssetId) -> Result<bool> {
    let reached = scope
        .count(
            sql!(
                "SELECT count(*) FROM (WITH RECURSIVE reached(id) AS (\
                     SELECT a.id FROM asset a WHERE a.tenant_id = $1 AND a.id = ANY($2::uuid[]) \
                     UNION SELECT r.target_id FROM reached f \
                     JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = f.id) \
                 SELECT id FROM reached WHERE id = $3) found"
            ),
            args![from, to],
        )
        .await?;
    Ok(reached > 0)
}

/// A page of what uses an asset, by asset and kind, in living workspaces among those that the caller sees.
pub async fn used_by(
    scope: &Scope,
    id: AssetId,
    seen: &Seen<WorkspaceId>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Use>> {
    let (all, these) = among(seen, |id| id.0);
    let (asset, kind) = after.unwrap_or((AssetId(Uuid::nil()), String::new()));
    scope
        .all(
            sql!(
                "SELECT a.id AS asset_id, a.workspace_id, a.display_name, a.type, r.kind, \
                     count(CASE WHEN r.live THEN NULL ELSE 1 END) AS drafts, count(CASE WHEN r.live THEN 1 END) AS lives \
                 FROM asset_reference r JOIN asset a ON a.tenant_id = $1 AND a.id = r.asset_id \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id AND w.delete_time IS NULL \
                 WHERE r.tenant_id = $1 AND r.target_id = $2 AND ($3 OR a.workspace_id = ANY($4::uuid[])) \
                 AND (r.asset_id, r.kind) > ($5, $6) \
                 GROUP BY a.id, a.workspace_id, a.display_name, a.type, r.asset_id, r.kind \
                 ORDER BY r.asset_id, r.kind LIMIT $7"
            ),
            args![id, all, these, asset, kind, limit],
        )
        .await
}

/// How many of the assets that use an asset a caller does not see who sees these workspaces; those of deleted
/// workspaces are seen by nobody.
pub async fn count_hidden_users(
    scope: &Scope,
    id: AssetId,
    seen: &Seen<WorkspaceId>,
) -> Result<i64> {
    let (all, these) = among(seen, |id| id.0);
    scope
        .count(
            sql!(
                "SELECT count(DISTINCT r.asset_id) FROM asset_reference r \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = r.asset_id \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id \
                 WHERE r.tenant_id = $1 AND r.target_id = $2 \
                 AND NOT (w.delete_time IS NULL AND ($3 OR a.workspace_id = ANY($4::uuid[])))"
            ),
            args![id, all, these],
        )
        .await
}
