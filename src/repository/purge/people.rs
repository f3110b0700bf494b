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

/// Takes those who were merged into people of other partitions to where those are; whether there were as many as the limit.
pub async fn follow_winners(tx: &Tx, partition: PartitionId, limit: i64) -> Result<bool> {
    let moved = tx
        .execute(
            sql!(
                "UPDATE person SET partition_id = w.partition_id, uniqueness_scope = w.uniqueness_scope \
                 FROM (SELECT m.id AS merged, w.partition_id, w.uniqueness_scope FROM person m \
                     JOIN person w ON w.tenant_id = $1 AND w.id = m.merged_into AND w.partition_id <> $2 \
                     WHERE m.tenant_id = $1 AND m.partition_id = $2 LIMIT $3) w \
                 WHERE tenant_id = $1 AND person.id = w.merged"
            ),
            args![partition, limit],
        )
        .await?;
    Ok(i64::try_from(moved).is_ok_and(|moved| moved >= limit))
}

/// Removes people who are locked, from lists, programs and results too, with those who were merged into them.
pub async fn remove(tx: &Tx, people: &[PersonId]) -> Result<()> {
    let merged: Vec<PersonId> = tx
        .column(
            sql!(
                "SELECT id FROM person WHERE tenant_id = $1 AND merged_into = ANY($2::uuid[]) FOR UPDATE"
            ),
            args![people],
        )
        .await?;
    let people: &[PersonId] = &[people, &merged].concat();
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
