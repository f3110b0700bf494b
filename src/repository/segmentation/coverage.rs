//! How far segmentations are computed, by partition: it follows what their owners see (G-04, G-08). All of it is
//! written under the lock of the tenant's head only.

use sea_orm::FromQueryResult;

use crate::clock::Micros;
use crate::error::Result;
use crate::id::{AssetId, PartitionId};
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// How far a segmentation is computed in a partition.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Covered {
    /// The segmentation.
    pub segmentation_id: AssetId,
    /// The partition.
    pub partition_id: PartitionId,
    /// The last generation whose results are whole here.
    pub generation: Option<i64>,
    /// When the live results became whole; nothing: they are not read.
    pub compute_time: Option<Micros>,
    /// The owner no longer sees the partition.
    pub dropped: bool,
    /// How often the partition was covered anew.
    pub rounds: i64,
}

/// How far segmentations are computed, by partition.
pub async fn list(scope: &Scope, segmentations: &[AssetId]) -> Result<Vec<Covered>> {
    scope
        .all(
            sql!(
                "SELECT segmentation_id, partition_id, generation, compute_time, dropped, rounds FROM segment_coverage \
                 WHERE tenant_id = $1 AND segmentation_id = ANY($2::uuid[]) ORDER BY segmentation_id, partition_id"
            ),
            args![segmentations],
        )
        .await
}

/// Makes coverage follow what the owners of computed segmentations see, and returns the segmentations for which that
/// is another than before.
pub async fn follow(tx: &Tx) -> Result<Vec<AssetId>> {
    let mut changed: Vec<AssetId> = tx
        .column(
            sql!(
                "INSERT INTO segment_coverage (tenant_id, segmentation_id, partition_id, generation, compute_time, \
                     dropped, rounds) \
                 SELECT $1, s.id, p.id, NULL, NULL, false, 0 FROM segmentation s \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = s.id \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id AND w.delete_time IS NULL \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.delete_time IS NULL \
                 WHERE s.tenant_id = $1 AND (s.live_generation IS NOT NULL OR s.next_generation IS NOT NULL) \
                 AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                     AND b.workspace_id = w.id AND b.partition_id = p.id)) \
                 ON CONFLICT (tenant_id, segmentation_id, partition_id) DO UPDATE SET dropped = false, \
                     rounds = segment_coverage.rounds + 1 WHERE segment_coverage.dropped RETURNING segmentation_id"
            ),
            args![],
        )
        .await?;
    let dropped: Vec<AssetId> = tx
        .column(
            sql!(
                "UPDATE segment_coverage SET dropped = true, generation = NULL, compute_time = NULL \
                 WHERE tenant_id = $1 AND NOT dropped AND NOT EXISTS (SELECT 1 FROM segmentation s \
                     JOIN asset a ON a.tenant_id = $1 AND a.id = s.id \
                     JOIN workspace w ON w.tenant_id = $1 AND w.id = a.workspace_id AND w.delete_time IS NULL \
                     JOIN person_partition p ON p.tenant_id = $1 AND p.id = segment_coverage.partition_id \
                         AND p.delete_time IS NULL \
                     WHERE s.tenant_id = $1 AND s.id = segment_coverage.segmentation_id \
                     AND (s.live_generation IS NOT NULL OR s.next_generation IS NOT NULL) \
                     AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                         AND b.workspace_id = w.id AND b.partition_id = p.id))) RETURNING segmentation_id"
            ),
            args![],
        )
        .await?;
    changed.extend(dropped);
    changed.sort_unstable();
    changed.dedup();
    if !changed.is_empty() {
        tx.segments_changed();
    }
    Ok(changed)
}

/// Says that the results of a generation are whole in a partition; read from now on, if the generation is.
pub async fn whole(
    tx: &Tx,
    segmentation: AssetId,
    partition: PartitionId,
    generation: i64,
    read_since: Option<Micros>,
) -> Result<()> {
    tx.segments_changed();
    tx.execute(
        sql!(
            "UPDATE segment_coverage SET generation = $4, compute_time = coalesce($5, compute_time) \
             WHERE tenant_id = $1 AND segmentation_id = $2 AND partition_id = $3 AND NOT dropped"
        ),
        args![segmentation, partition, generation, read_since],
    )
    .await
    .map(drop)
}

/// Says that a generation is read from now on, wherever it is whole.
pub async fn turn(tx: &Tx, segmentation: AssetId, generation: i64, time: Micros) -> Result<()> {
    tx.segments_changed();
    tx.execute(
        sql!(
            "UPDATE segment_coverage SET compute_time = $4 WHERE tenant_id = $1 AND segmentation_id = $2 \
             AND generation = $3 AND NOT dropped"
        ),
        args![segmentation, generation, time],
    )
    .await
    .map(drop)
}

/// Forgets a partition whose results are removed.
pub async fn forget(tx: &Tx, segmentation: AssetId, partition: PartitionId) -> Result<()> {
    tx.segments_changed();
    tx.execute(
        sql!(
            "DELETE FROM segment_coverage WHERE tenant_id = $1 AND segmentation_id = $2 AND partition_id = $3 \
             AND dropped"
        ),
        args![segmentation, partition],
    )
    .await
    .map(drop)
}
