//! Removing people for good (K-08): wherever they are, deleted and merged ones too.

use sea_orm::FromQueryResult;

use crate::clock::Micros;
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId};
use crate::repository::Tx;
use crate::{args, sql};

/// A record of somebody who is erased.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Trace {
    /// Which one.
    pub id: PersonId,
    /// Where it is.
    pub partition_id: PartitionId,
    /// The email, as given.
    pub email: Option<String>,
    /// The key of the email; empty if there is none.
    pub email_key: String,
    /// The person whose id answers for it.
    pub merged_into: Option<PersonId>,
    /// When the person was deleted, or merged.
    pub delete_time: Option<Micros>,
}

// === impl Trace ===

impl Trace {
    /// The person whose id answers for it: its own, if it was not merged.
    pub fn answered_by(&self) -> PersonId {
        self.merged_into.unwrap_or(self.id)
    }
}

/// Records of any partition with an email key, living or not.
pub async fn with_email(tx: &Tx, key: &str, limit: i64) -> Result<Vec<Trace>> {
    tx.all(
        sql!(
            "SELECT id, partition_id, email, email_key, merged_into, delete_time FROM person WHERE tenant_id = $1 \
             AND email_key = $2 AND email_key <> '' AND delete_time IS NULL \
             AND uniqueness_scope IN (SELECT id FROM person_partition WHERE tenant_id = $1 \
                 UNION ALL SELECT $4) \
             UNION ALL SELECT id, partition_id, email, email_key, merged_into, delete_time FROM person WHERE tenant_id = $1 \
             AND email_key = $2 AND email_key <> '' AND delete_time IS NOT NULL LIMIT $3"
        ),
        args![key, limit, uuid::Uuid::nil()],
    )
    .await
}

/// A record, living or not.
pub async fn trace(tx: &Tx, id: PersonId) -> Result<Option<Trace>> {
    tx.one(
        sql!(
            "SELECT id, partition_id, email, email_key, merged_into, delete_time FROM person \
             WHERE tenant_id = $1 AND id = $2"
        ),
        args![id],
    )
    .await
}

/// Records that were deleted in a partition and have an email key.
pub async fn deleted_with_email(tx: &Tx, partition: PartitionId, key: &str) -> Result<Vec<Trace>> {
    tx.all(
        sql!(
            "SELECT id, partition_id, email, email_key, merged_into, delete_time FROM person WHERE tenant_id = $1 \
             AND email_key = $3 AND email_key <> '' AND delete_time IS NOT NULL AND partition_id = $2"
        ),
        args![partition, key],
    )
    .await
}

/// Records of people and of all who were merged into them, locked until the commit.
pub async fn lock_whole(tx: &Tx, people: &[PersonId]) -> Result<Vec<Trace>> {
    tx.all(
        sql!(
            "SELECT id, partition_id, email, email_key, merged_into, delete_time FROM person WHERE tenant_id = $1 \
             AND (id = ANY($2::uuid[]) OR merged_into = ANY($2::uuid[])) ORDER BY id FOR UPDATE"
        ),
        args![people],
    )
    .await
}

/// Those of some email keys that somebody still has.
pub async fn held_keys(tx: &Tx, keys: Vec<String>) -> Result<Vec<String>> {
    tx.column(
        sql!(
            "SELECT email_key FROM person WHERE tenant_id = $1 AND email_key = ANY($2::text[]) \
             AND email_key <> '' AND delete_time IS NULL \
             AND uniqueness_scope IN (SELECT id FROM person_partition WHERE tenant_id = $1 \
                 UNION ALL SELECT $3) \
             UNION SELECT email_key FROM person WHERE tenant_id = $1 AND email_key = ANY($2::text[]) \
             AND email_key <> '' AND delete_time IS NOT NULL"
        ),
        args![keys, uuid::Uuid::nil()],
    )
    .await
}

/// Takes people out of all programs and lists; of which, one for each membership.
pub async fn leave_all(tx: &Tx, people: &[PersonId]) -> Result<Vec<AssetId>> {
    tx.column(
        sql!(
            "DELETE FROM asset_member WHERE tenant_id = $1 AND person_id = ANY($2::uuid[]) RETURNING asset_id"
        ),
        args![people],
    )
    .await
}

/// In how many segmentations people have results.
pub async fn count_segments(tx: &Tx, people: &[PersonId]) -> Result<i64> {
    tx.count(
        sql!(
            "SELECT count(*) FROM (SELECT DISTINCT m.segmentation_id, m.person_id FROM segmentation s \
                 JOIN segment_member m ON m.tenant_id = $1 AND m.segmentation_id = s.id \
                 AND m.person_id = ANY($2::uuid[]) WHERE s.tenant_id = $1) results"
        ),
        args![people],
    )
    .await
}

/// Removes the results that people have left in segmentations, of past generations too.
pub async fn leave_segments(tx: &Tx, people: &[PersonId]) -> Result<()> {
    tx.execute(
        sql!(
            "DELETE FROM segment_member WHERE tenant_id = $1 AND person_id = ANY($2::uuid[]) \
             AND segmentation_id IN (SELECT s.id FROM segmentation s WHERE s.tenant_id = $1)"
        ),
        args![people],
    )
    .await
    .map(drop)
}

/// Removes people who are in nothing any more.
pub async fn erase(tx: &Tx, people: &[PersonId]) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
        args![people],
    )
    .await
    .map(drop)
}
