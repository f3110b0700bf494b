//! The fields of a tenant, as people's values are read and written with: kept in memory until the tenant's
//! field revision moves, so that reading a person needs no second statement.

use std::collections::HashMap;
use std::sync::Arc;

use super::field;
use super::scope::Scope;
use crate::domain::attribute::Type;
use crate::entity::Field;
use crate::entity::field::FieldType;
use crate::error::Result;

/// The fields of one tenant.
#[derive(Debug, Default)]
pub struct FieldSet {
    by_name: HashMap<String, (i64, Type)>,
    by_ordinal: HashMap<i64, (String, Type)>,
}

// === impl FieldSet ===

impl FieldSet {
    /// The key and type of a field, by name.
    pub fn named(&self, name: &str) -> Option<(i64, Type)> {
        self.by_name.get(name).copied()
    }

    /// The name and type of a field, by its key in stored values.
    pub fn keyed(&self, key: &str) -> Option<(&str, Type)> {
        let (name, kind) = self.by_ordinal.get(&key.parse().ok()?)?;
        Some((name, *kind))
    }
}

impl From<Vec<Field>> for FieldSet {
    fn from(rows: Vec<Field>) -> Self {
        let mut fields = Self::default();
        for row in rows {
            let kind = Type::from(row.kind);
            fields.by_name.insert(row.name.clone(), (row.ordinal, kind));
            fields.by_ordinal.insert(row.ordinal, (row.name, kind));
        }
        fields
    }
}

// === impl Scope ===

impl Scope {
    /// The fields of the tenant, as of the head that opened the scope.
    pub async fn fields(&self) -> Result<Arc<FieldSet>> {
        let fields = &self.memory().fields;
        fields.of(self.tenant(), self.head().field_revision, load(self)).await
    }
}

/// The fields of the scope's tenant, read anew: under a lock, they may be newer than the head that opened the scope.
pub(super) async fn load(scope: &Scope) -> Result<FieldSet> {
    Ok(FieldSet::from(field::all(scope).await?))
}

impl From<FieldType> for Type {
    fn from(kind: FieldType) -> Self {
        match kind {
            FieldType::Text => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Number => Self::Number,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
            FieldType::Timestamp => Self::Timestamp,
        }
    }
}
