//! One record of the audit log: one call that was done, or one that was refused. Each is hashed with the one before.

use std::collections::BTreeSet;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{LockedHead, MINUTE};
use crate::clock::{Micros, now};
use crate::context::{Context, Lack};
use crate::domain::activity::{About, Subject, noun};
use crate::error::{Reason, wire_name};
use crate::id::{TenantId, WorkspaceId};
use crate::repository::{Change, Tx};
use crate::secret::{Secrets, Use, digest};

/// How records are hashed now: all that stands in them. Those of the first form know no more than who, what and when.
const FORMAT: i32 = 2;

/// A record as it stands in its row.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Record {
    /// Its number in the tenant's log, from 1, without a gap.
    pub seq: i64,
    /// The tenant's revision after the call; of a refusal, the one that it met.
    pub revision: i64,
    /// Who called.
    pub actor: String,
    /// The rpc.
    pub action: String,
    /// What happened above all, as `noun.verb`; empty for a refusal.
    pub kind: String,
    /// The noun of that.
    pub resource: String,
    /// What it happened to, where it is one thing.
    pub resource_id: Option<Uuid>,
    /// The workspace through which it happened.
    pub workspace_id: Option<Uuid>,
    /// The id of the call.
    pub call_id: String,
    /// The `request_id` of the call.
    pub request_id: Option<Uuid>,
    /// The reason that the call was refused with; empty: it was done.
    pub refusal: String,
    /// Of a refusal, the minute that it fell in.
    pub(super) refusal_minute: Option<i64>,
    /// An [`About`].
    pub(super) about: String,
    pub(super) format: i32,
    pub(super) payload_digest: Vec<u8>,
    pub(super) hash: Vec<u8>,
    /// When.
    pub create_time: Micros,
}

/// Before and after of a record, with the salt that keeps its digest from being guessed.
pub(super) struct Payload {
    pub(super) salt: Vec<u8>,
    pub(super) text: String,
}

/// A record that comes next, with what goes with it.
pub(super) struct Next {
    pub(super) record: Record,
    pub(super) payload: Payload,
    pub(super) about: About,
}

// === impl Next ===

impl Next {
    /// The record of a call that was done.
    pub(super) fn of_changes(
        tx: &Tx,
        ctx: &Context,
        head: &LockedHead,
        changes: &[Change],
    ) -> Self {
        let first = changes.first().cloned().unwrap_or_default();
        let mut about = About::default();
        for change in changes {
            about.workspaces.extend(change.workspace_id);
            about.learn(&change.detail);
        }
        about.fields.sort_unstable();
        about.fields.dedup();
        let reads = Subject::of(first.kind).map(|subject| subject.reads().name());
        about.reads = reads.unwrap_or_default().to_owned();
        let record = Record {
            revision: head.revision + 1,
            kind: first.kind.to_owned(),
            resource: noun(first.kind).to_owned(),
            resource_id: first.resource_id,
            workspace_id: first.workspace_id.map(|id| id.0),
            ..Record::new(ctx, head)
        };
        Self::chained(tx, head, record, about, payload(changes).to_string())
    }

    /// The record of a call that was refused, for want of a right.
    pub(super) fn of_refusal(
        tx: &Tx,
        ctx: &Context,
        head: &LockedHead,
        reason: Reason,
        lack: Lack,
    ) -> Self {
        let about = About {
            workspaces: lack.workspace.into_iter().collect(),
            lacked: lack.permission.to_owned(),
            ..About::default()
        };
        let record = Record::new(ctx, head);
        let record = Record {
            workspace_id: lack.workspace.map(|id| id.0),
            refusal: wire_name(reason).to_owned(),
            refusal_minute: Some(record.create_time / MINUTE),
            ..record
        };
        Self::chained(tx, head, record, about, payload(&[]).to_string())
    }

    fn chained(tx: &Tx, head: &LockedHead, record: Record, about: About, text: String) -> Self {
        let payload = Payload { salt: rand::random::<[u8; 16]>().to_vec(), text };
        let mut record =
            Record { about: json!(about).to_string(), payload_digest: payload.digest(), ..record };
        record.hash = record.chain(tx.tenant(), &tx.secrets, &head.audit_head).to_vec();
        Self { record, payload, about }
    }

    /// The places by which the record is found: the workspaces, or the tenant itself.
    pub(super) fn places(&self) -> Json {
        let place = |id: &Uuid| json!({ "workspace_id": id, "reads": self.about.reads });
        places(&self.about.workspaces).iter().map(place).collect()
    }
}

/// The places of a record that concerns these workspaces; the nil UUID is that of the tenant itself.
pub(super) fn places(workspaces: &BTreeSet<WorkspaceId>) -> Vec<Uuid> {
    match workspaces.is_empty() {
        true => vec![Uuid::nil()],
        false => workspaces.iter().map(|id| id.0).collect(),
    }
}

// === impl Record ===

impl Record {
    fn new(ctx: &Context, head: &LockedHead) -> Self {
        Self {
            seq: head.audit_seq + 1,
            revision: head.revision,
            actor: ctx.caller.to_string(),
            action: ctx.method.to_owned(),
            kind: String::new(),
            resource: String::new(),
            resource_id: None,
            workspace_id: None,
            call_id: ctx.call_id.clone(),
            request_id: ctx.mutation.request.as_ref().map(|request| request.id),
            refusal: String::new(),
            refusal_minute: None,
            about: String::new(),
            format: FORMAT,
            payload_digest: Vec::new(),
            hash: Vec::new(),
            create_time: now(),
        }
    }

    /// What the record concerns. Of one from before this was kept, the workspace alone.
    pub fn about(&self) -> About {
        let old = || About {
            workspaces: self.workspace_id.map(WorkspaceId).into_iter().collect(),
            ..About::default()
        };
        serde_json::from_str(&self.about).unwrap_or_else(|_| old())
    }

    /// The mark of this history: another one has another record of the revision, if it has one.
    pub(super) fn epoch(&self) -> i64 {
        self.hash.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }

    /// The hash of the record after the one before it.
    pub(super) fn chain(&self, tenant: TenantId, secrets: &Secrets, previous: &[u8]) -> [u8; 32] {
        let tenant = tenant.0.into_bytes();
        let text = self.canonical();
        secrets.mac(Use::Audit, &[&tenant, previous, text.as_bytes(), &self.payload_digest])
    }

    /// The record as it is hashed: a JSON array, so that no two records read alike.
    fn canonical(&self) -> String {
        let Self { seq, revision, actor, action, resource, .. } = self;
        let (id, workspace, call, time) =
            (self.resource_id, self.workspace_id, &self.call_id, self.create_time);
        let old = json!([seq, revision, actor, action, resource, id, workspace, call, time]);
        let Json::Array(mut all) = old else { return String::new() };
        if self.format != 1 {
            let Self { format, kind, request_id, refusal, refusal_minute, about, .. } = self;
            let more = json!([format, kind, request_id, refusal, refusal_minute, about]);
            all.extend(more.as_array().into_iter().flatten().cloned());
        }
        Json::Array(all).to_string()
    }
}

// === impl Payload ===

impl Payload {
    /// What the record says of it, without telling what it is.
    pub(super) fn digest(&self) -> Vec<u8> {
        digest(&[&self.salt, self.text.as_bytes()]).to_vec()
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
