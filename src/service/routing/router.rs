//! Where the new people of one call go.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::domain::person::PersonInput;
use crate::domain::routing::{Decision, Door, Targets, decide};
use crate::entity::person::Source;
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::PartitionId;
use crate::repository::Scope;
use crate::repository::field_set::FieldSet;
use crate::repository::routing::{Policies, Policy};
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

// === impl Router ===

impl<'a> Router<'a> {
    /// Decides by the policy of the scope's tenant. Without one it takes no statement.
    pub async fn new(
        scope: &Scope,
        policies: &Policies,
        fields: &FieldSet,
        way: Way<'a>,
    ) -> Result<Self> {
        let policy = policies.of(scope).await?;
        let allowed = match policy {
            Some(_) => Settings::from_json(&scope.head().settings).allowed_region_pairs,
            None => Vec::new(),
        };
        let _ = fields;
        Ok(Self { way, policy, allowed })
    }

    /// The partition that the caller named.
    pub fn named(&self) -> Option<PartitionId> {
        self.way.named
    }

    /// Where a person goes, and why.
    pub fn decide(&self, sample: &Sample<'_>) -> Decision {
        let Way { sight, named, source } = self.way;
        let door = Door {
            region: &sight.workspace_region,
            primary: sight.primary,
            allowed: &self.allowed,
        };
        match &self.policy {
            Some(policy) => decide(&door, &policy.targets, named, |at| {
                let rule = &policy.rules[at];
                rule.is_about(source) && {
                    let _ = sample;
                    true
                }
            }),
            None => decide(&door, &Targets::default(), named, |_| false),
        }
    }
}
