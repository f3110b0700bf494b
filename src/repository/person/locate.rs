//! Who has a key: over the whole tenant, for decisions; what is shown of it is the caller's business.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::entity::Person;
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::repository::{Scope, Tx};
use crate::{args, sql};

/// A living person, locked until the commit, and what the person is found by.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Located {
    /// Who.
    pub id: PersonId,
    /// Where.
    pub partition_id: PartitionId,
    /// The key of the email; empty if there is none.
    pub email_key: String,
    /// The id in the client's system.
    pub external_id: Option<String>,
}

/// By email key, within scopes of uniqueness.
pub async fn by_email(scope: &Scope, scopes: Vec<Uuid>, keys: Vec<String>) -> Result<Vec<Located>> {
    scope
        .all(
            sql!(
                "SELECT id, partition_id, email_key, external_id FROM person WHERE tenant_id = $1 \
                 AND uniqueness_scope = ANY($2::uuid[]) AND email_key = ANY($3::text[]) \
                 AND delete_time IS NULL AND email_key <> '' ORDER BY id FOR UPDATE"
            ),
            args![scopes, keys],
        )
        .await
}

/// By external id, within partitions.
pub async fn by_external_id(
    scope: &Scope,
    partitions: &[PartitionId],
    ids: Vec<String>,
) -> Result<Vec<Located>> {
    scope
        .all(
            sql!(
                "SELECT id, partition_id, email_key, external_id FROM person WHERE tenant_id = $1 \
                 AND partition_id = ANY($2::uuid[]) AND external_id = ANY($3::text[]) \
                 AND delete_time IS NULL ORDER BY id FOR UPDATE"
            ),
            args![partitions, ids],
        )
        .await
}

/// Those of some partitions, none of them a person's own, that hold somebody with a key of the person's.
pub async fn with_key_of(
    scope: &Scope,
    partitions: &[PartitionId],
    person: &Person,
) -> Result<Vec<PartitionId>> {
    // One email across all partitions is a person's own.
    scope
        .column(
            sql!(
                "SELECT partition_id FROM person WHERE tenant_id = $1 AND uniqueness_scope = ANY($2::uuid[]) \
                 AND email_key = $3 AND delete_time IS NULL AND email_key <> '' \
                 UNION SELECT partition_id FROM person WHERE tenant_id = $1 AND partition_id = ANY($2::uuid[]) \
                 AND external_id = $4 AND delete_time IS NULL"
            ),
            args![partitions, person.email_key.as_str(), person.external_id.clone()],
        )
        .await
}

/// By id, within partitions.
pub async fn by_person_id(
    scope: &Scope,
    partitions: &[PartitionId],
    ids: &[PersonId],
) -> Result<Vec<Located>> {
    scope
        .all(
            sql!(
                "SELECT id, partition_id, email_key, external_id FROM person WHERE tenant_id = $1 \
                 AND partition_id = ANY($2::uuid[]) AND id = ANY($3::uuid[]) \
                 AND delete_time IS NULL ORDER BY id FOR UPDATE"
            ),
            args![partitions, ids],
        )
        .await
}

/// Holds partitions against deletion until the commit; the living ones among them.
pub async fn lock_partitions(
    scope: &Scope,
    partitions: &[PartitionId],
) -> Result<Vec<PartitionId>> {
    scope
        .column(
            sql!(
                "SELECT id FROM person_partition WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 AND delete_time IS NULL ORDER BY id FOR KEY SHARE"
            ),
            args![partitions],
        )
        .await
}

/// A living person who was made in this transaction, wherever that is.
pub async fn made(tx: &Tx, id: PersonId) -> Result<Option<Person>> {
    tx.one(
        sql!("SELECT * FROM person WHERE tenant_id = $1 AND id = $2 AND delete_time IS NULL"),
        args![id],
    )
    .await
}

/// The partitions of living people, wherever they are; of merged ones, of those whose ids answer for them.
pub async fn homes(scope: &Scope, ids: &[PersonId]) -> Result<Vec<(PersonId, PartitionId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: PersonId,
        partition_id: PartitionId,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT a.id, p.partition_id FROM person a \
                 JOIN person p ON p.tenant_id = $1 AND p.id = coalesce(a.merged_into, a.id) \
                 WHERE a.tenant_id = $1 AND a.id = ANY($2::uuid[]) AND p.delete_time IS NULL"
            ),
            args![ids],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.partition_id)).collect())
}
