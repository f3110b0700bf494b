//! A workspace: a named area of a tenant that holds assets; never people.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{TenantId, WorkspaceId};

pub use crate::domain::environment::Environment;

/// A row of `workspace`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// The name, as given.
    pub display_name: String,
    /// What the name is compared by.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// Its language, a BCP 47 tag; cannot change.
    pub language: String,
    /// Its region; cannot change; empty: none.
    pub region: String,
    /// Production, staging or development.
    pub environment: Environment,
    /// Its brand.
    pub brand: String,
    /// Its web domain.
    pub domain: String,
    /// Branding, time zone, communication defaults: a JSON object.
    pub settings: Json,
    /// Sees all partitions of the tenant, those made later too.
    pub all_partitions: bool,
    /// The workspace that came with the tenant.
    pub is_default: bool,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
    /// When it was archived.
    pub archive_time: Option<Micros>,
    /// When it was deleted.
    pub delete_time: Option<Micros>,
    /// When it will be gone for good.
    pub purge_time: Option<Micros>,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
