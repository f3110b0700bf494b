//! Purging people (D-10).

use serde_json::json;

use super::Size;
use crate::clock::now;
use crate::error::Result;
use crate::id::PersonId;
use crate::repository::purge::{Left, Purge, hold, people};
use crate::repository::{Change, Tx};

/// Some people whose time has come.
pub(super) async fn slice(tx: &Tx, size: Size) -> Result<Left> {
    // Whoever deletes people schedules their purge before they come to the head of the tenant, as this does: from here on
    // that waits, and what was deleted before is seen.
    hold(tx, Purge::People).await?;
    let past = people::past(tx, now(), size.rows).await?;
    remove(tx, &past).await?;
    Ok(people::next(tx).await?.map_or(Left::Nothing, Left::Until))
}

/// Removes people who are locked, and tells of it.
pub(super) async fn remove(tx: &Tx, ids: &[PersonId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    people::remove(tx, ids).await?;
    tx.record(Change {
        kind: "people.purged",
        detail: json!({ "purged": ids }),
        after: json!({ "purged": ids.len() }),
        ..Change::default()
    });
    Ok(())
}
