//! H-04, of every list: pages of any size make up the same walk, and a token is good for its own query only.
//! The lists are found in the descriptors, so that a new one is held to it too.

mod fill;

use std::collections::BTreeSet;

use precinct::pb::ErrorReason;
use prost_reflect::{Kind, MethodDescriptor};
use serde_json::{Value as Json, json};
use tonic::Code;

use crate::on_both;
use crate::support::App;
use crate::support::access::built_in;
use crate::support::actor::Actor;
use crate::support::dynamic::{label, rpcs};
use crate::support::requests;
use crate::support::status::{assert_refused, fields};
use crate::support::world::{World, for_operators};

/// Whether the caller sees a row, in the order in which they are made: hidden ones first, last and between.
const ROWS: [bool; 11] = [false, true, true, false, true, true, false, false, true, true, false];

/// As many as a page may have, and some.
const MANY: usize = 1_003;

fn lists() -> impl Iterator<Item = MethodDescriptor> {
    rpcs().filter(|rpc| rpc.input().get_field_by_name("page_token").is_some())
}

/// A list of a world, and how to fill it.
#[derive(Clone)]
struct List {
    rpc: MethodDescriptor,
    world: World,
    caller: Actor,
    request: Json,
}

// === impl List ===

impl List {
    async fn new(app: &App, rpc: MethodDescriptor, tenant: &str) -> Self {
        let label = label(&rpc);
        let world = World::new(app, tenant).await;
        let request = match label.as_str() {
            // Of one workspace and of all its partitions: what is narrower has no pages.
            "PartitionService/ListBindings" | "PersonService/ListPeople" => {
                json!({ "workspace_id": world.workspace })
            }
            _ => requests::request(&world, &label).expect("tests/support/requests.rs has all"),
        };
        if label == "PersonService/FindDuplicates" {
            let settings = json!({ "duplicate_policy": "DUPLICATE_POLICY_ALLOW" });
            let allow = json!({ "tenant": { "settings": settings } });
            world.admin().make("TenantService/UpdateTenant", &allow).await.ok();
        }
        Self { caller: world.caller(&label), rpc, world, request }
    }

    /// The same request for other rows, or for the same in another order, in every way that there is.
    fn other_queries(&self) -> Vec<Json> {
        let mut queries = Vec::new();
        let operations = label(&self.rpc) == "Operations/ListOperations";
        for field in self.rpc.input().fields() {
            let value = match (field.name(), field.kind()) {
                ("filter", _) if operations => json!("done=true"),
                ("order_by", _) => json!("create_time desc"),
                ("workspace_id", _) => json!(self.world.tenant.default_workspace),
                ("service_account_id" | "list_id" | "program_id" | "person_id", _) => {
                    json!(uuid::Uuid::nil())
                }
                // The nil UUID is a segment.
                ("segment_id", _) => json!(uuid::Uuid::max()),
                ("partition_id", _) => json!(self.world.partition),
                ("principal", _) => json!("user:row01"),
                ("role_id", _) => json!(built_in("Viewer")),
                ("group_id", _) => json!(uuid::Uuid::nil()),
                ("partition_ids", _) => json!([self.world.partition]),
                (_, Kind::Bool) => json!(true),
                _ => continue,
            };
            let mut query = self.request.clone();
            query[field.name()] = value;
            queries.push(query);
        }
        queries
    }

    async fn refuses(&self, token: &str) {
        let result = self.try_page(1, token).await;
        let status = result.expect_err(&format!("{} {}", label(&self.rpc), self.request));
        assert_refused(Err::<(), _>(status), Code::InvalidArgument, ErrorReason::InvalidPageToken);
    }

    /// Tokens that differ in one character, are cut short, or never were any.
    async fn refuses_made_up_tokens(&self, token: &str) {
        for at in 0..token.len() {
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut forged = token.to_owned();
            forged.replace_range(at..=at, other);
            self.refuses(&forged).await;
        }
        let (short, long) = (&token[..token.len() - 1], format!("{token}A"));
        for token in [short, &long, &token.repeat(100), "x", "%%%", "\u{1f984}"] {
            self.refuses(token).await;
        }
    }

    /// One page: its items and the token of the next.
    async fn page(&self, size: i32, token: &str) -> (Vec<Json>, String) {
        let mut reply = self.try_page(size, token).await.unwrap();
        let token = reply["next_page_token"].take();
        // Counts, and how far a page can be trusted, come with every page, and are no rows of it.
        let beside = ["by_partition", "coverage"];
        let mut lists = reply.as_object_mut().unwrap().iter_mut();
        let items =
            lists.find(|(name, value)| value.is_array() && !beside.contains(&name.as_str()));
        let items = items.map(|(_, items)| items.as_array_mut().unwrap().split_off(0));
        (items.unwrap_or_default(), token.as_str().unwrap_or_default().to_owned())
    }

    async fn try_page(&self, size: i32, token: &str) -> Result<Json, tonic::Status> {
        let mut request = self.request.clone();
        request["page_size"] = json!(size);
        request["page_token"] = json!(token);
        self.caller.call(&self.rpc, &request).await.result().map(|mut replies| replies.remove(0))
    }

    /// All items, page by page; no page but the last is smaller than asked for.
    async fn walk(&self, size: i32) -> Vec<Json> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let (items, next) = self.page(size, &token).await;
            let full = usize::try_from(size).unwrap();
            assert!(
                items.len() == full || next.is_empty(),
                "{}: {}",
                label(&self.rpc),
                items.len()
            );
            assert!(items.len() <= full, "{}: {}", label(&self.rpc), items.len());
            all.extend(items);
            token = next;
            if token.is_empty() {
                return all;
            }
        }
    }
}

on_both! {
    /// H-04: whatever the size of the pages, the walk is the same, and holds what the caller sees once.
    async fn h_04_pages_of_any_size_make_up_the_same_walk(app) {
        for rpc in lists() {
            let list = List::new(app, rpc, "acme").await;
            let label = label(&list.rpc);
            let before = list.walk(1_000).await;
            list.fill(&ROWS).await;
            let all = list.walk(1_000).await;
            let once: BTreeSet<String> = all.iter().map(Json::to_string).collect();
            let added = ROWS.iter().filter(|seen| **seen).count();
            assert_eq!((all.len(), once.len()), (before.len() + added, before.len() + added), "{label}");
            let whole = i32::try_from(all.len()).unwrap();
            for size in [1, 2, 3, 5, whole - 1, whole, whole + 1] {
                if size > 0 {
                    assert_eq!(list.walk(size).await, all, "{label} by {size}");
                }
            }
            assert_eq!(list.page(0, "").await.0, all[..all.len().min(50)], "{label} by 0");
            for size in [1_001, i32::MAX] {
                assert_eq!(list.page(size, "").await, (all.clone(), String::new()), "{label} by {size}");
            }
            let refused = list.try_page(-1, "").await;
            let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
            assert_eq!(fields(&status), ["page_size"], "{label}");
        }
    }

    /// H-04: more than 1,000 is taken as 1,000; 0 as 50.
    async fn h_04_a_page_has_at_most_a_thousand_items(app) {
        for name in ["PersonService/ListPeople", "PersonService/FindDuplicates"] {
            let rpc = lists().find(|rpc| label(rpc) == name).unwrap();
            let list = List::new(app, rpc, "acme").await;
            list.add_people(0..MANY, true).await;
            if name.ends_with("Duplicates") {
                list.add_twins(0..MANY, true).await;
            }
            let (default, _) = list.page(0, "").await;
            assert_eq!(default.len(), 50, "{name}");
            let (first, token) = list.page(i32::MAX, "").await;
            assert_eq!(first.len(), 1_000, "{name}");
            assert_eq!(list.page(1_000, "").await, (first.clone(), token.clone()), "{name}");
            let (rest, end) = list.page(1_001, &token).await;
            assert_eq!((first.len() + rest.len() >= MANY, end.as_str()), (true, ""), "{name}");
            assert!(rest.iter().all(|item| !first.contains(item)), "{name}");
        }
    }

    /// H-04: a token is bound to its tenant, its caller, its method and its query, and cannot be made up.
    async fn h_04_a_token_is_good_for_its_own_query_only(app) {
        for rpc in lists() {
            let list = List::new(app, rpc.clone(), "acme").await;
            list.fill(&ROWS).await;
            let (_, token) = list.page(1, "").await;
            list.try_page(2, &token).await.unwrap();
            list.refuses_made_up_tokens(&token).await;
            for request in list.other_queries() {
                List { request, ..list.clone() }.refuses(&token).await;
            }
            let operators = for_operators(&label(&rpc));
            let bob = if operators { Actor::operator(app.server.clone(), "bob") } else { list.world.tenant.user("bob") };
            List { caller: bob, ..list.clone() }.refuses(&token).await;
            for other in lists().filter(|other| *other != rpc) {
                let request = requests::request(&list.world, &label(&other)).unwrap();
                let caller = list.world.caller(&label(&other));
                List { rpc: other, request, caller, ..list.clone() }.refuses(&token).await;
            }
            if !operators {
                List::new(app, rpc, "globex").await.refuses(&token).await;
            }
        }
    }
}
