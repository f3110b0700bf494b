//! A deleted partition, without its people.

use crate::error::Result;
use crate::id::{ImportId, PartitionId};
use crate::repository::audit;
use crate::repository::write::Tx;
use crate::{args, sql};

/// Imports that named the partition: some, locked until the commit.
pub async fn imports(tx: &Tx, id: PartitionId, limit: i64) -> Result<Vec<ImportId>> {
    tx.column(
        sql!(
            "SELECT id FROM import WHERE tenant_id = $1 AND partition_id = $2 LIMIT $3 FOR UPDATE"
        ),
        args![id, limit],
    )
    .await
}

/// Removes the partition, which nobody is in any more: from the workspaces that saw it, and from what is computed.
pub async fn remove(tx: &Tx, id: PartitionId) -> Result<()> {
    audit::lock_head(tx).await?;
    tx.execute(
        sql!(
            "DELETE FROM segment_member WHERE tenant_id = $1 AND segmentation_id IN (\
                 SELECT s.id FROM segmentation s WHERE s.tenant_id = $1) AND partition_id = $2"
        ),
        args![id],
    )
    .await?;
    tx.segments_changed();
    for sql in [
        sql!("DELETE FROM segment_coverage WHERE tenant_id = $1 AND partition_id = $2"),
        sql!("DELETE FROM binding WHERE tenant_id = $1 AND partition_id = $2"),
        sql!("DELETE FROM person_partition WHERE tenant_id = $1 AND id = $2"),
    ] {
        tx.execute(sql, args![id]).await?;
    }
    Ok(())
}
