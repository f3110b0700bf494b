//! Emails that were erased and that nobody may bring back: kept by keyed hash, as nobody has them any more.

use std::collections::HashSet;

use super::write::Tx;
use crate::clock::now;
use crate::error::{Error, Result};
use crate::id::PersonId;
use crate::secret::Use;
use crate::{args, sql};

/// What stands for an email key once it is erased.
pub fn hash(tx: &Tx, key: &str) -> [u8; 32] {
    let tenant = tx.tenant().0.into_bytes();
    tx.secrets.mac(Use::Erasure, &[&tenant, key.as_bytes()])
}

/// The email keys among these that nobody may bring back.
pub async fn among<'a>(
    tx: &Tx,
    keys: impl IntoIterator<Item = &'a str>,
) -> Result<HashSet<String>> {
    // A suppression changes consent: most tenants' imports meet none.
    if tx.head().consent_revision == 0 {
        return Ok(HashSet::new());
    }
    look_up(tx, keys).await
}

/// Keeps an email key from coming back. Who is writing it just now looks again before the commit.
pub async fn add(tx: &Tx, key: &str) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO suppression (tenant_id, email_hash, create_time) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING"
        ),
        args![hash(tx, key), now()],
    )
    .await?;
    tx.consent_changed(&[], true);
    Ok(())
}

/// Lets an email key come back; false if it might.
pub async fn lift(tx: &Tx, key: &str) -> Result<bool> {
    let sql = sql!("DELETE FROM suppression WHERE tenant_id = $1 AND email_hash = $2");
    Ok(tx.execute(sql, args![hash(tx, key)]).await? > 0)
}

/// Runs under the lock of the head: who was written with an email that was suppressed meanwhile is written again, and
/// refused.
pub(super) async fn hold(tx: &Tx, people: &[PersonId]) -> Result<()> {
    let keys: Vec<String> = tx
        .column(
            sql!(
                "SELECT email_key FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 AND delete_time IS NULL AND email_key <> ''"
            ),
            args![people],
        )
        .await?;
    let late = look_up(tx, keys.iter().map(String::as_str)).await?;
    if late.is_empty() { Ok(()) } else { Err(Error::Contended) }
}

async fn look_up<'a>(tx: &Tx, keys: impl IntoIterator<Item = &'a str>) -> Result<HashSet<String>> {
    let keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let hashes: Vec<Vec<u8>> = keys.iter().map(|key| hash(tx, key).to_vec()).collect();
    let found: Vec<Vec<u8>> = tx
        .column(
            sql!(
                "SELECT email_hash FROM suppression WHERE tenant_id = $1 AND email_hash = ANY($2::bytea[])"
            ),
            args![hashes.clone()],
        )
        .await?;
    let found: HashSet<Vec<u8>> = found.into_iter().collect();
    let held = keys.into_iter().zip(hashes).filter(|(_, hash)| found.contains(hash));
    Ok(held.map(|(key, _)| key.to_owned()).collect())
}
