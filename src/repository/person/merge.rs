//! People who were merged: the row of one stays, and says whose id answers for it (D-08).

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use crate::clock::Micros;
use crate::error::Result;
use crate::id::PersonId;
use crate::repository::{Scope, Tx};
use crate::{args, sql};

/// The people whose ids answer for some, of those who were merged.
pub async fn winners(scope: &Scope, people: &[PersonId]) -> Result<HashMap<PersonId, PersonId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: PersonId,
        merged_into: PersonId,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, merged_into FROM person \
                 WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND merged_into IS NOT NULL"
            ),
            args![people],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.merged_into)).collect())
}

/// Leaves of living people nothing but who answers for them: another, also for those who were merged into them. Their
/// keys are free, and the key of the email stays for an erasure to find.
pub async fn retire(tx: &Tx, people: &[PersonId], into: PersonId, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE person SET merged_into = $3, delete_time = $4, update_time = $4, version = version + 1, \
                 email = NULL, external_id = NULL, first_name = NULL, last_name = NULL, attributes = '{}', \
                 folded = '{}' \
             WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL"
        ),
        args![people, into, time],
    )
    .await?;
    tx.execute(
        sql!("UPDATE person SET merged_into = $3 WHERE tenant_id = $1 AND merged_into = ANY($2::uuid[])"),
        args![people, into],
    )
    .await
    .map(drop)
}

/// Puts a person into all programs and lists that others are in, and takes those out.
pub async fn join_members(tx: &Tx, people: &[PersonId], into: PersonId) -> Result<()> {
    // As whoever puts somebody in, against their deletion.
    tx.execute(
        sql!(
            "SELECT id FROM asset WHERE tenant_id = $1 AND id IN (SELECT m.asset_id FROM asset_member m \
                 WHERE m.tenant_id = $1 AND m.person_id = ANY($2::uuid[])) ORDER BY id FOR KEY SHARE"
        ),
        args![people],
    )
    .await?;
    tx.execute(
        sql!(
            "INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time) \
             SELECT $1, m.asset_id, $3, min(m.add_time) FROM asset_member m \
             WHERE m.tenant_id = $1 AND m.person_id = ANY($2::uuid[]) GROUP BY m.asset_id \
             ON CONFLICT (tenant_id, asset_id, person_id) DO NOTHING"
        ),
        args![people, into],
    )
    .await?;
    tx.execute(
        sql!("DELETE FROM asset_member WHERE tenant_id = $1 AND person_id = ANY($2::uuid[])"),
        args![people],
    )
    .await
    .map(drop)
}
