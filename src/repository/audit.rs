//! The audit log and the change feed: what every write leaves behind, in order, tamper-evident.

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::write::{Change, Log, Touches, Tx};
use crate::clock::now;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secret::{Use, digest};
use crate::{args, sql};

/// The head of the tenant, locked until the commit.
#[derive(FromQueryResult)]
pub(super) struct LockedHead {
    pub(super) revision: i64,
    pub(super) access_revision: i64,
    pub(super) field_revision: i64,
    pub(super) consent_revision: i64,
    audit_seq: i64,
    audit_head: Vec<u8>,
}

/// Locks the tenant's head: from here to the commit no other write of the tenant can pass, so revisions
/// have no gaps and stand in the order of the commits.
pub(super) async fn lock_head(tx: &Tx) -> Result<LockedHead> {
    tx.one(
        sql!(
            "SELECT revision, access_revision, field_revision, consent_revision, audit_seq, audit_head \
             FROM tenant_head WHERE tenant_id = $1 FOR UPDATE"
        ),
        args![],
    )
    .await?
    .ok_or_else(|| Error::internal("a tenant without a head"))
}

/// Moves the head on, and writes the change rows and the audit record of the call, in one statement.
pub(super) async fn append(tx: &Tx, ctx: &Context, head: &LockedHead, log: &Log) -> Result<()> {
    let revision = head.revision + 1;
    let moved = |touches: Touches, old: i64| {
        if log.changes.iter().any(|change| change.touches == touches) { revision } else { old }
    };
    let record = Record::new(tx, ctx, head, &log.changes);
    let sql = sql!(
        postgres: "WITH head AS (UPDATE tenant_head SET revision = $2, access_revision = $3, \
             field_revision = $4, consent_revision = $5, audit_seq = $6, audit_head = $7 \
             WHERE tenant_id = $1), \
         feed AS (INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, create_time) \
             SELECT $1, $2, r.ordinal, r.kind, r.resource_id, r.detail, $8 \
             FROM jsonb_to_recordset($9) AS r(ordinal integer, kind text, resource_id uuid, detail jsonb)), \
         entry AS (INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time) \
             VALUES ($1, $6, $2, $10, $11, $12, $13, $14, $15, $16, $7, $8)) \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $6, $17, $18)",
        sqlite: "UPDATE tenant_head SET revision = $2, access_revision = $3, field_revision = $4, \
             consent_revision = $5, audit_seq = $6, audit_head = $7 WHERE tenant_id = $1; \
         INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, create_time) \
             SELECT $1, $2, value->>'ordinal', value->>'kind', \
             unhex(replace(value->>'resource_id', '-', '')), value->>'detail', $8 FROM json_each($9); \
         INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time) \
             VALUES ($1, $6, $2, $10, $11, $12, $13, $14, $15, $16, $7, $8); \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $6, $17, $18)",
    );
    let consent = if log.consent.is_empty() { head.consent_revision } else { revision };
    let args = args![
        revision,
        moved(Touches::Access, head.access_revision),
        moved(Touches::Fields, head.field_revision),
        consent,
        head.audit_seq + 1,
        record.hash,
        record.time,
        feed(&log.changes),
        record.actor,
        record.action,
        record.resource,
        record.resource_id,
        record.workspace_id,
        record.call_id,
        record.payload_digest,
        record.salt,
        record.payload,
    ];
    tx.execute(sql, args).await.map(drop)
}

/// One audit record: one call.
struct Record {
    actor: String,
    action: &'static str,
    resource: String,
    resource_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    call_id: String,
    time: i64,
    salt: Vec<u8>,
    payload: String,
    payload_digest: [u8; 32],
    hash: [u8; 32],
}

// === impl Record ===

impl Record {
    fn new(tx: &Tx, ctx: &Context, head: &LockedHead, changes: &[Change]) -> Self {
        let first = changes.first().cloned().unwrap_or_default();
        let salt = rand::random::<[u8; 16]>().to_vec();
        let payload = payload(changes).to_string();
        let mut record = Self {
            actor: ctx.caller.to_string(),
            action: ctx.method,
            resource: first.kind.split('.').next().unwrap_or_default().to_owned(),
            resource_id: first.resource_id,
            workspace_id: first.workspace_id.map(|id| id.0),
            call_id: ctx.call_id.clone(),
            time: now(),
            payload_digest: digest(&[&salt, payload.as_bytes()]),
            salt,
            payload,
            hash: [0; 32],
        };
        let text = record.canonical(head.audit_seq + 1, head.revision + 1);
        record.hash = tx.secrets.mac(
            Use::Audit,
            &[
                &tx.tenant().0.into_bytes(),
                &head.audit_head,
                text.as_bytes(),
                &record.payload_digest,
            ],
        );
        record
    }

    /// The record as it is hashed: a JSON array, so that no two records read alike.
    fn canonical(&self, seq: i64, revision: i64) -> String {
        json!([
            seq,
            revision,
            self.actor,
            self.action,
            self.resource,
            self.resource_id,
            self.workspace_id,
            self.call_id,
            self.time
        ])
        .to_string()
    }
}

fn payload(changes: &[Change]) -> Json {
    let one = |change: &Change| {
        json!({
            "kind": change.kind,
            "resource_id": change.resource_id,
            "before": change.before,
            "after": change.after,
        })
    };
    changes.iter().map(one).collect()
}

fn feed(changes: &[Change]) -> Json {
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
        })
    };
    changes.iter().enumerate().map(one).collect()
}
