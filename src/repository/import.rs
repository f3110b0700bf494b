//! Imports and their committed chunks.

use crate::entity::Import;
use crate::error::Result;
use crate::id::ImportId;
use crate::repository::Scope;
use crate::{args, sql};

/// An import.
pub async fn get(scope: &Scope, id: ImportId) -> Result<Option<Import>> {
    scope.one(sql!("SELECT * FROM import WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// An import, locked until the commit: its chunks come one after the other, whoever sends them.
pub async fn lock(scope: &Scope, id: ImportId) -> Result<Option<Import>> {
    let sql = sql!("SELECT * FROM import WHERE tenant_id = $1 AND id = $2 FOR UPDATE");
    scope.one(sql, args![id]).await
}

/// Moves an import on.
pub async fn advance(scope: &Scope, import: &Import) -> Result<()> {
    scope
        .execute(
            sql!(
                "UPDATE import SET complete = $3, committed_rows = $4, created = $5, updated = $6, \
                     unchanged = $7, failed = $8, update_time = $9, withheld = $10 WHERE tenant_id = $1 AND id = $2"
            ),
            args![
                import.id,
                import.complete,
                import.committed_rows,
                import.created,
                import.updated,
                import.unchanged,
                import.failed,
                import.update_time,
                import.withheld
            ],
        )
        .await
        .map(drop)
}

/// The hash and the answer of a committed chunk.
pub async fn chunk(
    scope: &Scope,
    id: ImportId,
    first_row: i64,
) -> Result<Option<(Vec<u8>, String)>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        body: Vec<u8>,
        answer: String,
    }
    let row: Option<Row> = scope
        .one(
            sql!(
                "SELECT body, answer FROM import_chunk WHERE tenant_id = $1 AND import_id = $2 \
                 AND first_row = $3"
            ),
            args![id, first_row],
        )
        .await?;
    Ok(row.map(|row| (row.body, row.answer)))
}

/// Keeps the answer of a chunk.
pub async fn keep_chunk(
    scope: &Scope,
    id: ImportId,
    first_row: i64,
    body: [u8; 32],
    answer: String,
) -> Result<()> {
    scope
        .execute(
            sql!(
                "INSERT INTO import_chunk (tenant_id, import_id, first_row, body, answer) \
                 VALUES ($1, $2, $3, $4, $5)"
            ),
            args![id, first_row, body, answer],
        )
        .await
        .map(drop)
}

/// Removes imports that are locked, with the answers of their chunks: at most so many of these, and the imports once
/// all of these are gone.
pub async fn remove(scope: &Scope, imports: &[ImportId], limit: i64) -> Result<()> {
    let removed = scope
        .execute(
            sql!(
                "DELETE FROM import_chunk WHERE tenant_id = $1 AND (import_id, first_row) IN (\
                     SELECT c.import_id, c.first_row FROM import_chunk c \
                     WHERE c.tenant_id = $1 AND c.import_id = ANY($2::uuid[]) LIMIT $3)"
            ),
            args![imports, limit],
        )
        .await?;
    if i64::try_from(removed).is_ok_and(|removed| removed >= limit) {
        return Ok(());
    }
    let sql = sql!("DELETE FROM import WHERE tenant_id = $1 AND id = ANY($2::uuid[])");
    scope.execute(sql, args![imports]).await.map(drop)
}
