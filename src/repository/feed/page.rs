//! Reading the feed: where a watcher starts, and the changes from there on.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::FromQueryResult;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Micros;
use crate::domain::feed::{Change, Cursor, Home, is_about_asset};
use crate::error::{Error, Reason, Result};
use crate::id::AssetId;
use crate::repository::asset;
use crate::repository::index::Snapshot;
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Most bytes of detail of a page, as the database counts them, unless a single change has more.
const BYTES: i64 = 256 * 1024;

/// Changes in order, and all that decides who is told of them.
pub struct Page {
    /// The position before them.
    pub after: Cursor,
    /// The changes; whole revisions, unless one is too large for a page.
    pub changes: Vec<Dated>,
    /// The position after them.
    pub end: Cursor,
    /// The last of the revisions is told to its end.
    pub whole: bool,
    /// The tenant's newest revision.
    pub head: i64,
    /// Who may do what, at least as new as the changes.
    pub snapshot: Arc<Snapshot>,
}

/// A change, with what else is kept of it.
pub struct Dated {
    /// The change.
    pub change: Change,
    /// When it was made.
    pub time: Micros,
    /// The position after it.
    pub position: Cursor,
}

/// From where a watcher asks for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// What is committed from now on.
    Now,
    /// After a revision.
    After(i64),
    /// After a position.
    At(Cursor),
}

#[derive(FromQueryResult)]
struct Row {
    revision: i64,
    ordinal: i32,
    kind: String,
    resource_id: Option<Uuid>,
    detail: Json,
    create_time: Micros,
    epoch: i64,
    /// How many there were before the bytes were counted.
    found: i64,
}

/// The position from which a watcher starts, if the feed reaches back to it.
pub async fn start(scope: &Scope, start: Start) -> Result<Cursor> {
    #[derive(FromQueryResult)]
    struct Known {
        oldest: Option<i64>,
        epoch: Option<i64>,
    }
    let head = scope.head().revision;
    let revision = match start {
        Start::Now => head,
        Start::After(revision) => revision,
        Start::At(cursor) => cursor.revision,
    };
    let refuse = |reason, message: &str| {
        Error::new(reason, message).with("since_revision", revision).with("head_revision", head)
    };
    if revision > head {
        let message = "the revision is newer than all that there is; read the current state, and watch from its revision";
        return Err(refuse(Reason::RevisionNotThere, message));
    }
    let known: Option<Known> = scope
        .one(
            sql!(
                "SELECT (SELECT min(revision) FROM change WHERE tenant_id = $1) AS oldest, \
                 (SELECT epoch FROM change WHERE tenant_id = $1 AND revision = $2 \
                     ORDER BY ordinal LIMIT 1) AS epoch"
            ),
            args![revision],
        )
        .await?;
    let Known { oldest, epoch } = known.unwrap_or(Known { oldest: None, epoch: None });
    // Before the first revision there is no history, and after the last nothing is missed.
    let epoch = epoch.or((revision == 0 || revision == head).then_some(0));
    match (start, epoch) {
        (Start::At(cursor), Some(epoch)) if cursor.epoch != epoch => {
            let message = "the cursor is of another history: a backup was restored since; read the current state, and \
                           watch from its revision";
            Err(refuse(Reason::HistoryChanged, message))
        }
        (Start::At(_), None) => Err(too_old(revision, oldest, head)),
        _ if oldest.is_some_and(|oldest| revision + 1 < oldest) => {
            Err(too_old(revision, oldest, head))
        }
        (Start::At(cursor), _) => Ok(cursor),
        // All of the revision is known to who names it.
        _ => Ok(Cursor { revision, ordinal: i32::MAX, epoch: epoch.unwrap_or_default() }),
    }
}

/// The changes after a position; nothing if there are none.
pub(super) async fn load(scope: &Scope, after: Cursor, rows: i64) -> Result<Option<Page>> {
    let (found, whole) = whole(read(scope, after, rows).await?, rows);
    let head = scope.head().revision;
    let next = found.first().map(|row| row.revision);
    // Each revision has a change: where the next ones are missing, they were swept.
    if next.unwrap_or(head) > after.revision + i64::from(next.is_some()) {
        return Err(too_old(after.revision, next, head));
    }
    let Some(end) = found.last().map(Row::position) else { return Ok(None) };
    let homes = homes(scope, &found).await?;
    let snapshot = scope.index().await?;
    let change = |row: Row| {
        let position = row.position();
        let home = row.resource_id.and_then(|id| homes.get(&AssetId(id)).copied());
        let change = Change {
            revision: row.revision,
            ordinal: row.ordinal,
            kind: row.kind,
            resource: row.resource_id,
            detail: row.detail,
            home,
        };
        Dated { change, time: row.create_time, position }
    };
    let changes = found.into_iter().map(change).collect();
    Ok(Some(Page { after, changes, end, whole, head, snapshot }))
}

async fn read(scope: &Scope, after: Cursor, rows: i64) -> Result<Vec<Row>> {
    if scope.head().revision == after.revision && after.ordinal == i32::MAX {
        return Ok(Vec::new());
    }
    scope
        .all(
            sql!(
                postgres: "SELECT revision, ordinal, kind, resource_id, detail, create_time, epoch, found FROM ( \
                     SELECT c.*, count(*) OVER () AS found, sum(pg_column_size(c.detail)) \
                         OVER (ORDER BY c.revision, c.ordinal) - pg_column_size(c.detail) AS bytes FROM ( \
                         SELECT * FROM change WHERE tenant_id = $1 AND (revision, ordinal) > ($2, $3) \
                         ORDER BY revision, ordinal LIMIT $4) c) s \
                     WHERE bytes < $5 ORDER BY revision, ordinal",
                sqlite: "SELECT revision, ordinal, kind, resource_id, detail, create_time, epoch, found FROM ( \
                     SELECT c.*, count(*) OVER () AS found, sum(length(c.detail)) \
                         OVER (ORDER BY c.revision, c.ordinal) - length(c.detail) AS bytes FROM ( \
                         SELECT * FROM change WHERE tenant_id = $1 AND (revision, ordinal) > ($2, $3) \
                         ORDER BY revision, ordinal LIMIT $4) c) s \
                     WHERE bytes < $5 ORDER BY revision, ordinal",
            ),
            args![after.revision, i64::from(after.ordinal), rows, BYTES],
        )
        .await
}

/// The rows without those of a last revision that may go on, unless there is no other; and whether all are whole now.
fn whole(mut found: Vec<Row>, rows: i64) -> (Vec<Row>, bool) {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return (found, true) };
    let cut = last.found == rows || usize::try_from(last.found) != Ok(found.len());
    let (first, last) = (first.revision, last.revision);
    if cut && first != last {
        found.retain(|row| row.revision < last);
    }
    (found, !cut || first != last)
}

/// Where the assets that changes are about are now.
async fn homes(scope: &Scope, rows: &[Row]) -> Result<HashMap<AssetId, Home>> {
    let about = rows.iter().filter(|row| is_about_asset(&row.kind));
    let mut ids: Vec<AssetId> = about.filter_map(|row| row.resource_id).map(AssetId).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let home = |one: crate::entity::Asset| {
        let (owner, folder, live) = (one.workspace_id, one.folder_id, one.is_live());
        (one.id, Home { owner, folder, kind: one.kind, live })
    };
    Ok(asset::by_ids(scope, &ids).await?.into_iter().map(home).collect())
}

// === impl Row ===

impl Row {
    /// The position after it.
    fn position(&self) -> Cursor {
        Cursor { revision: self.revision, ordinal: self.ordinal, epoch: self.epoch }
    }
}

/// REVISION_TOO_OLD.
fn too_old(revision: i64, oldest: Option<i64>, head: i64) -> Error {
    let message = "the changes since then are no longer kept; read the current state, and watch from its revision";
    Error::new(Reason::RevisionTooOld, message)
        .with("since_revision", revision)
        .with("oldest_revision", oldest.map_or(head, |oldest| oldest - 1))
}
