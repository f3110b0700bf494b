//! A deleted tenant: all of its rows, of all tables.

use crate::error::Result;
use crate::repository::sql::Sql;
use crate::repository::write::Tx;
use crate::{args, sql};

/// Some rows of a table, by its key; with what restricts or orders them, where that matters.
macro_rules! some_of {
    ($table:literal, $key:literal $(, $which:literal)?) => {
        sql!(concat!(
            "DELETE FROM ", $table, " WHERE tenant_id = $1 AND (", $key, ") IN (SELECT ", $key, " FROM ", $table,
            " WHERE tenant_id = $1 ", $($which,)? " LIMIT $2)"
        ))
    };
}

/// What goes at once, with the tenant itself: as long as it is there, its purge is due.
static LAST: &[Sql] = &[
    sql!("DELETE FROM due WHERE tenant_id = $1"),
    sql!("DELETE FROM tenant_head WHERE tenant_id = $1"),
    sql!("DELETE FROM tenant WHERE tenant_id = $1"),
];

/// All other tables of tenants, those that refer to others first.
static TABLES: &[Sql] = &[
    some_of!("segment_member", "segmentation_id, person_id, from_generation"),
    some_of!("segment_coverage", "segmentation_id, partition_id"),
    some_of!("segmentation", "id"),
    some_of!("asset_member", "asset_id, person_id"),
    some_of!("asset_field", "asset_id, live, field_id"),
    some_of!("asset_reference", "asset_id, live, kind, target_id"),
    some_of!("asset_content", "asset_id"),
    some_of!("asset_version", "asset_id, number"),
    some_of!("asset_origin", "workspace_id, origin_id"),
    some_of!("asset", "id", "AND program_id IS NOT NULL"),
    some_of!("asset", "id"),
    some_of!("share", "folder_id, workspace_id"),
    some_of!("folder_path", "folder_id, ancestor_id"),
    some_of!("folder", "id", "ORDER BY depth DESC"),
    some_of!("import_chunk", "import_id, first_row"),
    some_of!("import", "id"),
    some_of!("person", "id"),
    some_of!("consent", "scope_id, email_hash"),
    some_of!("suppression", "email_hash"),
    some_of!("routing_policy", "version"),
    some_of!("field", "id"),
    some_of!("access_grant", "id"),
    some_of!("api_key", "id"),
    some_of!("group_member", "group_id, member"),
    some_of!("principal_group", "id"),
    some_of!("service_account", "id"),
    some_of!("role", "id"),
    some_of!("last_use", "subject, workspace_id"),
    some_of!("binding", "workspace_id, partition_id"),
    some_of!("workspace", "id"),
    some_of!("person_partition", "id"),
    some_of!("operation", "id"),
    some_of!("request", "principal, method, request_id"),
    some_of!("change", "revision, ordinal"),
    some_of!("access_change", "revision, ordinal"),
    some_of!("usage_day", "workspace_id, day, series, key"),
    some_of!("usage_meter", "tenant_id"),
    some_of!("audit_payload", "seq"),
    some_of!("audit_workspace", "seq, workspace_id"),
    some_of!("audit", "seq"),
    some_of!("quota", "name"),
];

/// Removes rows of the tenant, at most so many, and in the end itself; whether it is gone.
pub async fn remove(tx: &Tx, limit: i64) -> Result<bool> {
    let mut left = limit;
    for table in TABLES.iter().copied() {
        let removed = tx.execute(table, args![left]).await?;
        left -= i64::try_from(removed).unwrap_or(left);
        if left <= 0 {
            return Ok(false);
        }
    }
    for table in LAST.iter().copied() {
        tx.execute(table, args![]).await?;
    }
    Ok(true)
}
