//! A grant: a role that a principal holds.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{GrantId, GroupId, RoleId, ServiceAccountId, TenantId, WorkspaceId};

/// A row of `access_grant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "access_grant")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    /// Who holds it: `user:…`, `group:…` or `service:…`.
    pub principal: String,
    /// The same, if it is a group.
    pub group_id: Option<GroupId>,
    /// The same, if it is a service account.
    pub service_account_id: Option<ServiceAccountId>,
    /// The role.
    pub role_id: RoleId,
    /// The same, if it is a custom one.
    pub custom_role_id: Option<RoleId>,
    /// Where; nothing: tenant-wide.
    pub workspace_id: Option<WorkspaceId>,
    /// Who granted it.
    pub granted_by: String,
    /// When.
    pub create_time: Micros,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
