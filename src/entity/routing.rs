//! A version of the routing policy: where new people go. It never changes; the newest one is in force.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::domain::filter::Filter;
use crate::entity::person::Source;
use crate::id::{PartitionId, TenantId};

/// A row of `routing_policy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "routing_policy")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Counts the versions, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The rules, in order.
    pub rules: Json,
    /// Where people go whom no rule leads; nothing: to the primary of the workspace that they come in through.
    pub default_partition_id: Option<PartitionId>,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub create_time: Micros,
}

/// A rule, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Whom it is about; nothing: everybody.
    pub condition: Option<Filter>,
    /// The partition that it leads to.
    pub partition_id: PartitionId,
    /// The ways in that it is about; none: all.
    pub sources: Vec<Source>,
}

// === impl Rule ===

impl Rule {
    /// Whether the rule looks at a field.
    pub fn reads(&self, field: &str) -> bool {
        self.condition.iter().flat_map(Filter::fields).any(|one| one == field)
    }

    /// Whether the rule is about people who come in this way.
    pub fn is_about(&self, source: Source) -> bool {
        self.sources.is_empty() || self.sources.contains(&source)
    }
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
