//! The audit log and the change feed: what every write leaves behind, in order, tamper-evident.

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::log::Log;
use super::scope::Scope;
use super::write::{Change, Touches, Tx};
use crate::clock::{Micros, now};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secret::{Secrets, Use, digest};
use crate::{args, sql};

/// How many records are checked at once.
const SLICE: i64 = 1_000;

/// The head of the tenant, locked until the commit.
#[derive(FromQueryResult)]
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

/// Moves the head on, and writes the change rows and the audit record of the call, in one statement.
pub(super) async fn append(tx: &Tx, ctx: &Context, head: &LockedHead, log: &Log) -> Result<()> {
    let revision = head.revision + 1;
    let moved = |touches: Touches, old: i64| {
        if log.touches(touches) { revision } else { old }
    };
    let record = Record::new(tx, ctx, head, &log.changes);
    let sql = sql!(
        postgres: "WITH head AS (UPDATE tenant_head SET revision = $2, access_revision = $3, \
             field_revision = $4, consent_revision = $5, audit_seq = $6, audit_head = $7, \
             segment_revision = $19, routing_revision = $20 WHERE tenant_id = $1), \
         feed AS (INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, flow, create_time) \
             SELECT $1, $2, r.ordinal, r.kind, r.resource_id, r.detail, r.flow, $8 \
             FROM jsonb_to_recordset($9) AS r(ordinal integer, kind text, resource_id uuid, detail jsonb, flow jsonb)), \
         entry AS (INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time) \
             VALUES ($1, $6, $2, $10, $11, $12, $13, $14, $15, $16, $7, $8)) \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $6, $17, $18)",
        sqlite: "UPDATE tenant_head SET revision = $2, access_revision = $3, field_revision = $4, \
             consent_revision = $5, audit_seq = $6, audit_head = $7, segment_revision = $19, \
             routing_revision = $20 WHERE tenant_id = $1; \
         INSERT INTO change (tenant_id, revision, ordinal, kind, resource_id, detail, flow, create_time) \
             SELECT $1, $2, value->>'ordinal', value->>'kind', \
             unhex(replace(value->>'resource_id', '-', '')), value->>'detail', value->>'flow', $8 FROM json_each($9); \
         INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, resource_id, \
             workspace_id, call_id, payload_digest, hash, create_time) \
             VALUES ($1, $6, $2, $10, $11, $12, $13, $14, $15, $16, $7, $8); \
         INSERT INTO audit_payload (tenant_id, seq, salt, payload) VALUES ($1, $6, $17, $18)",
    );
    let consent = if log.consent.is_empty() { head.consent_revision } else { revision };
    let segments = if log.segments { revision } else { head.segment_revision };
    let args = args![
        revision,
        moved(Touches::Access, head.access_revision),
        moved(Touches::Fields, head.field_revision),
        consent,
        head.audit_seq + 1,
        record.hash,
        record.create_time,
        feed(log),
        record.actor,
        record.action,
        record.resource,
        record.resource_id,
        record.workspace_id,
        record.call_id,
        record.payload_digest,
        record.salt.unwrap_or_default(),
        record.payload,
        segments,
        moved(Touches::Routing, head.routing_revision),
    ];
    tx.execute(sql, args).await?;
    if log.touches(Touches::Access) {
        follow(tx, revision, &log.changes).await?;
    }
    Ok(())
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

impl Change {
    /// The thing that an index has to look at again: a binding stands in its workspace, a key in its account.
    fn thing(&self) -> (&'static str, Uuid) {
        let noun = self.kind.split('.').next().unwrap_or_default();
        match (noun, self.workspace_id) {
            ("binding", Some(workspace)) => ("workspace", workspace.0),
            _ => (noun, self.resource_id.unwrap_or_default()),
        }
    }
}

/// One audit record: one call.
#[derive(FromQueryResult)]
struct Record {
    seq: i64,
    revision: i64,
    actor: String,
    action: String,
    resource: String,
    resource_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    call_id: String,
    payload_digest: Vec<u8>,
    hash: Vec<u8>,
    create_time: Micros,
    /// Gone with the payload, once what it tells of has been erased.
    salt: Option<Vec<u8>>,
    payload: Option<String>,
}

// === impl Record ===

impl Record {
    fn new(tx: &Tx, ctx: &Context, head: &LockedHead, changes: &[Change]) -> Self {
        let first = changes.first().cloned().unwrap_or_default();
        let salt = rand::random::<[u8; 16]>().to_vec();
        let payload = payload(changes).to_string();
        let mut record = Self {
            seq: head.audit_seq + 1,
            revision: head.revision + 1,
            actor: ctx.caller.to_string(),
            action: ctx.method.to_owned(),
            resource: first.kind.split('.').next().unwrap_or_default().to_owned(),
            resource_id: first.resource_id,
            workspace_id: first.workspace_id.map(|id| id.0),
            call_id: ctx.call_id.clone(),
            payload_digest: digest(&[&salt, payload.as_bytes()]).to_vec(),
            hash: Vec::new(),
            create_time: now(),
            salt: Some(salt),
            payload: Some(payload),
        };
        record.hash = record.chain(tx, &tx.secrets, &head.audit_head).to_vec();
        record
    }

    /// The hash of the record after the one before it.
    fn chain(&self, scope: &Scope, secrets: &Secrets, previous: &[u8]) -> [u8; 32] {
        let tenant = scope.tenant().0.into_bytes();
        let text = self.canonical();
        secrets.mac(Use::Audit, &[&tenant, previous, text.as_bytes(), &self.payload_digest])
    }

    /// The record as it is hashed: a JSON array, so that no two records read alike.
    fn canonical(&self) -> String {
        json!([
            self.seq,
            self.revision,
            self.actor,
            self.action,
            self.resource,
            self.resource_id,
            self.workspace_id,
            self.call_id,
            self.create_time
        ])
        .to_string()
    }

    /// What is wrong with the record, after one with this number and hash.
    fn flaw(&self, scope: &Scope, secrets: &Secrets, seq: i64, previous: &[u8]) -> Option<Flaw> {
        if self.seq != seq + 1 {
            return Some(Flaw::Missing(seq + 1));
        }
        if self.hash != self.chain(scope, secrets, previous) {
            return Some(Flaw::Record(self.seq));
        }
        let (salt, payload) = (self.salt.as_ref()?, self.payload.as_ref()?);
        let whole = self.payload_digest == digest(&[salt, payload.as_bytes()]);
        (!whole).then_some(Flaw::Payload(self.seq))
    }
}

/// What is wrong with an audit log, at the first record where anything is (K-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The record of this number is not there.
    Missing(i64),
    /// The record of this number is not the one that was written here.
    Record(i64),
    /// Before and after of the record of this number are not the ones that were written.
    Payload(i64),
    /// The tenant's head knows of another end than the record of this number.
    End(i64),
}

/// Checks the tenant's audit log from its first record to its last.
pub async fn verify(scope: &Scope, secrets: &Secrets) -> Result<Option<Flaw>> {
    let (mut seq, mut hash) = (0, vec![0; 32]);
    loop {
        let records = after(scope, seq).await?;
        for record in &records {
            if let Some(flaw) = record.flaw(scope, secrets, seq, &hash) {
                return Ok(Some(flaw));
            }
            (seq, hash) = (record.seq, record.hash.clone());
        }
        if records.is_empty() {
            let ends = end(scope).await? == (seq, hash);
            return Ok((!ends).then_some(Flaw::End(seq)));
        }
    }
}

/// The next records.
async fn after(scope: &Scope, seq: i64) -> Result<Vec<Record>> {
    scope
        .all(
            sql!(
                "SELECT a.*, p.salt, p.payload FROM audit a \
                 LEFT JOIN audit_payload p ON p.tenant_id = $1 AND p.seq = a.seq \
                 WHERE a.tenant_id = $1 AND a.seq > $2 ORDER BY a.seq LIMIT $3"
            ),
            args![seq, SLICE],
        )
        .await
}

/// Where the tenant's head says that the log ends.
async fn end(scope: &Scope) -> Result<(i64, Vec<u8>)> {
    #[derive(FromQueryResult)]
    struct End {
        audit_seq: i64,
        audit_head: Vec<u8>,
    }
    let sql = sql!("SELECT audit_seq, audit_head FROM tenant_head WHERE tenant_id = $1");
    let found: Option<End> = scope.one(sql, args![]).await?;
    let found = found.ok_or_else(|| Error::internal("a tenant without a head"))?;
    Ok((found.audit_seq, found.audit_head))
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
