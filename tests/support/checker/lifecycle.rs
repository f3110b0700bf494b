//! What must hold of what is deleted: it is purged in its time, and what is gone leaves nothing that refers to it.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

use precinct::id::TenantId;

use crate::support::rows::Rows;

/// Columns that hold the id of a row of another table, and which; some may be empty, or the nil UUID for nothing.
pub const REFERENCES: &[(&str, &str, &str)] = &[
    ("access_grant", "custom_role_id", "role"),
    ("access_grant", "group_id", "principal_group"),
    ("access_grant", "service_account_id", "service_account"),
    ("access_grant", "workspace_id", "workspace"),
    ("api_key", "service_account_id", "service_account"),
    ("asset", "folder_id", "folder"),
    ("asset", "program_id", "asset"),
    ("asset", "workspace_id", "workspace"),
    ("asset_content", "asset_id", "asset"),
    ("asset_field", "asset_id", "asset"),
    ("asset_field", "field_id", "field"),
    ("asset_member", "asset_id", "asset"),
    ("asset_member", "person_id", "person"),
    ("asset_origin", "workspace_id", "workspace"),
    ("asset_reference", "asset_id", "asset"),
    ("asset_reference", "present_id", "asset"),
    ("asset_version", "asset_id", "asset"),
    ("binding", "partition_id", "person_partition"),
    ("binding", "workspace_id", "workspace"),
    ("folder", "parent_id", "folder"),
    ("folder", "workspace_id", "workspace"),
    ("folder_path", "ancestor_id", "folder"),
    ("folder_path", "folder_id", "folder"),
    ("group_member", "group_id", "principal_group"),
    ("group_member", "member_group_id", "principal_group"),
    ("group_member", "member_service_account_id", "service_account"),
    ("import", "partition_id", "person_partition"),
    ("import", "workspace_id", "workspace"),
    ("import_chunk", "import_id", "import"),
    ("last_use", "workspace_id", "workspace"),
    ("person", "partition_id", "person_partition"),
    ("segment_coverage", "partition_id", "person_partition"),
    ("segment_coverage", "segmentation_id", "segmentation"),
    ("segment_member", "partition_id", "person_partition"),
    ("segment_member", "person_id", "person"),
    ("segment_member", "segmentation_id", "segmentation"),
    ("segmentation", "operation_id", "operation"),
    ("share", "folder_id", "folder"),
    ("share", "workspace_id", "workspace"),
    ("tenant", "default_partition_id", "person_partition"),
    ("tenant", "default_workspace_id", "workspace"),
];

/// Columns that name what need not be there.
pub const FREE: &[(&str, &str)] = &[
    // A built-in role stands in the code.
    ("access_grant", "role_id"),
    // Where something came from is remembered.
    ("asset", "origin_id"),
    ("asset", "origin_workspace_id"),
    // What came of what is told also once one of them is gone.
    ("asset_origin", "asset_id"),
    ("asset_origin", "origin_id"),
    // A reference outlives what it refers to, and is broken; `present_id` says what is there.
    ("asset_reference", "target_id"),
    // What happened, happened to what was there then.
    ("audit", "request_id"),
    ("audit", "resource_id"),
    ("audit", "workspace_id"),
    ("audit_workspace", "workspace_id"),
    ("change", "resource_id"),
    ("operation", "resource_id"),
    ("operation", "workspace_id"),
    ("usage_day", "workspace_id"),
    // Who unsubscribed stays known, wherever that was.
    ("consent", "scope_id"),
    // Callers give it out.
    ("request", "request_id"),
    // A version that is past stays as it was.
    ("routing_policy", "default_partition_id"),
    // They stand in the definition.
    ("segment_member", "segment_id"),
];

/// The rules of what is deleted that are broken for a tenant.
pub async fn flaws(url: &str, tenant: TenantId, rows: &Rows) -> Vec<String> {
    let mut flaws = due(tenant, rows);
    flaws.extend(dangling(url, tenant).await);
    flaws
}

/// W-08, P-04, T-04, D-10: what is deleted is due to be purged, and nothing else is.
fn due(tenant: TenantId, rows: &Rows) -> Vec<String> {
    let deleted = |kind: &'static str, id: Uuid, time: Option<i64>| time.map(|_| (kind, id));
    let mut wanted: BTreeSet<(&str, Uuid)> = BTreeSet::new();
    let all = rows.tenants.iter();
    wanted.extend(all.filter_map(|it| deleted("PURGE_TENANT", tenant.0, it.purge_time)));
    let all = rows.workspaces.iter();
    wanted.extend(all.filter_map(|it| deleted("PURGE_WORKSPACE", it.id.0, it.purge_time)));
    let all = rows.partitions.iter();
    wanted.extend(all.filter_map(|it| deleted("PURGE_PARTITION", it.id.0, it.purge_time)));
    let all = rows.people.iter();
    wanted.extend(all.filter_map(|it| deleted("PURGE_PEOPLE", tenant.0, it.purge_time)));
    let purges = rows.dues.iter().filter(|one| one.kind != "OPERATION");
    let found: BTreeSet<(&str, Uuid)> = purges.map(|one| (one.kind.as_str(), one.id)).collect();
    let people = ("PURGE_PEOPLE", tenant.0);
    let wrong = wanted.symmetric_difference(&found);
    // Whoever restores the last of the deleted people leaves it to be found out in its time.
    let wrong = wrong.filter(|one| **one != people || !found.contains(&people));
    wrong.map(|(kind, id)| format!("W-08: {kind} of {id} is due by half")).collect()
}

/// T-04, L-05: no row refers to what is not there.
async fn dangling(url: &str, tenant: TenantId) -> Vec<String> {
    let sqlite = url.starts_with("sqlite:");
    let literal = |id: Uuid| match sqlite {
        true => format!("x'{}'", id.simple()),
        false => format!("'{id}'"),
    };
    let (mine, nil) = (literal(tenant.0), literal(Uuid::nil()));
    let count = |(table, column, target): &(&str, &str, &str)| {
        format!(
            "SELECT '{table}.{column}', count(*) FROM {table} x WHERE x.tenant_id = {mine} AND x.{column} IS NOT NULL \
             AND x.{column} <> {nil} AND NOT EXISTS (SELECT 1 FROM {target} t WHERE t.tenant_id = x.tenant_id \
             AND t.id = x.{column}) HAVING count(*) > 0"
        )
    };
    let sql = REFERENCES.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ");
    let found: Vec<(String, i64)> = if sqlite {
        let mut connection = SqliteConnection::connect(url).await.expect("it opens");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await;
        rows.expect("it reads").iter().map(|row| (row.get(0), row.get(1))).collect()
    } else {
        let mut connection = PgConnection::connect(url).await.expect("it answers");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await;
        rows.expect("it reads").iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    found.iter().map(|(column, count)| format!("T-04: {count} {column} of nothing")).collect()
}
