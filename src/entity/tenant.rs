//! A tenant: one company account. Nothing crosses tenants.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::domain::asset::Area;
use crate::id::{PartitionId, TenantId, WorkspaceId};

/// A row of `tenant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The company's name.
    pub display_name: String,
    /// See [`Settings`].
    pub settings: Json,
    /// The workspace that came with it.
    pub default_workspace_id: WorkspaceId,
    /// The partition that came with it.
    pub default_partition_id: PartitionId,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
    /// When it was suspended.
    pub suspend_time: Option<Micros>,
    /// When it was deleted.
    pub delete_time: Option<Micros>,
    /// When it will be gone for good.
    pub purge_time: Option<Micros>,
}

/// The settings of a tenant (T-03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether one email may be in several partitions.
    pub duplicate_policy: DuplicatePolicy,
    /// How deep a folder may lie and still be shared, by area.
    pub share_depth_limit: BTreeMap<String, i32>,
    /// Most segmentations.
    pub segmentation_limit: i32,
    /// Most segments of one.
    pub segments_per_segmentation: i32,
    /// The regions that workspaces and partitions may have; empty: any.
    pub allowed_regions: Vec<String>,
    /// The pairs of regions that people and bindings may cross, from and to.
    pub allowed_region_pairs: Vec<(String, String)>,
    /// Where an unsubscription holds.
    pub consent_scope: ConsentScope,
    /// What a form does with a person whom its workspace does not see.
    pub known_elsewhere: KnownElsewhere,
    /// The pattern that names of workspaces should follow; empty: none.
    pub workspace_name_pattern: String,
}

/// Whether one email may be in several partitions (D-02).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DuplicatePolicy {
    /// No.
    #[default]
    Reject,
    /// Yes: each partition is a database of its own.
    Allow,
}

/// Where an unsubscription holds (D-09).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentScope {
    /// In every partition.
    #[default]
    Tenant,
    /// In the partition of the person.
    Partition,
}

/// What a form does with a person whom its workspace does not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KnownElsewhere {
    /// Withhold the submitted fields.
    #[default]
    Withhold,
    /// Move the person.
    Move,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self {
            duplicate_policy: DuplicatePolicy::default(),
            share_depth_limit: Area::ALL
                .iter()
                .map(|area| (area.setting().to_owned(), 1))
                .collect(),
            segmentation_limit: 20,
            segments_per_segmentation: 100,
            allowed_regions: Vec::new(),
            allowed_region_pairs: Vec::new(),
            consent_scope: ConsentScope::default(),
            known_elsewhere: KnownElsewhere::default(),
            workspace_name_pattern: String::new(),
        }
    }
}

impl Settings {
    /// The names of the settings.
    pub const NAMES: [&'static str; 9] = [
        "duplicate_policy",
        "share_depth_limit",
        "segmentation_limit",
        "segments_per_segmentation",
        "allowed_regions",
        "allowed_region_pairs",
        "consent_scope",
        "known_elsewhere",
        "workspace_name_pattern",
    ];

    /// Takes one setting over from others.
    pub fn take(&mut self, name: &str, from: &Self) {
        match name {
            "duplicate_policy" => self.duplicate_policy = from.duplicate_policy,
            "share_depth_limit" => self.share_depth_limit.clone_from(&from.share_depth_limit),
            "segmentation_limit" => self.segmentation_limit = from.segmentation_limit,
            "segments_per_segmentation" => {
                self.segments_per_segmentation = from.segments_per_segmentation;
            }
            "allowed_regions" => self.allowed_regions.clone_from(&from.allowed_regions),
            "allowed_region_pairs" => {
                self.allowed_region_pairs.clone_from(&from.allowed_region_pairs);
            }
            "consent_scope" => self.consent_scope = from.consent_scope,
            "known_elsewhere" => self.known_elsewhere = from.known_elsewhere,
            "workspace_name_pattern" => {
                self.workspace_name_pattern.clone_from(&from.workspace_name_pattern);
            }
            _ => {}
        }
    }

    /// The settings as they are stored; what is missing has its default.
    pub fn from_json(json: &Json) -> Self {
        serde_json::from_value(json.clone()).unwrap_or_default()
    }

    /// How deep a folder of an area may lie and still be shared (S-02).
    pub fn share_depth(&self, area: Area) -> i32 {
        self.share_depth_limit.get(area.setting()).copied().unwrap_or(1)
    }

    /// For storing.
    pub fn to_json(&self) -> Json {
        // A struct of strings and numbers always serializes.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
