//! The routing policy: one list of rules for the tenant, of which every version stays.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Routings;
use crate::clock::now;
use crate::context::Context;
use crate::domain::filter::Filter;
use crate::entity::Routing;
use crate::entity::routing::Rule;
use crate::error::{Error, Noun, OnUnique, Result, Violation};
use crate::id::PartitionId;
use crate::page::{Listed, Tokens};
use crate::repository::field_set::FieldSet;
use crate::repository::{Answer, Change, Scope, Touches, Tx, field, partition, routing};
use crate::service::access::{At, demand};
use crate::service::refuse;

/// What to change of the policy; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct PolicyPatch {
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The rules, all of them.
    pub rules: Option<Vec<Rule>>,
    /// The default choice; within it nothing: the primary.
    pub default: Option<Option<PartitionId>>,
}

/// A version of the policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// The row.
    pub row: Routing,
    /// Its rules.
    pub rules: Vec<Rule>,
}

// === impl Version ===

impl Version {
    fn of(row: Routing) -> Result<Self> {
        Ok(Self { rules: routing::rules(&row)?, row })
    }
}

// === impl Routings ===

impl Routings {
    /// The policy that is in force.
    pub async fn get(&self, ctx: &Context) -> Result<Answer<Version>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Tenant).await?;
        let found = Version::of(newest(&scope).await?)?;
        Ok(scope.answer(found))
    }

    /// Every version that ever was, the newest first.
    pub async fn versions(
        &self,
        ctx: &Context,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Version>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Tenant).await?;
        let rows = routing::versions(&scope, page.after, page.limit()).await?;
        let rows: Vec<Version> = rows.into_iter().map(Version::of).collect::<Result<_>>()?;
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.row.version)))
    }

    /// Makes a new version, unless all stays as it is.
    pub async fn update(&self, ctx: &Context, patch: &PolicyPatch) -> Result<Answer<Version>> {
        self.store
            .write(ctx, |tx| async move {
                demand(&tx, ctx, At::Tenant).await?;
                Version::of(update(&tx, ctx, patch).await?)
            })
            .await
    }
}

async fn update(tx: &Tx, ctx: &Context, patch: &PolicyPatch) -> Result<Routing> {
    let before = newest(tx).await?;
    refuse::stale_version(&patch.etag, before.version, "routing policy", before.version)?;
    let rules = match &patch.rules {
        Some(rules) => rules.clone(),
        None => routing::rules(&before)?,
    };
    let after = Routing {
        version: before.version + 1,
        rules: json!(rules),
        default_partition_id: patch.default.unwrap_or(before.default_partition_id),
        made_by: ctx.caller.to_string(),
        create_time: now(),
        ..before.clone()
    };
    if (&after.rules, after.default_partition_id) == (&before.rules, before.default_partition_id) {
        return Ok(before);
    }
    hold_targets(tx, &rules, after.default_partition_id).await?;
    check_conditions(tx, &rules).await?;
    let made = tx.insert(&after).await;
    // Another version came first: this one is made over it, or refused by its etag.
    made.on_unique("routing_policy_pkey", || Error::Contended)?;
    tx.record(Change {
        kind: "routing_policy.updated",
        detail: json!({ "version": after.version }),
        before: recorded(&before),
        after: recorded(&after),
        touches: Touches::Routing,
        ..Change::default()
    });
    Ok(after)
}

/// Every condition fits the tenant's fields, which are kept from being deleted until it is known that they are read
/// (E-01).
async fn check_conditions(tx: &Tx, rules: &[Rule]) -> Result<()> {
    let names = rules.iter().filter_map(|rule| rule.condition.as_ref()).flat_map(Filter::fields);
    let names: BTreeSet<String> = names.map(Into::into).collect();
    let held = field::hold(tx, names.into_iter().collect()).await?;
    let fields = FieldSet::from(held);
    let mut violations = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        for problem in routing::bind(rule, &fields).err().into_iter().flatten() {
            violations.push(Violation::new(format!("policy.rules[{at}].field"), problem.text));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(Error::violations(violations)) }
}

/// Keeps what a policy leads to from being deleted until it is known that it does (P-04).
async fn hold_targets(tx: &Tx, rules: &[Rule], default: Option<PartitionId>) -> Result<()> {
    let named = rules.iter().map(|rule| rule.partition_id).chain(default);
    let ids: BTreeSet<PartitionId> = named.clone().collect();
    let ids: Vec<PartitionId> = ids.into_iter().collect();
    let held = partition::hold(tx, &ids).await?;
    let living: BTreeSet<PartitionId> = held.into_iter().map(|one| one.id).collect();
    let place = |at: usize| match at {
        at if at < rules.len() => format!("policy.rules[{at}].partition_id"),
        _ => "policy.default_choice.partition_id".into(),
    };
    match named.enumerate().find(|(_, id)| !living.contains(id)) {
        Some((at, missing)) => Err(Error::not_found(Noun::Partition, missing).field(place(at))),
        None => Ok(()),
    }
}

/// The newest version; of a tenant that never made one, the policy that it has all the same.
pub(super) async fn newest(scope: &Scope) -> Result<Routing> {
    let none = Routing {
        tenant_id: scope.tenant(),
        version: 0,
        rules: json!([]),
        default_partition_id: None,
        made_by: String::new(),
        create_time: 0,
    };
    Ok(routing::newest(scope).await?.unwrap_or(none))
}

fn recorded(version: &Routing) -> Json {
    json!({ "rules": version.rules, "default_partition_id": version.default_partition_id })
}
