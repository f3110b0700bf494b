//! Where the new people of one call go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::clock::now;
use crate::domain::filter::Facts;
use crate::domain::person::PersonInput;
use crate::domain::routing::{Decision, Door, Targets, Why, decide};
use crate::entity::Person;
use crate::entity::person::Source;
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::PartitionId;
use crate::repository::Scope;
use crate::repository::routing::Policy;
use crate::repository::visibility::Sight;

/// How people come in.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// What the workspace sees that they come through.
    pub sight: &'a Sight,
    /// The partition that the caller named, visible to the workspace.
    pub named: Option<PartitionId>,
    /// As what.
    pub source: Source,
}

/// A person to be made, as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// What comes in.
    pub input: &'a PersonInput,
    /// Its values, by ordinal.
    pub attributes: &'a Json,
}

/// Decides where people go who come in one way, by the policy that is in force.
pub struct Router<'a> {
    way: Way<'a>,
    policy: Option<Arc<Policy>>,
    allowed: Vec<(String, String)>,
}

// === impl Sample ===

impl Sample<'_> {
    /// What rules know of the person: what comes in, and when. It is not anywhere yet.
    fn facts(&self, source: Source) -> Facts {
        let input = self.input;
        let time = now();
        Facts {
            partition: PartitionId::default(),
            email: input.email.as_ref().map(|email| email.given.clone()),
            external_id: input.external_id.clone(),
            first_name: input.first_name.clone(),
            last_name: input.last_name.clone(),
            unsubscribed: input.unsubscribes(),
            source: source.name(),
            create_time: time,
            update_time: time,
            attributes: self.attributes.clone(),
            folded: None,
            members: HashSet::new(),
            segments: HashMap::new(),
        }
    }
}

// === impl Router ===

impl<'a> Router<'a> {
    /// Decides by the policy of the scope's tenant. Without one, and where the caller named a partition, it takes no
    /// statement.
    pub async fn new(scope: &Scope, way: Way<'a>) -> Result<Self> {
        let policy = match way.named {
            Some(_) => None,
            None => scope.policy().await?,
        };
        let allowed = match policy {
            Some(_) => Settings::from_json(&scope.head().settings).allowed_region_pairs,
            None => Vec::new(),
        };
        Ok(Self { way, policy, allowed })
    }

    /// The partition that the caller named.
    pub fn named(&self) -> Option<PartitionId> {
        self.way.named
    }

    /// The version of the policy that decides; 0 if none does.
    pub fn version(&self) -> i64 {
        self.policy.as_ref().map_or(0, |policy| policy.version)
    }

    /// Where the rule in a place leads.
    pub fn leads_to(&self, rule: usize) -> Option<PartitionId> {
        let targets = &self.policy.as_ref()?.targets;
        targets.rules.get(rule).map(|target| target.partition)
    }

    /// Where a rule leads a person who is there already, by how that one came in.
    pub fn leads(&self, person: &Person) -> Option<PartitionId> {
        let policy = self.policy.as_ref()?;
        let facts = Facts::from(person);
        let matches = |at| policy.matches(at, person.source, &facts);
        let decision = decide(&self.door(), &policy.targets, None, matches);
        matches!(decision.why, Why::Rule(_)).then_some(decision.partition)
    }

    /// Where a person goes, and why.
    pub fn decide(&self, sample: &Sample<'_>) -> Decision {
        let Way { named, source, .. } = self.way;
        let door = self.door();
        match &self.policy {
            Some(policy) => {
                let facts = sample.facts(source);
                decide(&door, &policy.targets, named, |at| policy.matches(at, source, &facts))
            }
            None => decide(&door, &Targets::default(), named, |_| false),
        }
    }

    fn door(&self) -> Door<'_> {
        let sight = self.way.sight;
        Door { region: &sight.workspace_region, primary: sight.primary, allowed: &self.allowed }
    }
}
