//! Activity and audit records between the wire and the use cases.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::timestamp;
use crate::error::by_wire_name;
use crate::grpc::decode::Fields;
use crate::id::WorkspaceId;
use crate::pb;
use crate::repository::audit::{Filter, Flaw};
use crate::repository::sql::hex;
use crate::service::activity::{Activity, Entry, Shown, Told, Verified};

/// Which records, as callers write it.
pub(super) fn filter(fields: &mut Fields, filter: &pb::AuditFilter) -> Filter {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let refused = match pb::AuditOutcome::try_from(filter.outcome) {
        Ok(pb::AuditOutcome::Unspecified) => None,
        Ok(outcome) => Some(outcome == pb::AuditOutcome::Refused),
        Err(_) => {
            fields.violate("filter.outcome", "must be one of AuditOutcome");
            None
        }
    };
    Filter {
        actor: text(&filter.actor),
        action: text(&filter.action),
        noun: text(&filter.resource_kind),
        resource: fields.optional_id("filter.resource_id", &filter.resource_id),
        refused,
        since: fields.optional_time("filter.since", filter.since.as_ref()),
        until: fields.optional_time("filter.until", filter.until.as_ref()),
    }
}

fn id(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn json(value: &Json) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

impl From<Activity> for pb::Activity {
    fn from(activity: Activity) -> Self {
        let record = activity.record;
        let workspace = |(id, display_name): (WorkspaceId, String)| pb::ActivityWorkspace {
            workspace_id: id.to_string(),
            display_name,
        };
        Self {
            revision: record.revision,
            create_time: Some(timestamp(record.create_time)),
            actor: record.actor,
            action: record.action,
            kind: record.kind,
            resource_id: id(record.resource_id),
            display_name: activity.name,
            workspaces: activity.workspaces.into_iter().map(workspace).collect(),
            fields: activity.fields,
            summary: activity.summary,
        }
    }
}

impl From<Entry> for pb::AuditEntry {
    fn from(entry: Entry) -> Self {
        let record = entry.record;
        let outcome = match record.refusal.is_empty() {
            true => pb::AuditOutcome::Done,
            false => pb::AuditOutcome::Refused,
        };
        let reason = by_wire_name(&record.refusal);
        let erased = matches!(entry.told, Told::Erased);
        let changes = match entry.told {
            Told::Changes(changes) => changes.into_iter().map(Into::into).collect(),
            Told::Nothing | Told::Erased => Vec::new(),
        };
        Self {
            seq: record.seq,
            revision: record.revision,
            create_time: Some(timestamp(record.create_time)),
            actor: record.actor,
            action: record.action,
            kind: record.kind,
            resource_id: id(record.resource_id),
            workspace_ids: entry.workspaces.iter().map(ToString::to_string).collect(),
            fields: entry.fields,
            call_id: record.call_id,
            request_id: id(record.request_id),
            outcome: outcome.into(),
            reason: reason.unwrap_or_default().into(),
            permission: entry.lacked,
            changes,
            erased,
        }
    }
}

impl From<Shown> for pb::AuditChange {
    fn from(shown: Shown) -> Self {
        let change = shown.change;
        Self {
            before: json(&change.before),
            after: json(&change.after),
            kind: change.kind,
            resource_id: id(change.resource_id),
            withheld: shown.withheld,
        }
    }
}

impl From<Verified> for pb::VerifyAuditLogResponse {
    fn from(verified: Verified) -> Self {
        let progress = verified.progress;
        Self {
            verified_seq: progress.mark.seq,
            verified_hash: hex(&progress.mark.hash),
            intact: progress.whole && progress.flaw.is_none(),
            flaw: progress.flaw.map(Into::into),
            continue_token: verified.next,
        }
    }
}

impl From<Flaw> for pb::AuditFlaw {
    fn from(flaw: Flaw) -> Self {
        use pb::AuditFlawKind as Kind;
        let kind = match flaw {
            Flaw::Missing(_) => Kind::Missing,
            Flaw::Changed(_) => Kind::Changed,
            Flaw::Payload(_) => Kind::PayloadChanged,
            Flaw::Workspaces(_) => Kind::WorkspacesChanged,
            Flaw::Order(_) => Kind::Order,
            Flaw::Tail(_) => Kind::TailCut,
            Flaw::Head(_) => Kind::HeadChanged,
        };
        Self { kind: kind.into(), seq: flaw.seq(), text: flaw.to_string() }
    }
}
