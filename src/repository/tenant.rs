//! The tenant itself, and what its settings are held against.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use super::write::Tx;
use crate::domain::asset::Area;
use crate::entity::Tenant;
use crate::error::{Error, Result};
use crate::{args, sql};

/// How many things stand in a region, or between two.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RegionUse {
    /// The region; of a binding, the partition's.
    pub from_region: String,
    /// The region of the workspace of a binding.
    pub to_region: String,
    /// How many.
    pub uses: i64,
}

/// The scope's tenant.
pub async fn get(scope: &Scope) -> Result<Tenant> {
    scope
        .one(sql!("SELECT * FROM tenant WHERE tenant_id = $1"), args![])
        .await?
        .ok_or_else(|| Error::internal("a scope without its tenant"))
}

/// The scope's tenant, locked until the commit: every write of the tenant holds its row, so from here none
/// is under way, and those that follow see what this one does.
pub async fn lock(tx: &Tx) -> Result<Tenant> {
    tx.one(sql!("SELECT * FROM tenant WHERE tenant_id = $1 FOR UPDATE"), args![])
        .await?
        .ok_or_else(|| Error::internal("a scope without its tenant"))
}

/// Begins the tenant's chain of revisions and audit records.
pub async fn open_head(tx: &Tx) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO tenant_head (tenant_id, revision, access_revision, field_revision, \
                 consent_revision, audit_seq, audit_head) VALUES ($1, 0, 0, 0, 0, 0, $2)"
        ),
        args![[0u8; 32]],
    )
    .await
    .map(drop)
}

/// The regions of workspaces and partitions; of those that can be restored too, since they come back as
/// they were.
pub async fn regions(scope: &Scope) -> Result<Vec<RegionUse>> {
    scope
        .all(
            sql!(
                "SELECT region AS from_region, '' AS to_region, count(*) AS uses FROM ( \
                     SELECT region FROM workspace WHERE tenant_id = $1 AND region <> '' \
                     UNION ALL \
                     SELECT region FROM person_partition WHERE tenant_id = $1 AND region <> '') r \
                 GROUP BY region"
            ),
            args![],
        )
        .await
}

/// The bindings that stand across regions; of those that can be restored too.
pub async fn crossings(scope: &Scope) -> Result<Vec<RegionUse>> {
    scope
        .all(
            sql!(
                "SELECT p.region AS from_region, w.region AS to_region, count(*) AS uses \
                 FROM binding b JOIN workspace w ON w.tenant_id = $1 AND w.id = b.workspace_id \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.id = b.partition_id \
                 WHERE b.tenant_id = $1 AND p.region <> '' AND w.region <> '' \
                 AND p.region <> w.region GROUP BY p.region, w.region"
            ),
            args![],
        )
        .await
}

/// Shared folders, by area and depth.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct SharedDepth {
    /// The area.
    pub area: Area,
    /// How deep they lie.
    pub depth: i32,
    /// How many they are.
    pub folders: i64,
}

/// How deep shared folders lie, those of deleted workspaces too.
pub async fn shared_depths(scope: &Scope) -> Result<Vec<SharedDepth>> {
    scope
        .all(
            sql!(
                "SELECT f.area, f.depth, count(*) AS folders FROM folder f WHERE f.tenant_id = $1 \
                 AND EXISTS (SELECT 1 FROM share s WHERE s.tenant_id = $1 AND s.folder_id = f.id) \
                 GROUP BY f.area, f.depth"
            ),
            args![],
        )
        .await
}

/// How many emails several living people have.
pub async fn count_duplicates(scope: &Scope) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(*) FROM (SELECT email_key FROM person WHERE tenant_id = $1 \
                 AND delete_time IS NULL AND email_key <> '' \
                 GROUP BY email_key HAVING count(*) > 1) d"
            ),
            args![],
        )
        .await
}

/// Makes emails unique in the whole tenant (D-02).
pub async fn unite_emails(tx: &Tx) -> Result<()> {
    tx.execute(
        sql!("UPDATE person SET uniqueness_scope = $2 WHERE tenant_id = $1"),
        args![uuid::Uuid::nil()],
    )
    .await
    .map(drop)
}

/// Makes emails unique in each partition (D-02).
pub async fn part_emails(tx: &Tx) -> Result<()> {
    tx.execute(
        sql!("UPDATE person SET uniqueness_scope = partition_id WHERE tenant_id = $1"),
        args![],
    )
    .await
    .map(drop)
}
