//! What a change of folders, shares or workspaces touches: assets, and the references from and to them.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use super::write::Tx;
use crate::domain::asset::Type;
use crate::entity::Asset;
use crate::error::Result;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::{args, sql};

/// An asset that is touched.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Touched {
    /// The asset.
    pub id: AssetId,
    /// Where it is.
    pub folder_id: FolderId,
    /// What it is.
    #[sea_orm(alias = "type")]
    pub kind: Type,
    /// Its name.
    pub display_name: String,
    /// It has a live version.
    pub approved: bool,
}

/// A reference that is touched.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Reference {
    /// The asset that refers.
    pub asset_id: AssetId,
    /// Where it is.
    pub source_folder: FolderId,
    /// The asset that it refers to.
    pub target_id: AssetId,
    /// Where that is.
    pub target_folder: FolderId,
    /// What that is.
    pub target_type: Type,
    /// That has a live version.
    pub target_approved: bool,
}

/// Some of the assets and references that are touched.
#[derive(Clone, Debug, Default)]
pub struct Matter {
    /// The assets, by id.
    pub assets: Vec<Touched>,
    /// The references, by asset and target, each once.
    pub references: Vec<Reference>,
}

// === impl Touched ===

impl From<&Asset> for Touched {
    fn from(asset: &Asset) -> Self {
        Self {
            id: asset.id,
            folder_id: asset.folder_id,
            kind: asset.kind,
            display_name: asset.display_name.clone(),
            approved: asset.approved_version.is_some(),
        }
    }
}

/// What is in and below folders.
pub async fn below(scope: &Scope, folders: &[FolderId]) -> Result<Matter> {
    let assets = scope
        .all(
            sql!(
                "SELECT a.id, a.folder_id, a.type, a.display_name, a.approved_version IS NOT NULL AS approved \
                 FROM asset a WHERE a.tenant_id = $1 AND a.folder_id IN (SELECT p.folder_id FROM folder_path p \
                     WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($2::uuid[])) ORDER BY a.id"
            ),
            args![folders],
        )
        .await?;
    let references = scope
        .all(
            sql!(
                "SELECT r.asset_id, s.folder_id AS source_folder, r.target_id, t.folder_id AS target_folder, \
                     t.type AS target_type, t.approved_version IS NOT NULL AS target_approved \
                 FROM (SELECT x.asset_id, x.target_id FROM asset_reference x WHERE x.tenant_id = $1 \
                         AND x.asset_id IN (SELECT a.id FROM asset a WHERE a.tenant_id = $1 AND a.folder_id IN (\
                             SELECT p.folder_id FROM folder_path p \
                             WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($2::uuid[]))) \
                     UNION SELECT x.asset_id, x.target_id FROM asset_reference x WHERE x.tenant_id = $1 \
                         AND x.target_id IN (SELECT a.id FROM asset a WHERE a.tenant_id = $1 AND a.folder_id IN (\
                             SELECT p.folder_id FROM folder_path p \
                             WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($2::uuid[])))) r \
                 JOIN asset s ON s.tenant_id = $1 AND s.id = r.asset_id \
                 JOIN asset t ON t.tenant_id = $1 AND t.id = r.target_id ORDER BY r.asset_id, r.target_id"
            ),
            args![folders],
        )
        .await?;
    Ok(Matter { assets, references })
}

/// The types of what is in and below a folder.
pub async fn types_below(scope: &Scope, folder: FolderId) -> Result<Vec<Type>> {
    scope
        .column(
            sql!(
                "SELECT DISTINCT a.type FROM asset a WHERE a.tenant_id = $1 AND a.folder_id IN (\
                     SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
            ),
            args![folder],
        )
        .await
}

/// An asset, and those that are local to it.
pub async fn of_asset(scope: &Scope, asset: AssetId) -> Result<Matter> {
    let assets = scope
        .all(
            sql!(
                "SELECT id, folder_id, type, display_name, approved_version IS NOT NULL AS approved FROM asset \
                 WHERE tenant_id = $1 AND (id = $2 OR program_id = $2) ORDER BY id"
            ),
            args![asset],
        )
        .await?;
    let references = scope
        .all(
            sql!(
                "SELECT r.asset_id, s.folder_id AS source_folder, r.target_id, t.folder_id AS target_folder, \
                     t.type AS target_type, t.approved_version IS NOT NULL AS target_approved \
                 FROM (SELECT x.asset_id, x.target_id FROM asset a \
                         JOIN asset_reference x ON x.tenant_id = $1 AND x.asset_id = a.id \
                         WHERE a.tenant_id = $1 AND (a.id = $2 OR a.program_id = $2) \
                     UNION SELECT x.asset_id, x.target_id FROM asset a \
                         JOIN asset_reference x ON x.tenant_id = $1 AND x.target_id = a.id \
                         WHERE a.tenant_id = $1 AND (a.id = $2 OR a.program_id = $2)) r \
                 JOIN asset s ON s.tenant_id = $1 AND s.id = r.asset_id \
                 JOIN asset t ON t.tenant_id = $1 AND t.id = r.target_id ORDER BY r.asset_id, r.target_id"
            ),
            args![asset],
        )
        .await?;
    Ok(Matter { assets, references })
}

/// Programs in and below a folder that have people in them, whoever sees those: their ids and names. Nobody is put
/// into any of the programs from here on until the commit.
pub async fn programs_with_members(tx: &Tx, folder: FolderId) -> Result<Vec<(AssetId, String)>> {
    // Two statements: the second sees the members of whoever held a program before the first had it.
    tx.execute(
        sql!(
            "SELECT id FROM asset WHERE tenant_id = $1 AND type = 'PROGRAM' AND folder_id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2) \
             ORDER BY id FOR UPDATE"
        ),
        args![folder],
    )
    .await?;
    programs_filled(tx, folder).await
}

/// The same as of now: somebody may be put into one of the others next.
pub async fn programs_filled(scope: &Scope, folder: FolderId) -> Result<Vec<(AssetId, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: AssetId,
        display_name: String,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT a.id, a.display_name FROM folder_path p \
                 JOIN asset a ON a.tenant_id = $1 AND a.folder_id = p.folder_id AND a.type = 'PROGRAM' \
                 WHERE p.tenant_id = $1 AND p.ancestor_id = $2 AND EXISTS (SELECT 1 FROM asset_member m \
                     WHERE m.tenant_id = $1 AND m.asset_id = a.id) ORDER BY a.id"
            ),
            args![folder],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.display_name)).collect())
}

/// How many segmentations there are in living workspaces (G-01).
pub async fn count_segmentations(scope: &Scope) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(*) FROM asset a JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id \
                 AND w.delete_time IS NULL WHERE a.tenant_id = $1 AND a.type = 'SEGMENTATION'"
            ),
            args![],
        )
        .await
}

/// How many segmentations in living workspaces have more segments than so many: in the draft, or in what is live (G-01).
pub async fn count_segmentations_beyond(scope: &Scope, segments: i64) -> Result<i64> {
    scope
        .count(
            sql!(
                postgres: "SELECT count(*) FROM asset a \
                     JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id AND w.delete_time IS NULL \
                     LEFT JOIN asset_content c ON c.tenant_id = $1 AND c.asset_id = a.id \
                     LEFT JOIN asset_version v ON v.tenant_id = $1 AND v.asset_id = a.id AND v.number = a.approved_version \
                     WHERE a.tenant_id = $1 AND a.type = 'SEGMENTATION' \
                     AND (jsonb_array_length(c.content -> 'segments') > $2 \
                         OR jsonb_array_length(v.content -> 'segments') > $2)",
                sqlite: "SELECT count(*) FROM asset a \
                     JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id AND w.delete_time IS NULL \
                     LEFT JOIN asset_content c ON c.tenant_id = $1 AND c.asset_id = a.id \
                     LEFT JOIN asset_version v ON v.tenant_id = $1 AND v.asset_id = a.id AND v.number = a.approved_version \
                     WHERE a.tenant_id = $1 AND a.type = 'SEGMENTATION' \
                     AND (json_array_length(c.content, '$.segments') > $2 \
                         OR json_array_length(v.content, '$.segments') > $2)",
            ),
            args![segments],
        )
        .await
}

/// How many assets of each type a workspace holds.
pub async fn count_by_type(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<(Type, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        #[sea_orm(alias = "type")]
        kind: Type,
        count: i64,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT type, count(*) AS count FROM asset WHERE tenant_id = $1 AND workspace_id = $2 \
                 GROUP BY type ORDER BY type"
            ),
            args![workspace],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.count)).collect())
}
