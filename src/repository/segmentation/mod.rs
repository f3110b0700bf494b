//! Segmentations that are, or are to become, live: their state, their coverage and who is in which segment. The state
//! and the coverage are written under the lock of the tenant's head only, which every write takes before it commits:
//! so whoever holds it sees all people as they stand, and nobody's change is lost between two who evaluate.

pub mod coverage;
pub mod definitions;
pub mod follow;
pub mod member;
mod slice;

use sea_orm::FromQueryResult;

use super::scope::Scope;
use super::write::Tx;
use super::{audit, operation};
use crate::entity::Segmentation;
use crate::entity::operation::Kind;
use crate::error::{Error, Result};
use crate::id::AssetId;
use crate::{args, sql};

pub use slice::{Place, Slice, announce, end, slice};

/// Locks the tenant's head, as whoever writes state or coverage does; its revision. Definitions that were read before
/// still stand, or the transaction runs again.
pub async fn hold(tx: &Tx) -> Result<i64> {
    let head = audit::lock_head(tx).await?;
    if head.segment_revision == tx.head().segment_revision {
        Ok(head.revision)
    } else {
        Err(Error::Contended)
    }
}

/// Has the approved version computed anew, or what is being computed from its beginning: in a generation of its own.
pub fn anew(row: &mut Segmentation) {
    row.generations += 1;
    row.next_generation = Some(row.generations);
    row.next_version = row.next_version.or(row.live_version);
}

/// Sees to it that an operation does what is left to do, and writes the state.
pub async fn schedule(tx: &Tx, mut row: Segmentation) -> Result<()> {
    if row.operation_id.is_none() {
        let id = operation::start_own(tx, Kind::FollowSegmentation, row.id.0).await?;
        row.operation_id = Some(id.0);
    }
    save(tx, &row).await
}

/// A segmentation's state, if it is, or is to become, live.
pub async fn get(scope: &Scope, id: AssetId) -> Result<Option<Segmentation>> {
    Ok(by_ids(scope, &[id]).await?.into_iter().next())
}

/// The states of segmentations, in no order.
pub async fn by_ids(scope: &Scope, ids: &[AssetId]) -> Result<Vec<Segmentation>> {
    scope
        .all(
            sql!("SELECT * FROM segmentation WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
            args![ids],
        )
        .await
}

/// Writes a segmentation's state.
pub async fn save(tx: &Tx, row: &Segmentation) -> Result<()> {
    tx.segments_changed();
    tx.execute(
        sql!(
            "INSERT INTO segmentation (tenant_id, id, live_generation, live_version, next_generation, next_version, \
                 generations, operation_id, stale_time, stale_reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (tenant_id, id) DO UPDATE SET live_generation = $3, live_version = $4, \
                 next_generation = $5, next_version = $6, generations = $7, operation_id = $8, stale_time = $9, \
                 stale_reason = $10"
        ),
        args![
            row.id,
            row.live_generation,
            row.live_version,
            row.next_generation,
            row.next_version,
            row.generations,
            row.operation_id,
            row.stale_time,
            row.stale_reason.as_str(),
        ],
    )
    .await
    .map(drop)
}

/// Removes the state of a segmentation of which nothing is left.
pub async fn forget(tx: &Tx, id: AssetId) -> Result<()> {
    tx.segments_changed();
    tx.execute(sql!("DELETE FROM segmentation WHERE tenant_id = $1 AND id = $2"), args![id])
        .await
        .map(drop)
}

/// The segmentations that read a smart list, by whatever way.
pub async fn readers(scope: &Scope, list: AssetId) -> Result<Vec<Segmentation>> {
    scope
        .all(
            sql!(
                "SELECT s.* FROM segmentation s WHERE s.tenant_id = $1 AND s.id IN (\
                     WITH RECURSIVE reader(id) AS (\
                         SELECT r.asset_id FROM asset_reference r WHERE r.tenant_id = $1 AND r.target_id = $2 \
                         UNION SELECT r.asset_id FROM reader x \
                         JOIN asset_reference r ON r.tenant_id = $1 AND r.target_id = x.id) \
                     SELECT id FROM reader) ORDER BY s.id"
            ),
            args![list],
        )
        .await
}

/// Segmentations that use, by whatever way, what is gone or what their owners, or those of lists on the way, no longer
/// see: with whether what is live of them does, or the draft.
pub async fn broken(scope: &Scope) -> Result<Vec<(AssetId, bool)>> {
    #[derive(FromQueryResult)]
    struct Row {
        segmentation_id: AssetId,
        live: bool,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT DISTINCT u.segmentation_id, u.live FROM (WITH RECURSIVE \
                     used(segmentation_id, live, workspace_id, target_id) AS (\
                         SELECT s.id, r.live, a.workspace_id, r.target_id FROM segmentation s \
                         JOIN asset a ON a.tenant_id = $1 AND a.id = s.id \
                         JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = s.id WHERE s.tenant_id = $1 \
                         UNION SELECT u.segmentation_id, u.live, t.workspace_id, r.target_id FROM used u \
                         JOIN asset t ON t.tenant_id = $1 AND t.id = u.target_id \
                         JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = t.id AND r.live) \
                     SELECT segmentation_id, live, workspace_id, target_id FROM used) u \
                 LEFT JOIN asset t ON t.tenant_id = $1 AND t.id = u.target_id \
                 LEFT JOIN workspace w ON w.tenant_id = $1 AND w.id = t.workspace_id \
                 WHERE t.id IS NULL OR w.delete_time IS NOT NULL OR (t.workspace_id <> u.workspace_id AND NOT EXISTS (\
                     SELECT 1 FROM folder_path p JOIN share h ON h.tenant_id = $1 AND h.folder_id = p.ancestor_id \
                         AND h.workspace_id = u.workspace_id \
                     WHERE p.tenant_id = $1 AND p.folder_id = t.folder_id)) ORDER BY 1, 2"
            ),
            args![],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.segmentation_id, row.live)).collect())
}
