//! Operations: what a use case or a slice writes of them, and how they are found.

use super::due;
use super::scope::Scope;
use super::write::Tx;
use crate::clock::{Micros, now};
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::Result;
use crate::id::{OperationId, WorkspaceId};
use crate::{args, sql};

/// Who starts operations that nobody asked for.
const OWN: &str = "platform:precinct";

/// Whose operations somebody may see.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Those that this principal started.
    pub principal: String,
    /// Those that these rpcs started, wherever they work.
    pub methods: Vec<String>,
    /// Those that these rpcs started, in these workspaces.
    pub places: Vec<(String, WorkspaceId)>,
    /// Of the promotions that others started, those to these workspaces.
    pub targets: Vec<WorkspaceId>,
    /// Those to any workspace.
    pub all_targets: bool,
}

/// Which operations are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that have ended, or those that have not.
    pub done: Option<bool>,
    /// Those of a kind.
    pub kind: Option<Kind>,
    /// Those that work through a workspace.
    pub workspace: Option<WorkspaceId>,
}

/// An operation.
pub async fn get(scope: &Scope, id: OperationId) -> Result<Option<Operation>> {
    scope.one(sql!("SELECT * FROM operation WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// A page of operations, newest first: those that somebody may see.
pub async fn list(
    scope: &Scope,
    seen: Seen,
    filter: &Filter,
    after: Option<OperationId>,
    limit: i64,
) -> Result<Vec<Operation>> {
    let (methods, workspaces): (Vec<String>, Vec<WorkspaceId>) = seen.places.into_iter().unzip();
    let kind = filter.kind.map(|kind| sea_orm::ActiveEnum::to_value(&kind));
    scope
        .all(
            sql!(
                postgres: "SELECT * FROM operation o WHERE tenant_id = $1 AND id < $2 \
                     AND (principal = $4 OR method = ANY($5::text[]) OR EXISTS (SELECT 1 \
                         FROM unnest($6::text[], $7::uuid[]) AS p(method, workspace_id) \
                         WHERE p.method = o.method AND p.workspace_id = o.workspace_id)) \
                     AND (principal = $4 OR kind <> 'PROMOTE' OR $11 OR resource_id = ANY($12::uuid[])) \
                     AND ($8::bigint IS NULL OR (end_time IS NOT NULL) = ($8 = 1)) \
                     AND ($9::text IS NULL OR kind = $9) \
                     AND ($10::uuid IS NULL OR workspace_id = $10) ORDER BY id DESC LIMIT $3",
                sqlite: "SELECT * FROM operation AS o WHERE tenant_id = $1 AND id < $2 \
                     AND (principal = $4 OR method IN (SELECT value FROM json_each($5)) OR EXISTS (SELECT 1 \
                         FROM json_each($6) m JOIN json_each($7) w ON w.key = m.key \
                         WHERE m.value = o.method AND unhex(w.value) = o.workspace_id)) \
                     AND (principal = $4 OR kind <> 'PROMOTE' OR $11 \
                         OR resource_id IN (SELECT unhex(value) FROM json_each($12))) \
                     AND ($8 IS NULL OR (end_time IS NOT NULL) = ($8 = 1)) \
                     AND ($9 IS NULL OR kind = $9) \
                     AND ($10 IS NULL OR workspace_id = $10) ORDER BY id DESC LIMIT $3",
            ),
            args![
                after.unwrap_or(OperationId(uuid::Uuid::max())),
                limit,
                seen.principal,
                seen.methods,
                methods,
                &workspaces[..],
                filter.done.map(i64::from),
                kind,
                filter.workspace,
                seen.all_targets,
                &seen.targets[..],
            ],
        )
        .await
}

/// Begins an operation; it is due at once.
pub async fn start(tx: &Tx, operation: &Operation) -> Result<()> {
    tx.insert(operation).await?;
    due::add(tx, due::OPERATION, operation.id.0, operation.create_time).await?;
    tx.operation_written(operation.id);
    Ok(())
}

/// Begins an operation of the service's own on a thing, in nobody's name.
pub(super) async fn start_own(tx: &Tx, kind: Kind, resource: uuid::Uuid) -> Result<OperationId> {
    let queued = Operation::queued(tx.tenant(), kind, OWN.into(), now());
    let operation = Operation { resource_id: Some(resource), ..queued };
    start(tx, &operation).await.map(|()| operation.id)
}

/// Whether whoever claimed the operation with this fence may still work on it. It is held until the commit: who stops
/// it waits here, and not for the head, which a slice may lock before its end.
pub async fn is_held(scope: &Scope, operation: &Operation) -> Result<bool> {
    let held: Vec<OperationId> = scope
        .column(
            sql!("SELECT id FROM operation WHERE tenant_id = $1 AND id = $2 AND fence = $3 FOR UPDATE"),
            args![operation.id, operation.fence],
        )
        .await?;
    Ok(held.len() == 1)
}

/// Writes how far an operation is, or how it ended, and lets go of it; false if somebody else has claimed it since.
pub async fn advance(tx: &Tx, operation: &Operation) -> Result<bool> {
    let state = sea_orm::ActiveEnum::to_value(&operation.state);
    let advanced = tx
        .execute(
            sql!(
                "UPDATE operation SET request = $4, cursor = $5, state = $6, done = $7, total = $8, failed = $9, \
                     result = $10, error = $11, update_time = $12, end_time = $13, expire_time = $14, \
                     lease_holder = NULL, lease_until = NULL, attempts = 0 \
                 WHERE tenant_id = $1 AND id = $2 AND fence = $3"
            ),
            args![
                operation.id,
                operation.fence,
                operation.request.clone(),
                operation.cursor.clone(),
                state,
                operation.done,
                operation.total,
                operation.failed,
                operation.result.clone(),
                operation.error.clone(),
                operation.update_time,
                operation.end_time,
                operation.expire_time,
            ],
        )
        .await?;
    match operation.end_time {
        Some(_) => due::remove(tx, due::OPERATION, operation.id.0).await?,
        None => due::at(tx, due::OPERATION, operation.id.0, operation.update_time).await?,
    }
    tx.operation_written(operation.id);
    Ok(advanced == 1)
}

/// Asks an operation to stop before its next slice; false if it has ended, goes on to its end, or was asked before.
pub async fn cancel(tx: &Tx, id: OperationId, time: Micros) -> Result<bool> {
    let leases: Vec<Option<i64>> = tx
        .column(
            sql!(
                "UPDATE operation SET cancel_time = $3, update_time = $3 WHERE tenant_id = $1 AND id = $2 \
                 AND end_time IS NULL AND cancel_time IS NULL \
                 AND (kind <> 'ERASE_PERSON' OR cursor = 'null') RETURNING lease_until"
            ),
            args![id, time],
        )
        .await?;
    // Who works on it sees it when the slice is done; if nobody does, somebody shall look at once.
    if leases.iter().any(|lease| lease.is_none_or(|until| until <= time)) {
        due::at(tx, due::OPERATION, id.0, time).await?;
    }
    tx.operation_written(id);
    Ok(!leases.is_empty())
}

/// Forgets an operation that has ended; false if it has not.
pub async fn delete(tx: &Tx, id: OperationId) -> Result<bool> {
    let sql =
        sql!("DELETE FROM operation WHERE tenant_id = $1 AND id = $2 AND end_time IS NOT NULL");
    Ok(tx.execute(sql, args![id]).await? == 1)
}

/// The operation that is at work on a thing, if one is.
pub async fn of_resource(scope: &Scope, resource: uuid::Uuid) -> Result<Option<OperationId>> {
    let found = scope
        .column(
            sql!(
                "SELECT id FROM operation WHERE tenant_id = $1 AND resource_id = $2 AND end_time IS NULL \
                 ORDER BY id LIMIT 1"
            ),
            args![resource],
        )
        .await?;
    Ok(found.into_iter().next())
}

/// Notes the revision of a change of operations, which is known once everything is written.
pub(super) async fn settle(tx: &Tx, ids: Vec<OperationId>, revision: i64) -> Result<()> {
    let ids: Vec<uuid::Uuid> = ids.into_iter().map(|id| id.0).collect();
    tx.execute(
        sql!("UPDATE operation SET revision = $3 WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
        args![ids, revision],
    )
    .await
    .map(drop)
}
