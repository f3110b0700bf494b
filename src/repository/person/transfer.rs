//! Moving people to another partition: one statement, so that nobody is ever in two or in none (M-01).

use uuid::Uuid;

use crate::clock::Micros;
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::repository::Scope;
use crate::{args, sql};

/// Moves living people and returns the ids of those whose keys were free in the target. A race with a
/// writer of such a key is still refused by the unique index. The look-ups are no anti-joins, of which a planner
/// without fresh statistics makes one walk over all of the scope's people for each.
pub async fn transfer(
    scope: &Scope,
    people: &[PersonId],
    target: PartitionId,
    uniqueness_scope: Uuid,
    time: Micros,
) -> Result<Vec<PersonId>> {
    scope
        .column(
            sql!(
                "UPDATE person SET partition_id = $3, uniqueness_scope = $4, version = version + 1, \
                     update_time = $5 \
                 WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL \
                 AND (SELECT q.id FROM person q WHERE q.tenant_id = $1 AND q.partition_id = $3 \
                     AND q.external_id = person.external_id AND q.delete_time IS NULL LIMIT 1) IS NULL \
                 AND (SELECT q.id FROM person q WHERE q.tenant_id = $1 \
                     AND q.uniqueness_scope = $4 AND q.email_key = person.email_key \
                     AND q.email_key <> '' AND q.delete_time IS NULL AND q.id <> person.id LIMIT 1) IS NULL \
                 RETURNING id"
            ),
            args![people, target, uniqueness_scope, time],
        )
        .await
}
