//! Statements that name the tenant, checked when they are compiled, and what is bound to them.
//!
//! The scope binds its tenant as `$1`; what the caller binds starts at `$2`. The text is PostgreSQL's; for
//! SQLite three things are translated (see `Sql::text`), and a statement that differs more comes as a
//! pair of texts.

use std::borrow::Cow;

use sea_orm::DbBackend;
use serde_json::Value as Json;
use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use uuid::Uuid;

use crate::id::{
    ApiKeyId, AssetId, FieldId, FolderId, GrantId, GroupId, ImportId, OperationId, PartitionId,
    PersonId, RoleId, SegmentId, ServiceAccountId, TenantId, WorkspaceId,
};

/// A statement over one tenant's rows.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    postgres: &'static str,
    sqlite: Option<&'static str>,
}

/// A statement as a scope runs it: a [`Sql`], or one whose conditions a caller writes.
pub trait Statement {
    /// The text for a database; what it binds beyond the caller's values is added to them.
    fn compose(self, backend: DbBackend, args: &mut Vec<Arg>) -> Composed;
}

/// The text of a statement.
#[derive(Debug)]
pub struct Composed {
    /// The text.
    pub text: Cow<'static, str>,
    /// Whether it comes again, so that a connection keeps it prepared.
    pub kept: bool,
}

/// A value bound to a statement.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is the type that it names")]
pub enum Arg {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Float(f64),
    Bool(bool),
    Bytes(Vec<u8>),
    Json(Json),
    Uuids(Vec<Uuid>),
    Texts(Vec<Option<String>>),
    Ints(Vec<i64>),
    Bools(Vec<Option<bool>>),
    Blobs(Vec<Vec<u8>>),
}

/// A [`Sql`] from a literal; does not compile if the text does not name the tenant.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {
        const { $crate::repository::sql::Sql::new($text) }
    };
    (postgres: $postgres:expr, sqlite: $sqlite:expr $(,)?) => {
        const { $crate::repository::sql::Sql::pair($postgres, $sqlite) }
    };
}

/// The values bound after the tenant, each [`Into<Arg>`].
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::repository::sql::Arg::from($value)),*]
    };
}

// === impl Sql ===

impl Sql {
    /// One text for both databases.
    pub const fn new(text: &'static str) -> Self {
        assert!(names_tenant(text), "every statement names its tenant: tenant_id = $1");
        Self { postgres: text, sqlite: None }
    }

    /// A text for each database.
    pub const fn pair(postgres: &'static str, sqlite: &'static str) -> Self {
        assert!(
            names_tenant(postgres) && names_tenant(sqlite),
            "every statement names its tenant: tenant_id = $1"
        );
        Self { postgres, sqlite: Some(sqlite) }
    }

    /// The text for a database. For SQLite, `= ANY($n::text[])`, or `bigint[]`, `uuid[]` or `bytea[]`, becomes a look
    /// into the JSON array that is bound there, and row locks go: it has one writer.
    pub(super) fn text(&self, backend: DbBackend) -> Cow<'static, str> {
        match (backend, self.sqlite) {
            (DbBackend::Sqlite, Some(text)) => Cow::Borrowed(text),
            (DbBackend::Sqlite, None) => to_sqlite(self.postgres),
            _ => Cow::Borrowed(self.postgres),
        }
    }
}

impl Statement for Sql {
    fn compose(self, backend: DbBackend, _: &mut Vec<Arg>) -> Composed {
        Composed { text: self.text(backend), kept: true }
    }
}

/// Whether a statement restricts itself to, or inserts for, the tenant bound as `$1`.
const fn names_tenant(text: &str) -> bool {
    contains(text, "tenant_id = $1")
        || (contains(text, "INSERT INTO")
            && contains(text, "(tenant_id,")
            && (contains(text, "VALUES ($1,") || contains(text, "SELECT $1,")))
}

const fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut start = 0;
    while start + part.len() <= text.len() {
        let mut i = 0;
        while i < part.len() && text[start + i] == part[i] {
            i += 1;
        }
        if i == part.len() {
            return true;
        }
        start += 1;
    }
    false
}

fn to_sqlite(text: &'static str) -> Cow<'static, str> {
    if !text.contains("ANY(") && !text.contains("FOR ") {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    for lock in [" FOR UPDATE", " FOR KEY SHARE", " FOR SHARE"] {
        out = out.replace(lock, "");
    }
    while let Some(start) = out.find("= ANY(") {
        let Some(length) = out[start..].find(')') else { break };
        let inner = &out[start + "= ANY(".len()..start + length];
        let (parameter, kind) = inner.split_once("::").unwrap_or((inner, "text[]"));
        let plain = matches!(kind, "text[]" | "bigint[]");
        let value = if plain { "value" } else { "unhex(value)" };
        let among = format!("IN (SELECT {value} FROM json_each({parameter}))");
        out.replace_range(start..=start + length, &among);
    }
    Cow::Owned(out)
}

// === impl Arg ===

impl Arg {
    pub(super) fn bind_postgres(
        self,
        to: &mut PgArguments,
    ) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Uuid(value) => to.add(value),
            Self::Text(value) => to.add(value),
            Self::Int(value) => to.add(value),
            Self::Float(value) => to.add(value),
            Self::Bool(value) => to.add(value),
            Self::Bytes(value) => to.add(value),
            Self::Json(value) => to.add(value),
            Self::Uuids(value) => to.add(value),
            Self::Texts(value) => to.add(value),
            Self::Ints(value) => to.add(value),
            Self::Bools(value) => to.add(value),
            Self::Blobs(value) => to.add(value),
        }
    }

    pub(super) fn bind_sqlite(
        self,
        to: &mut SqliteArguments,
    ) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Uuid(value) => to.add(value),
            Self::Text(value) => to.add(value),
            Self::Int(value) => to.add(value),
            Self::Float(value) => to.add(value),
            Self::Bool(value) => to.add(value),
            Self::Bytes(value) => to.add(value),
            Self::Json(value) => to.add(value.to_string()),
            Self::Uuids(ids) => {
                to.add(array(ids.iter().map(|id| Json::String(id.simple().to_string()))))
            }
            Self::Texts(texts) => to.add(array(texts.into_iter().map(Json::from))),
            Self::Ints(ints) => to.add(array(ints.into_iter().map(Json::from))),
            Self::Bools(bools) => to.add(array(bools.into_iter().map(Json::from))),
            Self::Blobs(blobs) => to.add(array(blobs.iter().map(|blob| Json::String(hex(blob))))),
        }
    }
}

fn array(items: impl Iterator<Item = Json>) -> String {
    Json::Array(items.collect()).to_string()
}

/// Lower-case hexadecimal, as SQLite's `unhex` reads it.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

macro_rules! from {
    ($($type:ty => |$value:ident| $arg:expr),+ $(,)?) => {$(
        impl From<$type> for Arg {
            fn from($value: $type) -> Self {
                $arg
            }
        }
    )+};
}

from! {
    Uuid => |value| Self::Uuid(Some(value)),
    Option<Uuid> => |value| Self::Uuid(value),
    TenantId => |value| Self::Uuid(Some(value.0)),
    WorkspaceId => |value| Self::Uuid(Some(value.0)),
    PartitionId => |value| Self::Uuid(Some(value.0)),
    PersonId => |value| Self::Uuid(Some(value.0)),
    FieldId => |value| Self::Uuid(Some(value.0)),
    ImportId => |value| Self::Uuid(Some(value.0)),
    RoleId => |value| Self::Uuid(Some(value.0)),
    GroupId => |value| Self::Uuid(Some(value.0)),
    GrantId => |value| Self::Uuid(Some(value.0)),
    ServiceAccountId => |value| Self::Uuid(Some(value.0)),
    ApiKeyId => |value| Self::Uuid(Some(value.0)),
    FolderId => |value| Self::Uuid(Some(value.0)),
    AssetId => |value| Self::Uuid(Some(value.0)),
    SegmentId => |value| Self::Uuid(Some(value.0)),
    OperationId => |value| Self::Uuid(Some(value.0)),
    Option<AssetId> => |value| Self::Uuid(value.map(|id| id.0)),
    Option<RoleId> => |value| Self::Uuid(value.map(|id| id.0)),
    Option<GroupId> => |value| Self::Uuid(value.map(|id| id.0)),
    Option<ServiceAccountId> => |value| Self::Uuid(value.map(|id| id.0)),
    Option<PartitionId> => |value| Self::Uuid(value.map(|id| id.0)),
    Option<WorkspaceId> => |value| Self::Uuid(value.map(|id| id.0)),
    &str => |value| Self::Text(Some(value.into())),
    String => |value| Self::Text(Some(value)),
    Option<String> => |value| Self::Text(value),
    i32 => |value| Self::Int(Some(value.into())),
    i64 => |value| Self::Int(Some(value)),
    f64 => |value| Self::Float(value),
    Option<i64> => |value| Self::Int(value),
    bool => |value| Self::Bool(value),
    Vec<u8> => |value| Self::Bytes(value),
    &[u8] => |value| Self::Bytes(value.into()),
    [u8; 32] => |value| Self::Bytes(value.into()),
    Json => |value| Self::Json(value),
    Vec<Uuid> => |value| Self::Uuids(value),
    &[PartitionId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[WorkspaceId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[FolderId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[AssetId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[PersonId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[ImportId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    &[GrantId] => |value| Self::Uuids(value.iter().map(|id| id.0).collect()),
    Vec<String> => |value| Self::Texts(value.into_iter().map(Some).collect()),
    Vec<Option<String>> => |value| Self::Texts(value),
    Vec<i64> => |value| Self::Ints(value),
    Vec<Vec<u8>> => |value| Self::Blobs(value),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_looks_into_json_where_postgres_looks_into_an_array() {
        let text = "SELECT id FROM t WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND k = ANY($3::text[]) FOR UPDATE";
        assert_eq!(
            to_sqlite(text),
            "SELECT id FROM t WHERE tenant_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2)) \
             AND k IN (SELECT value FROM json_each($3))"
        );
    }

    #[test]
    fn a_statement_without_its_tenant_is_refused() {
        assert!(!names_tenant("SELECT * FROM person WHERE id = $2"));
        assert!(!names_tenant("INSERT INTO person (id) VALUES ($2)"));
        assert!(names_tenant("INSERT INTO person (tenant_id, id) VALUES ($1, $2)"));
    }
}
