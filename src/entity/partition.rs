//! A person partition: a database of people inside a tenant.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{PartitionId, TenantId};

/// A row of `person_partition`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "person_partition")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The partition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartitionId,
    /// The name, as given.
    pub display_name: String,
    /// What the name is compared by.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// Its region; cannot change; empty: none.
    pub region: String,
    /// The partition that came with the tenant.
    pub is_default: bool,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
    /// When it was deleted.
    pub delete_time: Option<Micros>,
    /// When it will be gone for good.
    pub purge_time: Option<Micros>,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
