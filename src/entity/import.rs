//! An import of people: how far it is, and what it did.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::entity::person::Source;
use crate::id::{ImportId, PartitionId, TenantId, WorkspaceId};

/// A row of `import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The import, named by its client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    /// The workspace through which it goes.
    pub workspace_id: WorkspaceId,
    /// The partition that it names.
    pub partition_id: Option<PartitionId>,
    /// What it may do.
    pub mode: Mode,
    /// By what it finds people.
    pub lookup_field: LookupField,
    /// How its people come in.
    pub source: Source,
    /// Its last chunk is in.
    pub complete: bool,
    /// Rows that are in or refused for good.
    pub committed_rows: i64,
    /// Rows that made a person.
    pub created: i64,
    /// Rows that changed one.
    pub updated: i64,
    /// Rows that said what was there.
    pub unchanged: i64,
    /// Rows about people of a partition that the workspace may only read.
    pub withheld: i64,
    /// Rows that were refused.
    pub failed: i64,
    /// When its first chunk came.
    pub create_time: Micros,
    /// When its last one did.
    pub update_time: Micros,
}

/// What a write of people may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Mode {
    /// Make people; known ones are refused.
    #[sea_orm(string_value = "CREATE_ONLY")]
    CreateOnly,
    /// Change people; unknown ones are refused.
    #[sea_orm(string_value = "UPDATE_ONLY")]
    UpdateOnly,
    /// Either.
    #[sea_orm(string_value = "CREATE_OR_UPDATE")]
    CreateOrUpdate,
}

/// By what people are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum LookupField {
    /// By email.
    #[sea_orm(string_value = "EMAIL")]
    Email,
    /// By the client's own id.
    #[sea_orm(string_value = "EXTERNAL_ID")]
    ExternalId,
    /// By our id.
    #[sea_orm(string_value = "ID")]
    Id,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
