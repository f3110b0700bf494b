//! What is kept of one call: one access line and one set of counts, however the call ends.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use tonic::Code;
use uuid::{Builder, Uuid};

use super::method::Method;
use super::metrics::{Metrics, code_name};
use super::slots::Slot;
use crate::clock::now;
use crate::context::{Caller, Context, Source, Through};
use crate::error::{Reason, wire_name};
use crate::id::TenantId;
use crate::repository::Store;
use crate::repository::last_use::{Uses, key_name};
use crate::repository::usage::Counts;

/// The metadata key of a call's id, both ways.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// The record of one call; written when it is dropped, at the end of the reply or when the caller left.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) call_id: String,
    pub(super) method: Option<&'static Method>,
    caller: Option<Caller>,
    used: Option<Used>,
    outcome: Option<(Code, Option<String>)>,
    slot: Option<Slot>,
    started: Instant,
    metrics: Arc<Metrics>,
}

/// What a call uses (K-05), and what counts as used if it ends well (W-10).
#[derive(Debug)]
struct Used {
    uses: Uses,
    counts: Counts,
    source: Source,
    through: Through,
}

// === impl Record ===

impl Record {
    /// A call begins.
    pub(super) fn new(
        metrics: Arc<Metrics>,
        method: Option<&'static Method>,
        headers: &HeaderMap,
    ) -> Self {
        if let Some(method) = method {
            metrics.start(method);
        }
        Self {
            call_id: call_id(headers),
            method,
            caller: None,
            used: None,
            outcome: None,
            slot: None,
            started: Instant::now(),
            metrics,
        }
    }

    /// The caller has proved itself.
    pub(super) fn caller(&mut self, caller: &Caller) {
        self.caller = Some(caller.clone());
    }

    /// Where to note what the call uses.
    pub(super) fn used(&mut self, store: &Store, context: &Context) {
        let (uses, counts) = (store.uses().clone(), store.counts().clone());
        let (source, through) = (context.source.clone(), context.through.clone());
        self.used = Some(Used { uses, counts, source, through });
    }

    /// The reply's status is known.
    pub(super) fn outcome(&mut self, code: Code, reason: Option<String>) {
        if let Some(used) = self.used.take()
            && let Some(Caller::Member { tenant, principal }) = &self.caller
        {
            used.note(*tenant, principal.as_str(), code == Code::Ok, reason.as_deref());
        }
        self.outcome = Some((code, reason));
    }

    /// The call takes its room until the reply has ended.
    pub(super) fn hold(&mut self, slot: Slot) -> Option<Slot> {
        self.slot.replace(slot)
    }
}

// === impl Used ===

impl Used {
    /// The call was answered. One that was refused counts as the tenant's, and as nobody's use of a workspace.
    fn note(self, tenant: TenantId, subject: &str, good: bool, reason: Option<&str>) {
        let (time, through) = (now(), self.through.workspace().filter(|_| good));
        if reason != Some(wire_name(Reason::TenantNotFound)) {
            self.counts.call(tenant, through, time);
        }
        if let Some(workspace) = through {
            self.uses.note(tenant, subject, Some(workspace), time);
        }
        if let Source::ApiKey { id } = self.source
            && good
        {
            self.uses.note(tenant, subject, None, time);
            self.uses.note(tenant, &key_name(id), None, time);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let (code, reason) = self.outcome.take().unwrap_or((Code::Cancelled, None));
        if let Some(method) = self.method {
            self.metrics.handle(method, code, took);
        }
        let rpc = self.method.map_or("unknown", |method| &method.label);
        let code = code_name(code);
        let duration_ms = took.as_secs_f64() * 1_000.0;
        let (tenant, principal) = names(self.caller.as_ref());
        let request_id = self.call_id.as_str();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "precinct::access",
                    rpc, code, reason, duration_ms, tenant, principal, request_id
                )
            };
        }
        // Probes come every second or so and say nothing.
        if self.method.is_some_and(|method| method.open) { line!(debug) } else { line!(info) }
    }
}

fn names(caller: Option<&Caller>) -> (Option<String>, Option<String>) {
    let tenant = match caller {
        Some(Caller::Member { tenant, .. }) => Some(tenant.to_string()),
        Some(Caller::Operator { acting_on, .. }) => acting_on.map(|tenant| tenant.to_string()),
        None => None,
    };
    (tenant, caller.map(Caller::to_string))
}

/// The caller's id of the call if it is one that fits on a line, else a new one.
fn call_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).map(|value| value.as_bytes());
    let usable = given.filter(|id| {
        (1..=128).contains(&id.len()) && id.iter().all(|byte| (b' '..=b'~').contains(byte))
    });
    match usable.and_then(|id| std::str::from_utf8(id).ok()) {
        Some(id) => id.to_owned(),
        None => new_id().to_string(),
    }
}

/// A UUIDv7 from the thread's own random numbers. It names a call in logs and opens nothing, so it may be guessed;
/// asking the system for randomness at each call costs more than all the rest of the id.
fn new_id() -> Uuid {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_ids_are_kept_if_printable_and_short() {
        let id = |value: &[u8]| {
            let value = http::HeaderValue::from_bytes(value).unwrap();
            call_id(&HeaderMap::from_iter([(http::HeaderName::from_static(REQUEST_ID), value)]))
        };
        assert_eq!(id(b"order 7"), "order 7");
        for replaced in [&b""[..], &[b'x'; 129], b"tab\there", b"\xc3\xa9"] {
            assert_eq!(Uuid::parse_str(&id(replaced)).unwrap().get_version_num(), 7);
        }
        assert_eq!(Uuid::parse_str(&call_id(&HeaderMap::new())).unwrap().get_version_num(), 7);
    }
}
