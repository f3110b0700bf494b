//! Person partitions.

use sea_orm::FromQueryResult;

use super::keyset::{among, bounds, ordered};
use super::scope::Scope;
use super::write::Tx;
use crate::domain::order::{By, Order, Place};
use crate::domain::visibility::Seen;
use crate::entity::Partition;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::{args, sql};

/// How many people a partition holds.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct People {
    /// The living ones.
    pub living: i64,
    /// Those that can be restored.
    pub deleted: i64,
}

/// Living partitions by id, in no order; those that are missing are left out.
pub async fn by_ids(scope: &Scope, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person_partition WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 AND delete_time IS NULL"
            ),
            args![ids],
        )
        .await
}

/// The tenant's Default partition.
pub async fn default(scope: &Scope) -> Result<PartitionId> {
    super::tenant::get(scope).await.map(|tenant| tenant.default_partition_id)
}

/// Holds living partitions against deletion until the commit; those that are missing are left out.
pub async fn hold(tx: &Tx, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    tx.all(
        sql!(
            "SELECT * FROM person_partition WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
             AND delete_time IS NULL ORDER BY id FOR KEY SHARE"
        ),
        args![ids],
    )
    .await
}

/// A partition, deleted or not, locked until the commit against everything that counts on it: whoever binds
/// it or puts people into it holds it.
pub async fn lock(tx: &Tx, id: PartitionId) -> Result<Option<Partition>> {
    tx.one(
        sql!("SELECT * FROM person_partition WHERE tenant_id = $1 AND id = $2 FOR UPDATE"),
        args![id],
    )
    .await
}

/// A page of partitions: those that the caller sees, or those that a workspace sees.
pub async fn list(
    scope: &Scope,
    seen: &Seen<PartitionId>,
    workspace: Option<WorkspaceId>,
    show_deleted: bool,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Partition>> {
    let mut args = bounds(order, after, limit);
    args.extend(args![show_deleted]);
    let Some(workspace) = workspace else {
        let sql = ordered!(
            order,
            "SELECT * FROM person_partition WHERE tenant_id = $1 AND ($5 OR delete_time IS NULL) \
             AND ($6 OR id = ANY($7::uuid[]))"
        );
        let (all, these) = among(seen, |id| id.0);
        args.extend(args![all, these]);
        return scope.all(sql, args).await;
    };
    let sql = ordered!(
        order,
        "SELECT * FROM person_partition p WHERE tenant_id = $1 AND ($5 OR delete_time IS NULL) \
         AND EXISTS (SELECT 1 FROM workspace w WHERE w.tenant_id = $1 AND w.id = $6 \
             AND w.delete_time IS NULL AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b \
                 WHERE b.tenant_id = $1 AND b.workspace_id = $6 AND b.partition_id = p.id)))"
    );
    args.extend(args![workspace]);
    scope.all(sql, args).await
}

/// The living partitions, by id.
pub async fn living(scope: &Scope) -> Result<Vec<PartitionId>> {
    let sql = sql!(
        "SELECT id FROM person_partition WHERE tenant_id = $1 AND delete_time IS NULL ORDER BY id"
    );
    scope.column(sql, args![]).await
}

/// How many people a partition holds.
pub async fn count_people(scope: &Scope, id: PartitionId) -> Result<People> {
    let people = scope
        .one(
            sql!(
                "SELECT count(CASE WHEN delete_time IS NULL THEN 1 END) AS living, \
                 count(CASE WHEN merged_into IS NULL THEN delete_time END) AS deleted FROM person WHERE tenant_id = $1 AND partition_id = $2"
            ),
            args![id],
        )
        .await?;
    Ok(people.unwrap_or(People { living: 0, deleted: 0 }))
}
