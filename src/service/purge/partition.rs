//! Purging partitions: nobody living is in them (P-04).

use serde_json::json;

use super::{Size, Stage, people as persons};
use crate::entity::Partition;
use crate::error::Result;
use crate::id::PartitionId;
use crate::repository::purge::{Left, partition as rows, people};
use crate::repository::{Change, Touches, Tx, import, partition};

/// Some of what is in a partition, and in the end itself. It is locked: who restores it comes before or after.
pub(super) async fn slice(tx: &Tx, id: PartitionId, size: Size) -> Result<Left> {
    let Some(found) = partition::lock(tx, id).await? else { return Ok(Left::Nothing) };
    match Stage::now(found.delete_time, found.purge_time) {
        Stage::Living => return Ok(Left::Nothing),
        Stage::Restorable(until) => return Ok(Left::Until(until)),
        Stage::Past => begin(tx, &found).await?,
        Stage::Begun => {}
    }
    if people::follow_winners(tx, id, size.rows).await? {
        return Ok(Left::More);
    }
    let people = people::of_partition(tx, id, size.rows).await?;
    if !people.is_empty() {
        persons::remove(tx, &people).await?;
        return Ok(Left::More);
    }
    let imports = rows::imports(tx, id, size.things).await?;
    if !imports.is_empty() {
        import::remove(tx, &imports, size.rows).await?;
        return Ok(Left::More);
    }
    rows::remove(tx, id).await?;
    tx.record(Change {
        kind: "partition.purged",
        resource_id: Some(id.0),
        detail: json!({}),
        before: json!(found),
        touches: Touches::Access,
        ..Change::default()
    });
    Ok(Left::Nothing)
}

async fn begin(tx: &Tx, found: &Partition) -> Result<()> {
    let begun =
        Partition { purge_time: found.delete_time, version: found.version + 1, ..found.clone() };
    tx.update(&begun).await
}
