//! `RoutingService`.

mod condition;

use std::collections::HashSet;

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::config::{BATCH_MAX, DESCRIPTION_MAX, ROUTING_RULES_MAX};
use crate::domain::routing::Why;
use crate::domain::text;
use crate::entity::etag;
use crate::entity::person::Source;
use crate::entity::routing::Rule;
use crate::error::{Result as Parsed, Violation};
use crate::grpc::decode::{self, Fields};
use crate::grpc::person::{moved, pb_source, required_person, source};
use crate::grpc::{mutate, open, operation, reply};
use crate::pb;
use crate::pb::routing_service_server::RoutingService;
use crate::service::person::{People, Reroute, Rerouted, Route};
use crate::service::routing::{PolicyPatch, Question, Routings, Simulated, Version};

const MUTABLE: &[&str] = &["rules", "default_choice"];
const IMMUTABLE: &[&str] = &["version", "etag", "made_by", "create_time"];

/// The service.
#[derive(Clone)]
pub struct Api {
    routings: Routings,
    people: People,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(routings: Routings, people: People) -> Self {
        Self { routings, people }
    }
}

#[tonic::async_trait]
impl RoutingService for Api {
    async fn get_routing_policy(
        &self,
        request: Request<pb::GetRoutingPolicyRequest>,
    ) -> Result<Response<pb::GetRoutingPolicyResponse>, Status> {
        let (ctx, _) = open(request)?;
        let found = self.routings.get(&ctx).await?;
        Ok(reply(found, |found, _| pb::GetRoutingPolicyResponse { policy: Some(found.into()) }))
    }

    async fn update_routing_policy(
        &self,
        request: Request<pb::UpdateRoutingPolicyRequest>,
    ) -> Result<Response<pb::UpdateRoutingPolicyResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("policy", request.policy)?;
        let patch = patch(message, request.update_mask)?;
        let changed = self.routings.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdateRoutingPolicyResponse {
            policy: Some(changed.into()),
            revision,
        }))
    }

    async fn list_routing_policy_versions(
        &self,
        request: Request<pb::ListRoutingPolicyVersionsRequest>,
    ) -> Result<Response<pb::ListRoutingPolicyVersionsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let page = self.routings.versions(&ctx, request.page_size, &request.page_token).await?;
        Ok(reply(page, |page, _| pb::ListRoutingPolicyVersionsResponse {
            versions: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn simulate_routing(
        &self,
        request: Request<pb::SimulateRoutingRequest>,
    ) -> Result<Response<pb::SimulateRoutingResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let question = Question {
            workspace: fields.id("workspace_id", &request.workspace_id),
            source: source(&mut fields, "source", request.source, Source::Api),
            partition: fields.optional_id("partition_id", &request.partition_id),
            input: required_person(&mut fields, "person", request.person.as_ref()),
        };
        fields.check()?;
        let simulated = self.routings.simulate(&ctx, &question).await?;
        Ok(reply(simulated, |simulated, _| simulated.into()))
    }

    async fn reroute_people(
        &self,
        request: Request<pb::ReroutePeopleRequest>,
    ) -> Result<Response<pb::ReroutePeopleResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let reroute = Reroute {
            workspace: fields.id("workspace_id", &request.workspace_id),
            partitions: fields.ids("partition_ids", &request.partition_ids, BATCH_MAX),
            dry_run: request.dry_run,
            reason: fields.take("reason", text::paragraph(&request.reason, DESCRIPTION_MAX)),
        };
        fields.check()?;
        let started = self.people.reroute(&ctx, reroute).await?;
        Ok(reply(started, |started, revision| pb::ReroutePeopleResponse {
            operation: Some(operation::started(started, revision)),
            revision,
        }))
    }
}

fn patch(message: pb::RoutingPolicy, mask: Option<prost_types::FieldMask>) -> Parsed<PolicyPatch> {
    let filled: Vec<&str> = [
        ("rules", !message.rules.is_empty()),
        ("default_choice", message.default_choice.is_some()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let rules = paths.contains("rules").then(|| rules(&mut fields, &message.rules));
    let default = paths.contains("default_choice").then(|| {
        let given = message.default_choice.unwrap_or_default().partition_id;
        fields.optional_id("policy.default_choice.partition_id", &given)
    });
    fields.check().map(|()| PolicyPatch { etag: message.etag, rules, default })
}

fn rules(fields: &mut Fields, given: &[pb::RoutingRule]) -> Vec<Rule> {
    if given.len() > ROUTING_RULES_MAX {
        fields.violate("policy.rules", format!("must have at most {ROUTING_RULES_MAX} items"));
        return Vec::new();
    }
    let rule = |(at, one): (usize, &pb::RoutingRule)| {
        let at = format!("policy.rules[{at}]");
        let condition = condition::parse(one).unwrap_or_else(|violations| {
            for Violation { field, description } in violations {
                fields.violate(format!("{at}.{field}"), description);
            }
            None
        });
        Rule {
            condition,
            partition_id: fields.id(&format!("{at}.partition_id"), &one.partition_id),
            sources: sources(fields, &format!("{at}.sources"), &one.sources),
        }
    };
    given.iter().enumerate().map(rule).collect()
}

/// The ways in that a rule is about, each once.
fn sources(fields: &mut Fields, at: &str, given: &[i32]) -> Vec<Source> {
    let mut seen = HashSet::new();
    let mut parse = |(n, number): (usize, &i32)| {
        let at = format!("{at}[{n}]");
        if *number == pb::PersonSource::Unspecified as i32 {
            fields.violate(&at, "must be set");
        }
        if !seen.insert(*number) {
            fields.violate(&at, "must not be named twice");
        }
        source(fields, &at, *number, Source::Api)
    };
    given.iter().enumerate().map(&mut parse).collect()
}

impl From<Version> for pb::RoutingPolicy {
    fn from(Version { row, rules }: Version) -> Self {
        let rule = |rule: Rule| {
            let (field, operator, value) = condition::write(rule.condition);
            pb::RoutingRule {
                field,
                operator: operator.into(),
                value,
                partition_id: rule.partition_id.to_string(),
                sources: rule.sources.into_iter().map(|one| pb_source(one).into()).collect(),
            }
        };
        let default = row.default_partition_id.map(|id| id.to_string()).unwrap_or_default();
        Self {
            rules: rules.into_iter().map(rule).collect(),
            default_choice: Some(pb::RoutingDefault { partition_id: default }),
            version: row.version,
            etag: etag(row.version),
            made_by: row.made_by,
            create_time: (row.version > 0).then(|| timestamp(row.create_time)),
        }
    }
}

impl From<Rerouted> for pb::ReroutePeopleResult {
    fn from(result: Rerouted) -> Self {
        let route = |route: Route| pb::ReroutedCount {
            from_partition_id: route.from.to_string(),
            to_partition_id: route.to.to_string(),
            count: route.people,
        };
        Self {
            dry_run: result.dry_run,
            moved: result.moved,
            failed: result.failed,
            failures: result.failures.into_iter().map(moved).collect(),
            routes: result.routes.into_iter().map(route).collect(),
        }
    }
}

impl From<Simulated> for pb::SimulateRoutingResponse {
    fn from(simulated: Simulated) -> Self {
        let (reason, rule) = match simulated.why {
            Why::Named => (pb::RoutingReason::Named, None),
            Why::Rule(at) => (pb::RoutingReason::Rule, Some(at)),
            Why::Default => (pb::RoutingReason::Default, None),
            Why::Primary => (pb::RoutingReason::Primary, None),
        };
        // As many rules as there may be fit.
        let index = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
        let rule = rule.filter(|_| simulated.partition.is_some());
        Self {
            partition_id: simulated.partition.map(|id| id.to_string()).unwrap_or_default(),
            reason: reason.into(),
            rule_index: rule.map_or(-1, index),
            skipped_rule_indexes: simulated.skipped.into_iter().map(index).collect(),
            hidden: simulated.hidden,
            policy_version: simulated.version,
        }
    }
}
