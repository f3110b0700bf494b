//! A folder: a place in the tree of an area of a workspace.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::domain::asset::Area;
use crate::id::{FolderId, TenantId, WorkspaceId};

/// A row of `folder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "folder")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The folder.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FolderId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// The area.
    pub area: Area,
    /// The folder that it is in; nothing: it is the root of its area.
    pub parent_id: Option<FolderId>,
    /// The name, as given.
    pub display_name: String,
    /// What the name is compared by.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// How deep it lies; a root at 0.
    pub depth: i32,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
