//! A segmentation that is, or is to become, live: which generations of its results there are.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{AssetId, TenantId};

/// A row of `segmentation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "segmentation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The segmentation, which is an asset.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssetId,
    /// The generation of results that is read.
    pub live_generation: Option<i64>,
    /// The approved version that it was computed by.
    pub live_version: Option<i64>,
    /// The generation that is being computed beside it.
    pub next_generation: Option<i64>,
    /// The approved version that it is computed by; 0: the draft, which is then approved.
    pub next_version: Option<i64>,
    /// The last generation that was given out.
    pub generations: i64,
    /// What computes or removes results now.
    pub operation_id: Option<Uuid>,
    /// Since when live results may differ from the definition.
    pub stale_time: Option<Micros>,
    /// Why; empty: they do not.
    pub stale_reason: String,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
