//! What every mutation owes its caller, whatever it changes: it can be tried, repeated, and is refused by a
//! suspended tenant. Generated from the descriptors, so that a new rpc is held to it too.

use std::collections::BTreeMap;

use precinct::domain::activity::Subject;
use precinct::id::TenantId;
use precinct::pb::ErrorReason;
use prost_reflect::{Kind, MethodDescriptor};
use serde_json::{Value as Json, json};
use tonic::Code;
use uuid::Uuid;

use crate::on_both;
use crate::support::App;
use crate::support::dynamic::{label, mutates, rpcs};
use crate::support::rows::Rows;
use crate::support::status::assert_refused;
use crate::support::world::{World, for_operators};
use crate::support::{redact, requests};

/// Streams have their own ways to be tried and repeated: people by the place of each chunk in the import, packages by
/// what their headers say.
const STREAMS: [&str; 2] = ["PersonService/ImportPeople", "TransferService/ImportPackage"];

/// Has nothing in its body but the tenant, and each tenant keeps its own answers.
const SAME_BODY: &str = "TenantService/UndeleteTenant";

const REQUEST_ID: &str = "0190f0e0-0000-4000-8000-00000000abcd";

/// Whether the messages of an rpc are not ours to choose. Those of operations do nothing again when they are repeated.
fn is_published(rpc: &MethodDescriptor) -> bool {
    rpc.parent_service().package_name() == "google.longrunning"
}

fn mutations() -> impl Iterator<Item = MethodDescriptor> {
    rpcs().filter(|rpc| mutates(rpc) && !STREAMS.contains(&&*label(rpc)) && !is_published(rpc))
}

/// H-03, H-08: the fields that the tests below go by are there.
#[test]
fn h_03_every_mutation_has_the_fields_of_one() {
    for rpc in mutations() {
        let field = |of: prost_reflect::MessageDescriptor, name| {
            of.get_field_by_name(name).map(|field| field.kind())
        };
        assert_eq!(field(rpc.input(), "request_id"), Some(Kind::String), "{}", label(&rpc));
        assert_eq!(field(rpc.input(), "validate_only"), Some(Kind::Bool), "{}", label(&rpc));
        assert_eq!(field(rpc.output(), "revision"), Some(Kind::Int64), "{}", label(&rpc));
    }
    for rpc in rpcs().filter(|rpc| !mutates(rpc)) {
        assert!(rpc.input().get_field_by_name("request_id").is_none(), "{}", label(&rpc));
    }
}

on_both! {
    /// T-04: a suspended tenant can be read, and refuses to change.
    async fn t_04_a_suspended_tenant_refuses_every_mutation(app) {
        let world = World::new(app, "acme").await;
        let id = json!({ "tenant_id": world.tenant.id });
        app.operator().make("TenantService/SuspendTenant", &id).await.ok();
        let before = app.rows(&world.tenants()).await;
        for rpc in rpcs().filter(|rpc| !for_operators(&label(rpc))) {
            let request = good(&world, &rpc);
            let outcome = world.admin().call(&rpc, &request).await;
            if mutates(&rpc) {
                let result = outcome.result();
                assert_refused(result, Code::FailedPrecondition, ErrorReason::TenantSuspended);
            } else {
                assert!(outcome.refusal.is_none(), "{}: {outcome:?}", label(&rpc));
            }
        }
        assert_eq!(app.rows(&world.tenants()).await, before);
    }

    /// K-06: reads leave no record.
    async fn k_06_reads_leave_no_record(app) {
        let world = World::new(app, "acme").await;
        let before = app.rows(&world.tenants()).await;
        for rpc in rpcs().filter(|rpc| !mutates(rpc)) {
            let outcome = world.caller(&label(&rpc)).call(&rpc, &good(&world, &rpc)).await;
            assert!(outcome.refusal.is_none(), "{}: {outcome:?}", label(&rpc));
        }
        assert!(app.rows(&world.tenants()).await == before);
    }

    /// H-03, H-08: tried, done, repeated, and misused.
    async fn h_03_every_mutation_can_be_tried_and_repeated(app) {
        for rpc in mutations() {
            examine(app, &rpc).await;
        }
    }
}

async fn examine(app: &App, rpc: &MethodDescriptor) {
    let label = label(rpc);
    let world = World::new(app, &label).await;
    let caller = world.caller(&label);
    let request = good(&world, rpc);
    let mut watched = world.tenants().to_vec();
    let before = app.rows(&watched).await;
    let mut tried = caller.call(rpc, &with(&request, "validate_only", json!(true))).await.ok();
    watched.extend(tenant(&tried));
    assert!(app.rows(&watched).await == before, "{label}: a trial left something behind");
    let request = with(&request, "request_id", json!(REQUEST_ID));
    let done = caller.call(rpc, &request).await.ok();
    let known = request.to_string();
    // Only a trial says what the call would do.
    tried.as_object_mut().and_then(|reply| reply.remove("plan"));
    assert_eq!(redact::reply(&tried, &known), redact::reply(&done, &known), "{label}");
    watched.extend(tenant(&done));
    let after = app.rows(&watched).await;
    assert_eq!(raised(&before, &after), [done["revision"].as_i64()], "H-08: {label}");
    recorded(&before, &after, &label);
    assert_eq!(caller.call(rpc, &request).await.ok(), done, "{label}: the repeat");
    assert!(app.rows(&watched).await == after, "{label}: the repeat did something");
    match another(rpc, &request) {
        None => assert_eq!(label, SAME_BODY),
        Some(other) => {
            let result = caller.call(rpc, &other).await.result();
            assert_refused(result, Code::InvalidArgument, ErrorReason::RequestIdReused);
            assert!(app.rows(&watched).await == after, "{label}: the misuse did something");
        }
    }
}

/// K-06: the call left one record, which says who did what, and what was before and after.
fn recorded(before: &BTreeMap<TenantId, Rows>, after: &BTreeMap<TenantId, Rows>, label: &str) {
    let old = |tenant: &TenantId| before.get(tenant).map_or(0, |rows| rows.audits.len());
    let new = after.iter().flat_map(|(tenant, rows)| {
        rows.audits[old(tenant)..].iter().map(move |record| (record, rows))
    });
    let new: Vec<_> = new.collect();
    let [(record, rows)] = new[..] else { panic!("{label}: {} records", new.len()) };
    assert_eq!((record.action.as_str(), record.refusal.as_str()), (label, ""));
    let operators = if for_operators(label) { "platform:ops" } else { "user:owner" };
    assert_eq!(record.actor, operators, "{label}");
    assert_eq!(record.request_id, REQUEST_ID.parse().ok(), "{label}");
    assert!(Subject::of(&record.kind).is_some(), "{label}: {} shows nowhere", record.kind);
    let payload = rows.payloads.iter().find(|one| one.seq == record.seq).expect(label);
    let changes: Vec<Json> = serde_json::from_str(&payload.payload).expect(label);
    assert_eq!(changes[0]["kind"], json!(record.kind), "{label}");
    for change in changes {
        let (before, after) = (!change["before"].is_null(), !change["after"].is_null());
        let verb = change["kind"].as_str().unwrap().split_once('.').unwrap().1;
        let told = match verb {
            "updated" | "moved" | "shared" | "unshared" | "primary_changed" => before && after,
            "created" | "started" | "cloned" | "members_added" => after,
            "deleted" | "members_removed" => before,
            _ => before || after,
        };
        assert!(told, "{label}: {change}");
    }
}

/// The tenant that a reply is about.
fn tenant(reply: &Json) -> Option<TenantId> {
    reply["tenant"]["tenant_id"].as_str()?.parse().ok()
}

/// The new revisions of the tenants whose revision is one more than before; nothing for one that jumped.
fn raised(before: &BTreeMap<TenantId, Rows>, after: &BTreeMap<TenantId, Rows>) -> Vec<Option<i64>> {
    let revision = |rows: Option<&Rows>| rows.map_or(0, |rows| rows.heads[0].revision);
    let moved = after.iter().filter_map(|(tenant, rows)| {
        let (old, new) = (revision(before.get(tenant)), revision(Some(rows)));
        (old != new).then(|| Some(new).filter(|new| *new == old + 1))
    });
    moved.collect()
}

fn good(world: &World, rpc: &MethodDescriptor) -> Json {
    let request = requests::request(world, &label(rpc));
    request.unwrap_or_else(|| panic!("tests/support/requests.rs has no {}", label(rpc)))
}

fn with(request: &Json, field: &str, value: Json) -> Json {
    let mut request = request.clone();
    request[field] = value;
    request
}

/// A request that differs in its body.
fn another(rpc: &MethodDescriptor, request: &Json) -> Option<Json> {
    if rpc.input().get_field_by_name("etag").is_some() {
        return Some(with(request, "etag", json!("another")));
    }
    let mut other = request.clone();
    vary(&mut other).then_some(other)
}

/// Changes the first value that is neither the tenant's, nor the request's own id, nor a filter's text, nor an enum's.
fn vary(json: &mut Json) -> bool {
    match json {
        Json::Object(fields) => fields.iter_mut().any(|(name, value)| {
            !matches!(name.as_str(), "tenant_id" | "request_id" | "text") && vary(value)
        }),
        Json::Array(items) => items.iter_mut().any(vary),
        Json::String(text) if Uuid::parse_str(text).is_ok() => {
            *text = Uuid::nil().to_string();
            true
        }
        Json::String(text) if text.chars().any(char::is_lowercase) => {
            text.push('x');
            true
        }
        _ => false,
    }
}
