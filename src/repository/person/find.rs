//! Reading people: always within partitions that the caller's workspace sees (V-01).

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::clock::Micros;
use crate::domain::filter::Predicate;
use crate::entity::Person;
use crate::error::Result;
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::Scope;
use crate::repository::sql::Sql;
use crate::{args, sql};

macro_rules! by_create_time {
    ($descending:expr, $filter:literal) => {
        if $descending {
            by_create_time!("<", "DESC", $filter)
        } else {
            by_create_time!(">", "ASC", $filter)
        }
    };
    ($beyond:literal, $direction:literal, $filter:literal) => {
        sql!(
            postgres: concat!(
                "SELECT q.* FROM unnest($2::uuid[]) AS v(id) CROSS JOIN LATERAL ( \
                     SELECT * FROM person p WHERE p.tenant_id = $1 AND p.partition_id = v.id \
                     AND (p.delete_time IS NULL OR ($3 AND p.merged_into IS NULL))", $filter, " AND (create_time, id) ", $beyond, " ($4, $5) \
                     ORDER BY create_time ", $direction, ", id ", $direction, " LIMIT $6) q \
                 ORDER BY q.create_time ", $direction, ", q.id ", $direction, " LIMIT $6"
            ),
            // The unary plus keeps SQLite on the index that is in the order asked for.
            sqlite: concat!(
                "SELECT * FROM person p WHERE p.tenant_id = $1 \
                 AND +p.partition_id IN (SELECT unhex(value) FROM json_each($2)) \
                 AND (p.delete_time IS NULL OR ($3 AND p.merged_into IS NULL))", $filter, " AND (create_time, id) ", $beyond, " ($4, $5) \
                 ORDER BY create_time ", $direction, ", id ", $direction, " LIMIT $6"
            ),
        )
    };
}

macro_rules! by_email_key {
    ($descending:expr, $filter:literal) => {
        if $descending {
            by_email_key!("<", "DESC", $filter)
        } else {
            by_email_key!(">", "ASC", $filter)
        }
    };
    ($beyond:literal, $direction:literal, $filter:literal) => {
        sql!(concat!(
            "SELECT * FROM person p WHERE p.tenant_id = $1 AND p.partition_id = ANY($2::uuid[]) \
             AND (p.delete_time IS NULL OR ($3 AND p.merged_into IS NULL))",
            $filter,
            " AND (email_key, id) ",
            $beyond,
            " ($4, $5) \
             ORDER BY email_key ",
            $direction,
            ", id ",
            $direction,
            " LIMIT $6"
        ))
    };
}

/// The order of a list of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By time of creation.
    CreateTime,
    /// By time of creation, newest first.
    CreateTimeDesc,
    /// By email; people without one come first.
    Email,
    /// By email, backwards.
    EmailDesc,
}

/// A living person, or the one whose id answers for a merged one, if the workspace sees the partition: one statement
/// for the whole question.
pub async fn by_id(
    scope: &Scope,
    workspace: WorkspaceId,
    person: PersonId,
) -> Result<Option<Person>> {
    scope
        .one(
            sql!(
                "SELECT p.* FROM person p WHERE p.tenant_id = $1 AND p.delete_time IS NULL \
                 AND p.id = coalesce((SELECT m.merged_into FROM person m WHERE m.tenant_id = $1 AND m.id = $3), $3) \
                 AND EXISTS (SELECT 1 FROM workspace w WHERE w.tenant_id = $1 AND w.id = $2 \
                     AND w.delete_time IS NULL AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b \
                         WHERE b.tenant_id = $1 AND b.workspace_id = $2 \
                         AND b.partition_id = p.partition_id)))"
            ),
            args![workspace, person],
        )
        .await
}

/// Living people by id, in no order.
pub async fn by_ids(
    scope: &Scope,
    partitions: &[PartitionId],
    people: &[PersonId],
) -> Result<Vec<Person>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 AND partition_id = ANY($3::uuid[]) AND delete_time IS NULL"
            ),
            args![people, partitions],
        )
        .await
}

/// Living people by email key.
pub async fn by_keys(
    scope: &Scope,
    scopes: Vec<Uuid>,
    partitions: &[PartitionId],
    keys: Vec<String>,
) -> Result<Vec<Person>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person WHERE tenant_id = $1 AND uniqueness_scope = ANY($2::uuid[]) \
                 AND email_key = ANY($3::text[]) AND partition_id = ANY($4::uuid[]) \
                 AND delete_time IS NULL AND email_key <> '' ORDER BY create_time, id"
            ),
            args![scopes, keys, partitions],
        )
        .await
}

/// A page of people of some partitions, of those for whom a filter holds. PostgreSQL takes the first rows of each
/// partition from its index and merges; SQLite walks the tenant's people in order.
pub async fn list(
    scope: &Scope,
    partitions: &[PartitionId],
    deleted: bool,
    filter: Option<&Predicate>,
    order: Order,
    after: Option<(Micros, String, PersonId)>,
    limit: i64,
) -> Result<Vec<Person>> {
    let descending = matches!(order, Order::CreateTimeDesc | Order::EmailDesc);
    let (time, key, id) = after.unwrap_or_else(|| start(descending));
    let (args, all, filtered): (_, Text, Text) = match order {
        Order::CreateTime | Order::CreateTimeDesc => (
            args![partitions, deleted, time, id, limit],
            |descending| by_create_time!(descending, ""),
            |descending| by_create_time!(descending, " AND {filter}"),
        ),
        Order::Email | Order::EmailDesc => (
            args![partitions, deleted, key, id, limit],
            |descending| by_email_key!(descending, ""),
            |descending| by_email_key!(descending, " AND {filter}"),
        ),
    };
    match filter {
        Some(predicate) => scope.all(filtered(descending).matching(predicate), args).await,
        None => scope.all(all(descending), args).await,
    }
}

/// The statement of an order, descending or not.
type Text = fn(bool) -> Sql;

/// Before the first person of any order.
fn start(descending: bool) -> (Micros, String, PersonId) {
    if descending {
        // No email key has a character beyond ASCII.
        (Micros::MAX, "\u{10FFFF}".into(), PersonId(Uuid::max()))
    } else {
        (Micros::MIN, String::new(), PersonId(Uuid::nil()))
    }
}

/// Which of these people, all living, a filter holds for; in no order.
pub async fn matching(
    scope: &Scope,
    people: &[PersonId],
    predicate: &Predicate,
) -> Result<Vec<PersonId>> {
    let sql = sql!(
        "SELECT p.id FROM person p WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND {filter}"
    );
    scope.column(sql.matching(predicate), args![people]).await
}

/// The living people of one partition, in order of creation: what an export walks, partition by partition.
pub async fn walk(
    scope: &Scope,
    partition: PartitionId,
    after: (Micros, PersonId),
    limit: i64,
) -> Result<Vec<Person>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person WHERE tenant_id = $1 AND partition_id = $2 AND delete_time IS NULL \
                 AND (create_time, id) > ($3, $4) ORDER BY create_time, id LIMIT $5"
            ),
            args![partition, after.0, after.1, limit],
        )
        .await
}

/// How many living people each partition has, of those for whom a filter holds; partitions without any are missing.
pub async fn count(
    scope: &Scope,
    partitions: &[PartitionId],
    filter: Option<&Predicate>,
) -> Result<Vec<(PartitionId, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        partition_id: PartitionId,
        people: i64,
    }
    macro_rules! counting {
        ($filter:literal) => {
            sql!(concat!(
                "SELECT partition_id, count(*) AS people FROM person p WHERE p.tenant_id = $1 \
                 AND p.partition_id = ANY($2::uuid[]) AND p.delete_time IS NULL",
                $filter,
                " GROUP BY partition_id"
            ))
        };
    }
    let rows: Vec<Row> = match filter {
        Some(predicate) => {
            let sql = counting!(" AND {filter}").matching(predicate);
            scope.all(sql, args![partitions]).await?
        }
        None => scope.all(counting!(""), args![partitions]).await?,
    };
    Ok(rows.into_iter().map(|row| (row.partition_id, row.people)).collect())
}

/// Email keys that several living people have, at least one of them in these partitions.
pub async fn duplicate_keys(
    scope: &Scope,
    partitions: &[PartitionId],
    after: &str,
    limit: i64,
) -> Result<Vec<String>> {
    scope
        .column(
            sql!(
                "SELECT email_key FROM person WHERE tenant_id = $1 AND delete_time IS NULL \
                 AND email_key <> '' AND email_key > $3 GROUP BY email_key HAVING count(*) > 1 \
                 AND count(CASE WHEN partition_id = ANY($2::uuid[]) THEN 1 END) > 0 \
                 ORDER BY email_key LIMIT $4"
            ),
            args![partitions, after, limit],
        )
        .await
}

/// The living people of some partitions, each a database of its own, who have these email keys.
pub async fn with_keys(
    scope: &Scope,
    partitions: &[PartitionId],
    keys: Vec<String>,
) -> Result<Vec<Person>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person WHERE tenant_id = $1 AND delete_time IS NULL AND email_key <> '' \
                 AND email_key = ANY($3::text[]) AND uniqueness_scope = ANY($2::uuid[]) \
                 ORDER BY email_key, create_time, id"
            ),
            args![partitions, keys],
        )
        .await
}

/// How many living people of all other partitions have these email keys, of keys that some of them have.
pub async fn count_beyond(
    scope: &Scope,
    partitions: &[PartitionId],
    keys: Vec<String>,
) -> Result<Vec<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        email_key: String,
        people: i64,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT email_key, count(*) AS people FROM person WHERE tenant_id = $1 AND delete_time IS NULL \
                 AND email_key <> '' AND email_key = ANY($3::text[]) AND NOT (partition_id = ANY($2::uuid[])) \
                 AND uniqueness_scope IN (SELECT id FROM person_partition WHERE tenant_id = $1) \
                 GROUP BY email_key"
            ),
            args![partitions, keys],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.email_key, row.people)).collect())
}
