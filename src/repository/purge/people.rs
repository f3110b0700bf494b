//! Deleted people, and what is left of them beside their own row. Who unsubscribed stays known (D-09).

use crate::clock::Micros;
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId};
use crate::repository::audit;
use crate::repository::write::Tx;
use crate::{args, sql};

/// People whose time has come: some, locked until the commit. Whoever is restored meanwhile is not among them.
pub async fn past(tx: &Tx, time: Micros, limit: i64) -> Result<Vec<PersonId>> {
    tx.column(
        sql!(
            "SELECT id FROM person WHERE tenant_id = $1 AND purge_time <= $2 ORDER BY purge_time LIMIT $3 FOR UPDATE"
        ),
        args![time, limit],
    )
    .await
}

/// The deleted people of a partition: some, locked until the commit.
pub async fn of_partition(tx: &Tx, partition: PartitionId, limit: i64) -> Result<Vec<PersonId>> {
    tx.column(
        sql!(
            "SELECT id FROM person WHERE tenant_id = $1 AND partition_id = $2 AND delete_time IS NOT NULL \
             LIMIT $3 FOR UPDATE"
        ),
        args![partition, limit],
    )
    .await
}

/// When the next of them can no longer be restored.
pub async fn next(tx: &Tx) -> Result<Option<Micros>> {
    let first: Vec<Option<Micros>> = tx
        .column(
            sql!(
                "SELECT min(purge_time) FROM person WHERE tenant_id = $1 AND purge_time IS NOT NULL"
            ),
            args![],
        )
        .await?;
    Ok(first.into_iter().next().flatten())
}

/// Removes people who are locked, from lists, programs and results too.
pub async fn remove(tx: &Tx, people: &[PersonId]) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM asset_member WHERE tenant_id = $1 AND person_id = ANY($2::uuid[])"),
        args![people],
    )
    .await?;
    remove_results(tx, people).await?;
    tx.execute(
        sql!("DELETE FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
        args![people],
    )
    .await
    .map(drop)
}

/// Results of theirs that are past, and not removed yet.
async fn remove_results(tx: &Tx, people: &[PersonId]) -> Result<()> {
    let segmentations: Vec<AssetId> =
        tx.column(sql!("SELECT id FROM segmentation WHERE tenant_id = $1"), args![]).await?;
    if segmentations.is_empty() {
        return Ok(());
    }
    // As whoever writes results.
    audit::lock_head(tx).await?;
    tx.execute(
        sql!(
            "DELETE FROM segment_member WHERE tenant_id = $1 AND segmentation_id = ANY($2::uuid[]) \
             AND person_id = ANY($3::uuid[])"
        ),
        args![segmentations.as_slice(), people],
    )
    .await
    .map(drop)
}
