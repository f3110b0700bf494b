//! Moving what is known of who unsubscribed, when the tenant changes how far it holds (D-09).
//!
//! The caller holds the tenant's row, so that nobody unsubscribes meanwhile.

use std::collections::HashSet;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::consent::hash;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::filter::{Key, Reads};
use crate::error::Result;
use crate::id::PersonId;
use crate::{args, sql};

/// How many people are looked at at once.
const SLICE: i64 = 5_000;

#[derive(FromQueryResult)]
struct Subscribed {
    id: PersonId,
    email_key: String,
}

/// From the whole tenant to each partition: who unsubscribed is so in every partition that there is, those
/// that can be restored included. Everybody with such an email is marked already.
pub async fn split(tx: &Tx) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO consent (tenant_id, scope_id, email_hash, create_time) \
             SELECT $1, p.id, c.email_hash, c.create_time FROM consent c \
             JOIN person_partition p ON p.tenant_id = $1 \
             WHERE c.tenant_id = $1 AND c.scope_id = $2 ON CONFLICT DO NOTHING"
        ),
        args![Uuid::nil()],
    )
    .await?;
    tx.execute(
        sql!("DELETE FROM consent WHERE tenant_id = $1 AND scope_id = $2"),
        args![Uuid::nil()],
    )
    .await?;
    tx.consent_changed(&[], true);
    Ok(())
}

/// From each partition to the whole tenant: who unsubscribed anywhere is so everywhere.
pub async fn join(tx: &Tx, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO consent (tenant_id, scope_id, email_hash, create_time) \
             SELECT $1, $2, email_hash, min(create_time) FROM consent \
             WHERE tenant_id = $1 AND scope_id <> $2 GROUP BY email_hash ON CONFLICT DO NOTHING"
        ),
        args![Uuid::nil()],
    )
    .await?;
    tx.execute(
        sql!("DELETE FROM consent WHERE tenant_id = $1 AND scope_id <> $2"),
        args![Uuid::nil()],
    )
    .await?;
    tx.consent_changed(&[], true);
    mark_everybody(tx, time).await
}

/// Marks the living people whose email is among those that unsubscribed.
async fn mark_everybody(tx: &Tx, time: Micros) -> Result<()> {
    let mut after = PersonId(Uuid::nil());
    loop {
        let people = subscribed(tx, after).await?;
        let Some(last) = people.last() else { return Ok(()) };
        after = last.id;
        let hashes: Vec<Vec<u8>> = people.iter().map(|one| hash(tx, &one.email_key)).collect();
        let known = known(tx, hashes.clone()).await?;
        let found: Vec<PersonId> = people
            .iter()
            .zip(&hashes)
            .filter(|(_, hash)| known.contains(*hash))
            .map(|(one, _)| one.id)
            .collect();
        if !found.is_empty() {
            mark(tx, &found, time).await?;
            let fields = ["unsubscribed", "update_time"].map(Key::BuiltIn).into();
            tx.people_changed(found, Reads { fields, ..Reads::default() });
        }
    }
}

/// The next people who have an email and are not marked.
async fn subscribed(tx: &Tx, after: PersonId) -> Result<Vec<Subscribed>> {
    tx.all(
        sql!(
            "SELECT id, email_key FROM person WHERE tenant_id = $1 AND id > $2 \
             AND delete_time IS NULL AND email_key <> '' AND NOT unsubscribed ORDER BY id LIMIT $3"
        ),
        args![after, SLICE],
    )
    .await
}

async fn known(tx: &Tx, hashes: Vec<Vec<u8>>) -> Result<HashSet<Vec<u8>>> {
    let found = tx.column(
        sql!(
            "SELECT email_hash FROM consent \
             WHERE tenant_id = $1 AND scope_id = $2 AND email_hash = ANY($3::bytea[])"
        ),
        args![Uuid::nil(), hashes],
    );
    Ok(found.await?.into_iter().collect())
}

async fn mark(tx: &Tx, people: &[PersonId], time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE person SET unsubscribed = true, version = version + 1, update_time = $3 \
             WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        ),
        args![people, time],
    )
    .await
    .map(drop)
}
