//! An asset. Its content stands apart, so that lists do not read it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::domain::asset::{State, Type};
use crate::id::{AssetId, FolderId, TenantId, WorkspaceId};

/// A row of `asset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "asset")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The asset.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssetId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// The folder that it is in; for a local asset, that of its program.
    pub folder_id: FolderId,
    /// The program that it is local to.
    pub program_id: Option<AssetId>,
    /// What it is.
    #[sea_orm(column_name = "type")]
    pub kind: Type,
    /// The name, as given.
    pub display_name: String,
    /// What the name is compared by.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// It runs.
    pub active: bool,
    /// Of a type that is approved: there is content that is not approved.
    pub has_draft: bool,
    /// The live version.
    pub approved_version: Option<i64>,
    /// How many versions there ever were.
    pub versions: i64,
    /// What it was cloned from.
    pub origin_id: Option<AssetId>,
    /// Where that was.
    pub origin_workspace_id: Option<WorkspaceId>,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
}

// === impl Model ===

impl Model {
    /// How far it is on the way to being live.
    pub fn state(&self) -> State {
        State::of(self.kind, self.approved_version.is_some(), self.has_draft)
    }

    /// Something of it is live: those that it is shared to see it (S-07).
    pub fn is_live(&self) -> bool {
        self.approved_version.is_some() || !self.kind.traits().approvable
    }

    /// The version that its own workspace sees first; 0: what is not a version.
    pub fn newest(&self) -> i64 {
        self.approved_version.filter(|_| !self.has_draft).unwrap_or_default()
    }
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
