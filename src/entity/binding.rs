//! A binding: the fact that a workspace may use a partition.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{PartitionId, TenantId, WorkspaceId};

/// A row of `binding`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "binding")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The partition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub partition_id: PartitionId,
    /// How far it reaches; a ceiling that no role passes.
    pub access: Access,
    /// New people of the workspace go here.
    pub is_primary: bool,
    /// When it was made.
    pub create_time: Micros,
}

/// What a binding allows.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Access {
    /// See and change the people.
    #[default]
    #[sea_orm(string_value = "READ_WRITE")]
    ReadWrite,
    /// See the people.
    #[sea_orm(string_value = "READ_ONLY")]
    ReadOnly,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
