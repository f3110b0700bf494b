//! A key of a service account.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{ApiKeyId, ServiceAccountId, TenantId};

/// A row of `api_key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// Whose it is.
    pub service_account_id: ServiceAccountId,
    /// What it is for.
    pub display_name: String,
    /// The hash of its secret. It goes nowhere but into the table: neither into the audit log nor into answers.
    #[serde(skip)]
    pub hash: Vec<u8>,
    /// When it ends.
    pub expire_time: Micros,
    /// When it was made.
    pub create_time: Micros,
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
