//! A field: a typed attribute that a tenant defines for its people.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::id::{FieldId, TenantId};

/// A row of `field`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "field")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The field.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FieldId,
    /// Its name, an identifier; cannot change.
    pub name: String,
    /// The type of its values; cannot change.
    #[sea_orm(column_name = "type")]
    pub kind: FieldType,
    /// What it is for.
    pub description: String,
    /// Its key in [`super::person::Model::attributes`]; never given out twice.
    pub ordinal: i64,
    /// Counts the changes of the row.
    pub version: i64,
    /// When it was made.
    pub create_time: Micros,
    /// When it last changed.
    pub update_time: Micros,
}

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum FieldType {
    /// Text.
    #[sea_orm(string_value = "TEXT")]
    Text,
    /// A whole number of 64 bits.
    #[sea_orm(string_value = "INTEGER")]
    Integer,
    /// A floating-point number of 64 bits.
    #[sea_orm(string_value = "NUMBER")]
    Number,
    /// True or false.
    #[sea_orm(string_value = "BOOLEAN")]
    Boolean,
    /// A day.
    #[sea_orm(string_value = "DATE")]
    Date,
    /// A moment, to the microsecond.
    #[sea_orm(string_value = "TIMESTAMP")]
    Timestamp,
}

// === impl FieldType ===

impl FieldType {
    /// The type as the database reads it.
    pub fn name(self) -> String {
        self.to_value()
    }
}

/// No relations: joins are written out in the repository.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
