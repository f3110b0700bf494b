//! Who unsubscribed (D-09): kept by keyed hash of the email key, so that it outlives the person.

use std::collections::{BTreeSet, HashSet};

use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use super::change::Change;
use super::write::Tx;
use crate::clock::now;
use crate::domain::feed::by_partition;
use crate::entity::tenant::{ConsentScope, DuplicatePolicy, Settings};
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::secret::Use;
use crate::{args, sql};

/// An email key, in the partition of the person who has it.
pub type Address = (PartitionId, String);

#[derive(FromQueryResult)]
struct Row {
    scope_id: Uuid,
    email_hash: Vec<u8>,
}

/// The addresses among these that are unsubscribed.
pub async fn unsubscribed(tx: &Tx, addresses: &[Address]) -> Result<HashSet<Address>> {
    // Most tenants' imports meet nobody who ever unsubscribed.
    if tx.head().consent_revision == 0 {
        return Ok(HashSet::new());
    }
    look_up(tx, addresses).await
}

/// Unsubscribes addresses, and with them, at the end of the write, every other person who has one where it
/// holds. Those that are unsubscribed already are held until the commit, so that nobody takes it back
/// meanwhile.
pub async fn withdraw(tx: &Tx, addresses: &[Address]) -> Result<()> {
    let time = now();
    let (scopes, hashes) = rows(tx, addresses);
    // Each once, and all writes in one order.
    let rows: BTreeSet<(Uuid, Vec<u8>)> = scopes.into_iter().zip(hashes).collect();
    let (scopes, hashes): (Vec<Uuid>, Vec<Vec<u8>>) = rows.into_iter().unzip();
    let since: Vec<i64> = tx
        .column(
            sql!(
                postgres: "INSERT INTO consent (tenant_id, scope_id, email_hash, create_time) \
                     SELECT $1, r.scope_id, r.email_hash, $4 \
                     FROM unnest($2::uuid[], $3::bytea[]) AS r(scope_id, email_hash) \
                     ON CONFLICT (tenant_id, scope_id, email_hash) \
                     DO UPDATE SET create_time = consent.create_time RETURNING create_time",
                // SQLite indexes what is materialized; a JSON array it would read anew for each row.
                sqlite: "INSERT INTO consent (tenant_id, scope_id, email_hash, create_time) \
                     WITH h AS MATERIALIZED (SELECT key, value FROM json_each($3)) \
                     SELECT $1, unhex(s.value), unhex(h.value), $4 \
                     FROM json_each($2) s CROSS JOIN h ON h.key = s.key \
                     WHERE true ON CONFLICT DO NOTHING RETURNING create_time",
            ),
            args![scopes, hashes, time],
        )
        .await?;
    if since.contains(&time) {
        tx.consent_changed(addresses, true);
    }
    Ok(())
}

/// Takes back the unsubscription of addresses.
pub async fn restore(tx: &Tx, addresses: &[Address]) -> Result<()> {
    let (scopes, hashes) = rows(tx, addresses);
    let removed = tx
        .execute(
            sql!(
                "DELETE FROM consent WHERE tenant_id = $1 AND scope_id = ANY($2::uuid[]) \
                 AND email_hash = ANY($3::bytea[])"
            ),
            args![scopes, hashes],
        )
        .await?;
    if removed == 0 {
        return Ok(());
    }
    tx.consent_changed(addresses, false);
    Ok(())
}

/// Marks these people as what is known of their addresses. At the end of a write it runs under the lock of
/// the head, so that nobody can unsubscribe, or take it back, unnoticed before the commit.
pub async fn settle(tx: &Tx, people: &[PersonId]) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Written {
        id: PersonId,
        partition_id: PartitionId,
        email_key: String,
        unsubscribed: bool,
    }
    let written: Vec<Written> = tx
        .all(
            sql!(
                "SELECT id, partition_id, email_key, unsubscribed FROM person WHERE tenant_id = $1 \
                 AND id = ANY($2::uuid[]) AND email_key <> ''"
            ),
            args![people],
        )
        .await?;
    let address = |row: &Written| (row.partition_id, row.email_key.clone());
    let unsubscribed = look_up(tx, &written.iter().map(address).collect::<Vec<_>>()).await?;
    let late: Vec<PersonId> = written
        .iter()
        .filter(|row| unsubscribed.contains(&address(row)) != row.unsubscribed)
        .map(|row| row.id)
        .collect();
    if late.is_empty() {
        return Ok(());
    }
    tx.execute(
        sql!(
            "UPDATE person SET unsubscribed = NOT unsubscribed \
             WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        ),
        args![late.as_slice()],
    )
    .await
    .map(drop)
}

async fn look_up(tx: &Tx, addresses: &[Address]) -> Result<HashSet<Address>> {
    if addresses.is_empty() {
        return Ok(HashSet::new());
    }
    let (scopes, hashes) = rows(tx, addresses);
    let found: Vec<Row> = tx
        .all(
            sql!(
                "SELECT scope_id, email_hash FROM consent WHERE tenant_id = $1 \
                 AND scope_id = ANY($2::uuid[]) AND email_hash = ANY($3::bytea[])"
            ),
            args![distinct(&scopes), hashes.clone()],
        )
        .await?;
    let found: HashSet<(Uuid, Vec<u8>)> =
        found.into_iter().map(|row| (row.scope_id, row.email_hash)).collect();
    let keys = scopes.into_iter().zip(hashes);
    let held = addresses.iter().zip(keys).filter(|(_, key)| found.contains(key));
    Ok(held.map(|(address, _)| address.clone()).collect())
}

/// Marks the other people who have one of these addresses where the tenant shares the state: under ALLOW
/// with consent of the whole tenant an email is in several partitions. Runs under the lock of the head: whom
/// a racing write makes after this one looked, that write settles itself. Whom it marked, and where they are.
pub(super) async fn follow(
    tx: &Tx,
    addresses: &[Address],
    unsubscribed: bool,
) -> Result<Vec<(PersonId, PartitionId)>> {
    #[derive(FromQueryResult)]
    struct Marked {
        id: PersonId,
        partition_id: PartitionId,
    }
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let settings = Settings::from_json(&tx.head().settings);
    let shared = settings.consent_scope == ConsentScope::Tenant
        && settings.duplicate_policy == DuplicatePolicy::Allow;
    if !shared {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = addresses.iter().map(|(_, key)| key.clone()).collect();
    let marked: Vec<Marked> = tx
        .all(
            sql!(
                "UPDATE person SET unsubscribed = $3, version = version + 1, update_time = $4 \
             WHERE tenant_id = $1 AND delete_time IS NULL AND email_key <> '' \
             AND email_key = ANY($2::text[]) AND unsubscribed <> $3 \
             AND uniqueness_scope IN (SELECT id FROM person_partition WHERE tenant_id = $1) \
             RETURNING id, partition_id"
            ),
            args![keys, unsubscribed, now()],
        )
        .await?;
    Ok(marked.into_iter().map(|one| (one.id, one.partition_id)).collect())
}

/// Others have followed.
pub(super) fn change(others: &[(PersonId, PartitionId)], unsubscribed: bool) -> Change {
    let partitions: BTreeSet<PartitionId> = others.iter().map(|one| one.1).collect();
    Change {
        kind: "people.consent_changed",
        detail: json!({
            "updated": by_partition(others.iter().copied()),
            "partition_ids": partitions,
            "fields": ["unsubscribed"],
        }),
        after: json!({
            "person_ids": others.iter().map(|one| one.0).collect::<Vec<PersonId>>(),
            "unsubscribed": unsubscribed,
        }),
        ..Change::default()
    }
}

fn rows(tx: &Tx, addresses: &[Address]) -> (Vec<Uuid>, Vec<Vec<u8>>) {
    let settings = Settings::from_json(&tx.head().settings);
    let row = |(partition, key): &Address| {
        let scope = match settings.consent_scope {
            ConsentScope::Tenant => Uuid::nil(),
            ConsentScope::Partition => partition.0,
        };
        (scope, hash(tx, key))
    };
    addresses.iter().map(row).unzip()
}

pub(super) fn hash(tx: &Tx, key: &str) -> Vec<u8> {
    let tenant = tx.tenant().0.into_bytes();
    tx.secrets.mac(Use::Consent, &[&tenant, key.as_bytes()]).to_vec()
}

fn distinct(scopes: &[Uuid]) -> Vec<Uuid> {
    scopes.iter().copied().collect::<HashSet<_>>().into_iter().collect()
}
