//! T-02: an id of another tenant answers as one that never was, in every field of every rpc. Generated from
//! the descriptors, so that a new rpc is held to it too.

use std::fmt;

use prost_reflect::{Kind, MessageDescriptor, MethodDescriptor};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::on_both;
use crate::support::actor::Actor;
use crate::support::dynamic::{Outcome, label, mutates, rpcs};
use crate::support::world::{World, for_operators};
use crate::support::{redact, requests};

/// An id that nothing has.
const NOBODY: &str = "0190f0e0-0000-7000-8000-00000000dead";

/// Take no id, or only one of those that are in the same resource: whosever it is, it is refused as a value.
const TAKE_NONE: [&str; 5] = [
    "AssetService/ResolveAudience segment_id",
    "WorkspaceService/CreateWorkspace grants.workspace_id",
    "SegmentationService/CreateSegmentation segmentation.segments.segment_id",
    "SegmentationService/UpdateSegmentation segmentation.segments.segment_id",
    // Beside a person.
    "TopologyService/WhoCanSee asset_id",
];

/// A place in a message, field by field.
type Place = Vec<String>;

/// The conditions of a numbered filter are those of a tree, and a tree's are the same on every level. Versions of
/// segmentations are told, and not asked.
const TOLD_ONCE: [&str; 3] =
    ["precinct.v1.NumberedFilter", "precinct.v1.FilterGroup", "precinct.v1.SegmentationVersion"];

/// The places of ids in a message, those of messages in it included. A `request_id` and an `external_id`
/// are the caller's own.
fn ids(message: &MessageDescriptor) -> Vec<Place> {
    let mut places = Vec::new();
    for field in message.fields() {
        let name = field.name().to_owned();
        match field.kind() {
            Kind::String if matches!(field.name(), "request_id" | "external_id") => {}
            Kind::String if name.ends_with("_id") || name.ends_with("_ids") => {
                places.push(vec![name]);
            }
            Kind::Message(inner) if TOLD_ONCE.contains(&inner.full_name()) => {}
            Kind::Message(inner) if inner.package_name() == "precinct.v1" && inner != *message => {
                let below = ids(&inner).into_iter();
                places.extend(below.map(|place| [vec![name.clone()], place].concat()));
            }
            _ => {}
        }
    }
    places
}

/// The value at a place, made if it is missing; of a list, its first item's. In a stream it is in the first
/// message that has the field.
fn at<'a>(json: &'a mut Json, place: &[String]) -> &'a mut Json {
    if let Json::Array(items) = json {
        let holds = |item: &Json| place.first().is_none_or(|name| item.get(name).is_some());
        let first = items.iter().position(holds).unwrap_or(0);
        if items.is_empty() {
            items.push(Json::Null);
        }
        return at(&mut items[first], place);
    }
    match place {
        [] => json,
        [name] if name.ends_with("_ids") && json.get(name).is_none() => {
            json[name] = json!([""]);
            at(&mut json[name], &[])
        }
        [name, rest @ ..] => at(&mut json[name], rest),
    }
}

/// The id that the other tenant has for a field: the one in the same place of its own request, or, where a
/// request needs none or makes a new one, the one that the name of the field asks for.
fn foreign(other: &World, request: &Json, place: &[String]) -> String {
    let name = place.last().map(String::as_str).unwrap_or_default();
    if let Json::String(id) = at(&mut request.clone(), place)
        && !id.is_empty()
        && name != "import_id"
        // The segment that everybody has.
        && id != &Uuid::nil().to_string()
    {
        return id.clone();
    }
    let id = match name.trim_end_matches('s').rsplit('_').nth(1) {
        Some("tenant") => &other.tenant.id,
        Some("workspace") => &other.workspace,
        Some("partition") => &other.partition,
        Some("person") => &other.person,
        Some("field") => &other.field,
        Some("import") => &other.import,
        Some("account") => &other.account,
        Some("key") => &other.key,
        Some("role") => &other.role,
        Some("group") => &other.group,
        Some("grant") => &other.grant,
        Some("folder") => &other.assets.folder,
        Some("program") => &other.assets.program,
        Some("list") => &other.holders.list,
        Some("form") => &other.assets.form,
        Some("segmentation") => &other.segmentations.approved,
        Some("segment") => &other.segmentations.segment,
        Some("asset" | "resource") => &other.assets.email,
        _ => panic!("tests/support/world.rs has nothing for {name}"),
    };
    id.clone()
}

/// Calls an rpc; a mutation is only tried, where it can be.
async fn attempt(caller: &Actor, rpc: &MethodDescriptor, mut request: Json) -> Outcome {
    if rpc.input().get_field_by_name("validate_only").is_some() {
        request["validate_only"] = json!(true);
    }
    caller.call(rpc, &request).await
}

/// What the caller learns, without the id that was tried and those that are new.
fn seen(outcome: &Outcome, known: &Json, id: &str) -> String {
    let replies = outcome.replies.iter().map(|one| redact::reply(one, &known.to_string()));
    let replies: Json = replies.collect();
    let refusal = outcome.refusal.as_ref().map(redact::refusal).unwrap_or_default();
    format!("{replies}\n{refusal}").replace(id, "<id>")
}

fn good(world: &World, rpc: &MethodDescriptor) -> Json {
    let request = requests::request(world, &label(rpc));
    request.unwrap_or_else(|| panic!("tests/support/requests.rs has no {}", label(rpc)))
}

/// One id of another tenant in a request of this one.
struct Probe {
    rpc: MethodDescriptor,
    request: Json,
    place: Place,
    id: String,
}

fn probes(acme: &World, globex: &World) -> Vec<Probe> {
    let mut probes = Vec::new();
    for rpc in rpcs() {
        let (request, theirs) = (good(acme, &rpc), good(globex, &rpc));
        for place in ids(&rpc.input()) {
            let id = foreign(globex, &theirs, &place);
            probes.push(Probe { rpc: rpc.clone(), request: request.clone(), place, id });
        }
    }
    assert!(probes.len() > 80, "the descriptors are read: {}", probes.len());
    probes
}

// === impl Probe ===

impl Probe {
    fn with(&self, id: &str) -> Json {
        let mut request = self.request.clone();
        if let Some(import) = request.pointer_mut("/0/header/import_id") {
            // What was imported is answered again: each call is an import of its own.
            *import = json!(Uuid::now_v7());
        }
        if let Some(filter) = self.place.iter().position(|name| name == "filter") {
            // Another filter, of the id alone, and in place of people by name.
            *at(&mut request, &self.place[..=filter]) = json!({});
            request.as_object_mut().map(|request| request.remove("person_ids"));
        }
        *at(&mut request, &self.place) = json!(id);
        if let [before @ .., target, name] = &self.place[..]
            && (target.as_str(), name.as_str()) == ("segment", "segmentation_id")
        {
            // A segmentation is named with a segment; all have Default.
            let segment = [before, &[target.clone(), "segment_id".into()]].concat();
            *at(&mut request, &segment) = json!(Uuid::nil());
        }
        request
    }

    /// Whether a trial changes nothing: a stream can only be sent in earnest.
    fn is_harmless(&self) -> bool {
        !mutates(&self.rpc) || !self.rpc.is_client_streaming()
    }

    /// The foreign id, and one that never was: what the caller learns of both is the same.
    async fn compare(&self, caller: &Actor) -> String {
        let hidden = attempt(caller, &self.rpc, self.with(&self.id)).await;
        let missing = attempt(caller, &self.rpc, self.with(NOBODY)).await;
        let hidden = seen(&hidden, &self.request, &self.id);
        let missing = seen(&missing, &self.request, NOBODY);
        assert_eq!(hidden, missing, "{self}");
        hidden
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", label(&self.rpc), self.place.join("."))
    }
}

on_both! {
    /// The requests that the sweep starts from are good: what it sees comes from the ids alone.
    async fn t_02_every_rpc_has_a_good_request(app) {
        let world = World::new(app, "acme").await;
        for rpc in rpcs() {
            let caller = world.caller(&label(&rpc));
            let outcome = attempt(&caller, &rpc, good(&world, &rpc)).await;
            assert!(outcome.refusal.is_none(), "{}: {outcome:?}", label(&rpc));
        }
    }

    /// T-02: the sweep, by an admin of one tenant, with the ids of another that is made alike.
    async fn t_02_ids_of_another_tenant_answer_as_ids_that_never_were(app) {
        let (acme, globex) = (World::new(app, "acme").await, World::new(app, "globex").await);
        let (all, admin) = (probes(&acme, &globex), acme.admin());
        let before = app.rows(&globex.tenants()).await;
        let mut trials = Vec::new();
        for one in all.iter().filter(|one| one.is_harmless()) {
            let seen = one.compare(&admin).await;
            // It is the id that decides: neither the rest of the request nor the state of the tenant.
            let refusal = seen.split_once('\n').map(|(_, refusal)| refusal).unwrap_or_default();
            let expected = match &*one.to_string() {
                place if TAKE_NONE.contains(&place) => "InvalidArgument",
                // An email has no filter, whatever is in it. Previews and segments have.
                place if place.contains("Asset asset.filter.") => "InvalidArgument",
                // Without the segmentation, a segment is none.
                place if place.ends_with(".segment.segment_id") => "InvalidArgument",
                _ if for_operators(&label(&one.rpc)) => "PermissionDenied",
                _ => "NotFound",
            };
            assert!(refusal.is_empty() || refusal.starts_with(expected), "{one}: {seen}");
            trials.push((one, seen));
        }
        assert_eq!(app.rows(&globex.tenants()).await, before);
        // In earnest: what a trial refuses is refused alike, and nothing reaches the other tenant. Refusals
        // first, while everything is as it was for the trial.
        trials.sort_by_key(|(_, seen)| seen.ends_with('\n'));
        for (one, seen) in trials.iter().filter(|(one, _)| mutates(&one.rpc)) {
            let outcome = admin.call(&one.rpc, &one.with(&one.id)).await;
            let refused = !seen.ends_with('\n');
            let again = self::seen(&outcome, &one.request, &one.id);
            assert!(!refused || again == *seen, "{one}: {again}");
        }
        for one in all.iter().filter(|one| !one.is_harmless()) {
            one.compare(&admin).await;
        }
        assert_eq!(app.rows(&globex.tenants()).await, before);
    }
}
