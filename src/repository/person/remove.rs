//! Deleting and restoring people. A deleted person keeps the row and frees the keys (D-10).

use uuid::Uuid;

use crate::clock::Micros;
use crate::entity::Person;
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::repository::Scope;
use crate::{args, sql};

/// People by id, deleted ones too but none who were merged, locked until the commit.
pub async fn lock(
    scope: &Scope,
    partitions: &[PartitionId],
    people: &[PersonId],
) -> Result<Vec<Person>> {
    scope
        .all(
            sql!(
                "SELECT * FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 AND partition_id = ANY($3::uuid[]) AND merged_into IS NULL ORDER BY id FOR UPDATE"
            ),
            args![people, partitions],
        )
        .await
}

/// Deletes living people.
pub async fn delete(
    scope: &Scope,
    people: &[PersonId],
    time: Micros,
    purge_time: Micros,
) -> Result<()> {
    scope
        .execute(
            sql!(
                "UPDATE person SET delete_time = $3, purge_time = $4, update_time = $3, \
                     version = version + 1 \
                 WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL"
            ),
            args![people, time, purge_time],
        )
        .await
        .map(drop)
}

/// Restores a deleted person, with the consent state of the email and where it must be unique today.
pub async fn restore(
    scope: &Scope,
    person: PersonId,
    uniqueness_scope: Uuid,
    unsubscribed: bool,
    time: Micros,
) -> Result<()> {
    scope
        .execute(
            sql!(
                "UPDATE person SET delete_time = NULL, purge_time = NULL, uniqueness_scope = $3, \
                     unsubscribed = $4, update_time = $5, version = version + 1 \
                 WHERE tenant_id = $1 AND id = $2 AND delete_time IS NOT NULL"
            ),
            args![person, uniqueness_scope, unsubscribed, time],
        )
        .await
        .map(drop)
}
