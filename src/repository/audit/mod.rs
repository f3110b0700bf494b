//! The audit log and the change feed: what every write leaves behind, in order, tamper-evident.

mod list;
mod payload;
mod record;
mod refuse;
mod verify;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use self::record::Next;
use super::change::{Change, Touches};
use super::log::Log;
use super::scope::Scope;
use super::write::Tx;
use crate::clock::{Micros, now};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::{args, sql};

pub use list::{Filter, Places, before, by_seq};
pub use payload::{Recorded, payloads};
pub use record::Record;
pub(super) use refuse::Refusals;
pub use verify::{Flaw, Mark, Progress, verify, verify_some};

/// What refusals are counted by.
const MINUTE: Micros = 60 * 1_000_000;

/// The head of the tenant, locked until the commit.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct LockedHead {
    pub(super) revision: i64,
    pub(super) access_revision: i64,
    pub(super) field_revision: i64,
    pub(super) consent_revision: i64,
    pub(super) segment_revision: i64,
    pub(super) routing_revision: i64,
    audit_seq: i64,
    audit_head: Vec<u8>,
}

/// Locks the tenant's head: from here to the commit no other write of the tenant can pass, so revisions
/// have no gaps and stand in the order of the commits.
pub(super) async fn lock_head(tx: &Tx) -> Result<LockedHead> {
    tx.one(
        sql!(
            "SELECT revision, access_revision, field_revision, consent_revision, segment_revision, \
             routing_revision, audit_seq, audit_head FROM tenant_head WHERE tenant_id = $1 FOR UPDATE"
        ),
        args![],
    )
    .await?
    .ok_or_else(|| Error::internal("a tenant without a head"))
}

/// The number of the last record that is committed.
pub async fn last(scope: &Scope) -> Result<i64> {
    scope.count(sql!("SELECT audit_seq FROM tenant_head WHERE tenant_id = $1"), args![]).await
}

/// Moves the head on, and writes the change rows and the audit record of the call.
pub(super) async fn append(tx: &Tx, ctx: &Context, head: &LockedHead, log: &Log) -> Result<()> {
    let revision = head.revision + 1;
    let moved = |touched: bool, old: i64| if touched { revision } else { old };
    let next = LockedHead {
        revision,
        access_revision: moved(log.touches(Touches::Access), head.access_revision),
        field_revision: moved(log.touches(Touches::Fields), head.field_revision),
        consent_revision: moved(!log.consent.is_empty(), head.consent_revision),
        segment_revision: moved(log.segments, head.segment_revision),
        routing_revision: moved(log.touches(Touches::Routing), head.routing_revision),
        ..head.clone()
    };
    let record = Next::of_changes(tx, ctx, head, &log.changes);
    write(tx, &next, record, feed(log)).await?;
    if log.touches(Touches::Access) {
        follow(tx, revision, &log.changes).await?;
    }
    Ok(())
}

/// Writes a record, the head that it leaves, and the feed of its call, in one statement.
async fn write(tx: &Tx, head: &LockedHead, next: Next, feed: Json) -> Result<()> {
    let places = next.places();
    let Next { record, payload, .. } = next;
    let sql = sql!(
        postgres: "WITH head AS (UPDATE tenant_head SET revision = $2, access_revision = $3, \
             field_revision = $4, consent_revision = $5, segment_revision = $6, routing_revision = $7, \
             audit_seq = $8, audit_head = $9 WHERE tenant_id = $1), \
         feed AS (INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, flow, \
             create_time, epoch) SELECT $1, $2, r.ordinal, r.kind, r.resource_id, r.detail, r.flow, $10, $28 \
             FROM jsonb_to_recordset($11) AS r(ordinal integer, kind text, resource_id uuid, detail jsonb, \
             flow jsonb)), \
         entry AS (INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time, format, kind, request_id, refusal, \
             refusal_minute, about) \
             VALUES ($1, $8, $2, $12, $13, $14, $15, $16, $17, $18, $9, $10, $19, $20, $21, $22, $23, $24)), \
         places AS (INSERT INTO audit_workspace (tenant_id, seq, workspace_id, reads) \
             SELECT $1, $8, r.workspace_id, r.reads \
             FROM jsonb_to_recordset($25) AS r(workspace_id uuid, reads text)) \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $8, $26, $27)",
        sqlite: "UPDATE tenant_head SET revision = $2, access_revision = $3, field_revision = $4, \
             consent_revision = $5, segment_revision = $6, routing_revision = $7, audit_seq = $8, \
             audit_head = $9 WHERE tenant_id = $1; \
         INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, flow, create_time, epoch) \
             SELECT $1, $2, value->>'ordinal', value->>'kind', \
             unhex(replace(value->>'resource_id', '-', '')), value->>'detail', value->>'flow', $10, $28 \
             FROM json_each($11); \
         INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time, format, kind, request_id, refusal, \
             refusal_minute, about) \
             VALUES ($1, $8, $2, $12, $13, $14, $15, $16, $17, $18, $9, $10, $19, $20, $21, $22, $23, $24); \
         INSERT INTO audit_workspace (tenant_id, seq, workspace_id, reads) \
             SELECT $1, $8, unhex(replace(value->>'workspace_id', '-', '')), value->>'reads' \
             FROM json_each($25); \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $8, $26, $27)",
    );
    let epoch = record.epoch();
    let args = args![
        head.revision,
        head.access_revision,
        head.field_revision,
        head.consent_revision,
        head.segment_revision,
        head.routing_revision,
        record.seq,
        record.hash,
        record.create_time,
        feed,
        record.actor,
        record.action,
        record.resource,
        record.resource_id,
        record.workspace_id,
        record.call_id,
        record.payload_digest,
        record.format,
        record.kind,
        record.request_id,
        record.refusal,
        record.refusal_minute,
        record.about,
        places,
        payload.salt,
        payload.text,
        epoch,
    ];
    tx.execute(sql, args).await.map(drop)
}

/// Says what a change of the access revision was about, so that indexes can follow.
async fn follow(tx: &Tx, revision: i64, changes: &[Change]) -> Result<()> {
    let things = changes.iter().filter(|one| one.touches == Touches::Access).map(Change::thing);
    let (nouns, ids): (Vec<String>, Vec<Uuid>) =
        things.map(|(noun, id)| (noun.to_owned(), id)).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO access_change (tenant_id, revision, ordinal, noun, id, create_time) \
                 SELECT $1, $2, t.ordinal, t.noun, t.id, $5 \
                 FROM unnest($3::text[], $4::uuid[]) WITH ORDINALITY AS t(noun, id, ordinal)",
            sqlite: "INSERT INTO access_change (tenant_id, revision, ordinal, noun, id, create_time) \
                 SELECT $1, $2, n.key, n.value, unhex(i.value), $5 \
                 FROM json_each($3) n JOIN json_each($4) i ON i.key = n.key",
        ),
        args![revision, nouns, ids, now()],
    )
    .await
    .map(drop)
}

fn feed(log: &Log) -> Json {
    let one = |(ordinal, change): (usize, &Change)| {
        let mut detail = change.detail.clone();
        if let (Some(workspace), Some(detail)) = (change.workspace_id, detail.as_object_mut()) {
            detail.insert("workspace_id".into(), json!(workspace));
        }
        json!({
            "ordinal": ordinal,
            "kind": change.kind,
            "resource_id": change.resource_id,
            "detail": if detail.is_null() { json!({}) } else { detail },
            "flow": (ordinal == 0 && !log.flows.is_empty()).then(|| flow(log)),
        })
    };
    log.changes.iter().enumerate().map(one).collect()
}

/// How many people went from which partition to which.
fn flow(log: &Log) -> Json {
    let flows = log.flows.iter();
    flows.map(|((from, to), people)| json!({ "from": from, "to": to, "people": people })).collect()
}
