//! Routing policies: every version stays, the newest one is in force. It is kept in memory until the tenant's routing
//! revision moves, so that creating people needs no further statement; a tenant without a policy never needs one.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::FromQueryResult;

use super::field_set::{self, FieldSet};
use super::scope::Scope;
use crate::clock::now;
use crate::domain::filter::{Binding, Facts, Predicate, Problem, SmartLists, day};
use crate::domain::routing::{Target, Targets};
use crate::entity::Routing;
use crate::entity::person::Source;
use crate::entity::routing::Rule;
use crate::error::{Error, Result};
use crate::id::PartitionId;
use crate::{args, sql};

/// The policy that is in force.
#[derive(Debug)]
pub struct Policy {
    /// Counts the versions.
    pub version: i64,
    /// Where it leads.
    pub targets: Targets,
    rules: Vec<(Rule, Option<Predicate>)>,
}

/// The newest version; nothing if there never was one.
pub async fn newest(scope: &Scope) -> Result<Option<Routing>> {
    Ok(versions(scope, None, 1).await?.into_iter().next())
}

/// A page of versions, the newest first.
pub async fn versions(scope: &Scope, before: Option<i64>, limit: i64) -> Result<Vec<Routing>> {
    scope
        .all(
            sql!(
                "SELECT * FROM routing_policy WHERE tenant_id = $1 AND version < $2 \
                 ORDER BY version DESC LIMIT $3"
            ),
            args![before.unwrap_or(i64::MAX), limit],
        )
        .await
}

/// The rules of a version.
pub fn rules(version: &Routing) -> Result<Vec<Rule>> {
    serde_json::from_value(version.rules.clone()).map_err(Error::internal)
}

/// How many rules of the policy in force read a field.
pub async fn reading(scope: &Scope, field: &str) -> Result<usize> {
    let Some(version) = newest(scope).await? else { return Ok(0) };
    let rules = rules(&version)?;
    Ok(rules.iter().filter(|rule| rule.reads(field)).count())
}

/// How many rules of the policy in force lead to a partition, the default choice among them.
pub async fn leading(scope: &Scope, partition: PartitionId) -> Result<usize> {
    let Some(version) = newest(scope).await? else { return Ok(0) };
    let rules = rules(&version)?;
    let targets = rules.iter().map(|rule| rule.partition_id).chain(version.default_partition_id);
    Ok(targets.filter(|target| *target == partition).count())
}

/// The condition of a rule, bound to the tenant's fields; nothing if the rule is about everybody.
pub fn bind(
    rule: &Rule,
    fields: &FieldSet,
) -> std::result::Result<Option<Predicate>, Vec<Problem>> {
    let Some(condition) = &rule.condition else { return Ok(None) };
    // Rules have no relative dates: any day does.
    let today = day(now());
    let to = Binding { field: &|name| fields.named(name), smart_lists: &SmartLists::new(), today };
    condition.bind(to).map(Some)
}

/// A stored rule that cannot be bound: what it reads cannot be deleted while it does (E-01).
fn broken(problems: Vec<Problem>) -> Error {
    let problems: Vec<String> = problems.into_iter().map(|one| one.text).collect();
    Error::internal(format!("a broken rule: {}", problems.join("; ")))
}

// === impl Policy ===

impl Policy {
    /// Whether the rule in a place is about a person who comes in this way.
    pub fn matches(&self, at: usize, source: Source, facts: &Facts) -> bool {
        self.rules.get(at).is_some_and(|(rule, condition)| {
            rule.is_about(source) && condition.as_ref().is_none_or(|one| one.holds(facts))
        })
    }

    async fn load(scope: &Scope) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Row {
            id: PartitionId,
            region: String,
        }
        let version = newest(scope).await?;
        let version = version.ok_or_else(|| Error::internal("a revision of no policy"))?;
        let rules = rules(&version)?;
        // Those of the head may be older than the rules, and lack one.
        let fields = &field_set::load(scope).await?;
        let mut ids: Vec<PartitionId> = rules.iter().map(|rule| rule.partition_id).collect();
        ids.extend(version.default_partition_id);
        let living: Vec<Row> = scope
            .all(
                sql!(
                    "SELECT id, region FROM person_partition WHERE tenant_id = $1 \
                     AND id = ANY($2::uuid[]) AND delete_time IS NULL"
                ),
                args![ids.as_slice()],
            )
            .await?;
        let regions: HashMap<PartitionId, String> =
            living.into_iter().map(|row| (row.id, row.region)).collect();
        let target = |partition| Target { partition, region: regions.get(&partition).cloned() };
        let targets = Targets {
            rules: rules.iter().map(|rule| target(rule.partition_id)).collect(),
            default: version.default_partition_id.map(target),
        };
        let bound = rules.into_iter().map(|rule| {
            let condition = bind(&rule, fields).map_err(broken)?;
            Ok((rule, condition))
        });
        let rules: Vec<(Rule, Option<Predicate>)> = bound.collect::<Result<_>>()?;
        Ok(Self { version: version.version, targets, rules })
    }
}

// === impl Scope ===

impl Scope {
    /// The policy of the tenant, as of the head that opened the scope; nothing if there never was one. A partition that
    /// it leads to cannot be deleted while it does, and keeps its region for ever: so what is kept of them holds too.
    pub async fn policy(&self) -> Result<Option<Arc<Policy>>> {
        let revision = self.head().routing_revision;
        if revision == 0 {
            return Ok(None);
        }
        let policies = &self.memory().policies;
        policies.of(self.tenant(), revision, Policy::load(self)).await.map(Some)
    }
}
