//! The fields of a tenant, as people's values are read and written with: kept in memory until the tenant's
//! field revision moves, so that reading a person needs no second statement.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::field;
use super::scope::Scope;
use crate::domain::attribute::Type;
use crate::entity::Field;
use crate::entity::field::FieldType;
use crate::error::Result;
use crate::id::TenantId;

/// How many tenants' fields are kept: a few MB at most.
const TENANTS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// The fields of one tenant.
#[derive(Debug, Default)]
pub struct FieldSet {
    by_name: HashMap<String, (i64, Type)>,
    by_ordinal: HashMap<i64, (String, Type)>,
}

/// The fields of the tenants that were used last.
#[derive(Clone)]
pub struct FieldSets(Arc<Mutex<Kept>>);

/// Fields, with the field revision that they are of.
type Kept = LruCache<TenantId, (i64, Arc<FieldSet>)>;

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

// === impl FieldSets ===

impl Default for FieldSets {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(TENANTS))))
    }
}

impl FieldSets {
    /// The fields of the scope's tenant, as of the scope's snapshot.
    pub async fn of(&self, scope: &Scope) -> Result<Arc<FieldSet>> {
        let revision = scope.head().field_revision;
        if let Some((kept, fields)) = self.lock().get(&scope.tenant())
            && *kept == revision
        {
            return Ok(fields.clone());
        }
        let fields = Arc::new(FieldSet::from(field::all(scope).await?));
        self.lock().put(scope.tenant(), (revision, fields.clone()));
        Ok(fields)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A cache is as good after a panic as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fields of the scope's tenant, read anew: under a lock, they may be newer than the head that opened the scope.
pub async fn load(scope: &Scope) -> Result<FieldSet> {
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
