//! What the databases' errors mean for a caller.

use crate::error::{Error, Reason};

/// The unique indexes, by the columns that SQLite names instead of them.
const UNIQUE: &[(&str, &str)] = &[
    ("audit_refusal", "audit.tenant_id, audit.refusal_minute, audit.actor, audit.action"),
    ("workspace_name", "workspace.tenant_id, workspace.name_key"),
    ("person_partition_name", "person_partition.tenant_id, person_partition.name_key"),
    ("binding_primary", "binding.tenant_id, binding.workspace_id"),
    ("binding_pkey", "binding.tenant_id, binding.workspace_id, binding.partition_id"),
    ("field_name", "field.tenant_id, field.name"),
    ("person_email", "person.tenant_id, person.uniqueness_scope, person.email_key"),
    ("person_external", "person.tenant_id, person.partition_id, person.external_id"),
    ("role_name", "role.tenant_id, role.name_key"),
    ("principal_group_name", "principal_group.tenant_id, principal_group.name_key"),
    ("service_account_name", "service_account.tenant_id, service_account.name_key"),
    ("folder_name", "folder.tenant_id, folder.parent_id, folder.name_key"),
    ("asset_name", "asset.tenant_id, asset.folder_id, asset.name_key"),
    ("asset_local_name", "asset.tenant_id, asset.program_id, asset.name_key"),
    ("asset_program_name", "asset.tenant_id, asset.workspace_id, asset.name_key"),
    ("tenant_pkey", "tenant.tenant_id"),
    ("routing_policy_pkey", "routing_policy.tenant_id, routing_policy.version"),
    ("import_pkey", "import.tenant_id, import.id"),
    ("import_chunk_pkey", "import_chunk.tenant_id, import_chunk.import_id, import_chunk.first_row"),
];

/// The failure of a statement, a commit or a connection.
pub(super) fn classify(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("23505") => Error::Unique(strip(database.constraint().unwrap_or_default()).into()),
            Some("1555" | "2067") => Error::Unique(by_columns(database.message()).into()),
            // Serialization failure, deadlock, lock time-out; SQLITE_BUSY and SQLITE_LOCKED.
            Some("40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517" | "262") => {
                Error::Contended
            }
            // A time limit of ours ended the statement (57014, SQLITE_INTERRUPT).
            Some("57014" | "9") => crate::context::deadline_exceeded(),
            // Shutting down, starting, read-only, too many clients, disk full; SQLITE_FULL.
            Some(code) if unavailable(code) => database_unavailable(),
            _ => Error::internal(error),
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => {
            tracing::warn!(%error, "the database is unavailable");
            database_unavailable()
        }
        _ => Error::internal(error),
    }
}

/// DATABASE_UNAVAILABLE.
pub(super) fn database_unavailable() -> Error {
    Error::new(Reason::DatabaseUnavailable, "the database does not answer; try again")
}

fn unavailable(code: &str) -> bool {
    code.starts_with("08")
        || matches!(
            code,
            "57P01"
                | "57P02"
                | "57P03"
                | "53300"
                | "53100"
                | "53200"
                | "25006"
                | "25P03"
                | "13"
                | "10"
        )
}

/// On Citus a shard's number is added to the name.
fn strip(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((name, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => name.into(),
        _ => name.into(),
    }
}

fn by_columns(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    UNIQUE
        .iter()
        .find(|(_, listed)| *listed == columns)
        .map_or_else(|| columns.to_owned(), |(name, _)| (*name).to_owned())
}
