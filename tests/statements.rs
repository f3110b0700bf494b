//! The statements of the repository, read from its source: they parse on PostgreSQL, name their tenant for
//! every table, keep to what spreads over machines, and find people by index with the policy on.

use std::fs;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use crate::support::App;

/// Words that do not spread over machines, or differ between the databases.
const FORBIDDEN: &[&str] = &[
    "set_config(",
    "MERGE INTO",
    "OFFSET",
    "lower(",
    "now()",
    "pg_advisory",
    "NOTIFY",
    "SKIP LOCKED",
];

/// Tables that grow with what a tenant does, beyond what may be read from end to end.
const LARGE: &[&str] = &[
    "person",
    "asset",
    "asset_content",
    "asset_member",
    "asset_reference",
    "asset_version",
    "folder_path",
    "segment_member",
    "audit",
    "audit_payload",
    "audit_workspace",
];

/// Statements that look at all people of a tenant or partition, and are meant to.
const SCANS: &[&str] = &["count(", "GROUP BY email_key", "SET uniqueness_scope"];

/// The PostgreSQL texts of all `sql!` literals; those put together by `concat!` are read with their macro's
/// arguments left out, and skipped.
fn statements() -> Vec<String> {
    let mut found = Vec::new();
    collect(Path::new("src/repository"), &mut found);
    assert!(found.len() > 60, "the source is where it was: {}", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let texts = code.split("sql!(").skip(1).filter_map(literal);
            found.extend(texts.filter(|text| !text.contains("json_each")));
        }
    }
}

/// The first string literal of a macro call, as the compiler reads it.
fn literal(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("postgres:").unwrap_or(rest).trim_start();
    let mut chars = rest.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            // A condition that always holds, or an id that is none.
            '"' => {
                let text = text.replace("AND {filter}", "AND true");
                return Some(text.replace("{filter}", "NULL"));
            }
            '\\' if chars.peek() == Some(&'\n') => {
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
            }
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    None
}

fn parameters(sql: &str) -> usize {
    let number = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    sql.split('$').skip(1).map(number).max().unwrap_or(0)
}

#[test]
fn statements_keep_to_what_spreads_over_machines() {
    for sql in statements() {
        for word in FORBIDDEN {
            assert!(!sql.contains(word), "{word} in {sql}");
        }
    }
}

#[test]
fn statements_name_the_tenant_for_every_table() {
    for sql in statements() {
        let words: Vec<&str> = sql.split_whitespace().collect();
        let tables = words
            .windows(2)
            .filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "UPDATE"))
            .filter(|pair| is_table(pair[1]))
            .count();
        let named = sql.matches("tenant_id = $1").count();
        assert!(named >= tables, "{named} of {tables} tables name the tenant: {sql}");
    }
}

/// Whether a word names a table rather than a function, a sub-query or a common table expression.
fn is_table(word: &str) -> bool {
    const TABLES: &[&str] = &[
        "tenant",
        "tenant_head",
        "quota",
        "request",
        "change",
        "audit",
        "audit_payload",
        "audit_workspace",
        "workspace",
        "person_partition",
        "binding",
        "field",
        "person",
        "consent",
        "suppression",
        "import",
        "import_chunk",
        "role",
        "principal_group",
        "service_account",
        "group_member",
        "access_grant",
        "api_key",
        "last_use",
        "access_change",
        "folder",
        "folder_path",
        "share",
        "asset",
        "asset_content",
        "asset_version",
        "asset_reference",
        "asset_member",
        "operation",
        "due",
        "segmentation",
        "segment_coverage",
        "segment_member",
        "asset_field",
        "asset_origin",
        "usage_day",
        "usage_meter",
    ];
    TABLES.contains(&word.trim_end_matches([')', ',']))
}

#[tokio::test]
async fn statements_parse_and_find_people_and_assets_by_index() {
    let app = App::postgres().await;
    let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
    fill(&mut connection).await;
    for setup in [
        "SET ROLE precinct_app",
        "SET app.tenant_id = '00000000-0000-0000-0000-000000000001'",
        "SET plan_cache_mode = force_generic_plan",
    ] {
        connection.execute(setup).await.unwrap();
    }
    for sql in statements() {
        let prepare = format!("PREPARE s AS {sql}");
        if let Err(error) = connection.execute(AssertSqlSafe(prepare)).await {
            // The driver says of which type each value is; a few statements need to be told.
            let code = error.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("42P08"), "{error}: {sql}");
            continue;
        }
        let nulls = vec!["NULL"; parameters(&sql)].join(", ");
        let explain = format!("EXPLAIN EXECUTE s({nulls})");
        let rows = connection.fetch_all(AssertSqlSafe(explain)).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        let meant = SCANS.iter().any(|part| sql.contains(part));
        for table in LARGE {
            assert!(meant || !plan.contains(&format!("Seq Scan on {table} ")), "{sql}\n{plan}");
        }
        connection.execute("DEALLOCATE s").await.unwrap();
    }
}

/// A tenant that came after the last ANALYZE must not look empty to the planner: it would then read all of the
/// tenant's people for a look-up of some.
#[tokio::test]
async fn a_new_tenants_people_are_found_by_their_keys() {
    let app = App::postgres().await;
    let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
    fill(&mut connection).await;
    let newcomer = "
        INSERT INTO tenant SELECT '00000000-0000-0000-0000-000000000003', 'T', '{}', gen_random_uuid(),
            gen_random_uuid(), 1, 0, 0;
        INSERT INTO person_partition (tenant_id, id, display_name, name_key, description, region,
            is_default, version, create_time, update_time)
            SELECT '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000003', 'P', 'p',
            '', '', false, 1, 0, 0;";
    connection.execute(newcomer).await.unwrap();
    let look_up = "EXPLAIN SELECT id FROM person \
        WHERE tenant_id = '00000000-0000-0000-0000-000000000003' \
        AND uniqueness_scope = ANY('{00000000-0000-0000-0000-000000000003}'::uuid[]) \
        AND email_key = ANY((SELECT array_agg('e' || n) FROM generate_series(1, 100) n)::text[]) \
        AND delete_time IS NULL AND email_key <> '' ORDER BY id FOR UPDATE";
    let rows = connection.fetch_all(look_up).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("person_email"), "{plan}");
}

/// Enough people, of two tenants in four partitions, that a scan of them is the wrong plan.
async fn fill(connection: &mut PgConnection) {
    let fill = "
        INSERT INTO tenant SELECT ('00000000-0000-0000-0000-00000000000' || t)::uuid, 'T', '{}',
            gen_random_uuid(), gen_random_uuid(), 1, 0, 0 FROM generate_series(1, 2) t;
        INSERT INTO person_partition (tenant_id, id, display_name, name_key, description, region,
            is_default, version, create_time, update_time)
            SELECT t.tenant_id, gen_random_uuid(), 'P' || n, 'p' || n, '', '', false, 1, 0, 0
            FROM tenant t, generate_series(1, 4) n;
        INSERT INTO person (tenant_id, id, partition_id, uniqueness_scope, email, email_key, external_id,
            unsubscribed, source, attributes, version, create_time, update_time)
            SELECT p.tenant_id, gen_random_uuid(), p.id, p.id, 'e' || n, 'e' || n, n::text, false, 'API',
            '{}', 1, n, n FROM person_partition p, generate_series(1, 4000) n;";
    connection.execute(fill).await.unwrap();
    // What they are in, without the folders and workspaces that hold it.
    let assets = "
        SET session_replication_role = replica;
        INSERT INTO asset (tenant_id, id, workspace_id, folder_id, type, display_name, name_key, description, active,
            has_draft, versions, version, create_time, update_time)
            SELECT t.tenant_id, gen_random_uuid(), md5('w' || n % 20)::uuid, md5('f' || n % 400)::uuid, 'SMART_LIST',
            'a' || n, 'a' || n, '', false, false, 0, 1, n, n FROM tenant t, generate_series(1, 8000) n;
        INSERT INTO folder_path (tenant_id, folder_id, ancestor_id)
            SELECT DISTINCT tenant_id, folder_id, a FROM asset, generate_series(1, 20) n,
            LATERAL (SELECT md5(n::text || folder_id::text)::uuid) above (a);
        INSERT INTO asset_content (tenant_id, asset_id, content) SELECT tenant_id, id, '{}' FROM asset;
        INSERT INTO asset_version (tenant_id, asset_id, number, content, refers_to, approved_by, approve_time)
            SELECT tenant_id, id, 1, '{}', '[]', '', 0 FROM asset;
        INSERT INTO asset_reference (tenant_id, asset_id, live, kind, target_id)
            SELECT tenant_id, id, true, 'LIST', gen_random_uuid() FROM asset;
        INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time)
            SELECT tenant_id, md5(id::text)::uuid, id, 0 FROM person;
        INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, to_generation,
            partition_id, segment_id)
            SELECT tenant_id, md5('s' || n)::uuid, id, 1, 9223372036854775807, partition_id, md5('s' || n % 3)::uuid
            FROM person, generate_series(1, 4) n;
        INSERT INTO audit (tenant_id, seq, revision, actor, action, resource, call_id, payload_digest, hash, create_time)
            SELECT t.tenant_id, n, n, 'user:ada', 'S/R', 'asset', '', '', '', n FROM tenant t, generate_series(1, 8000) n;
        INSERT INTO audit_payload (tenant_id, seq, salt, payload) SELECT tenant_id, seq, '', '[]' FROM audit;
        INSERT INTO audit_workspace (tenant_id, seq, workspace_id, reads)
            SELECT tenant_id, seq, md5('w' || seq % 20)::uuid, 'assets.read' FROM audit;
        RESET session_replication_role;";
    connection.execute(assets).await.unwrap();
    connection.execute("ANALYZE").await.unwrap();
}
