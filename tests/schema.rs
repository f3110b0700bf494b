//! The migrated catalog, held to the rules that let it spread over machines unchanged, and to the entities.

use std::collections::{BTreeMap, BTreeSet};

use precinct::entity;
use sea_orm::{EntityTrait, IdenStatic, Iterable};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::support::App;
use crate::support::checker::lifecycle::{FREE, REFERENCES};

/// Tables that belong to no tenant.
const GLOBAL: &[&str] = &["instance", "_sqlx_migrations"];
/// Tables of tenants without row-level security: polled over all tenants, and holding numbers and ids only.
const OPEN: &[&str] = &["due", "tenant_head"];

async fn catalog() -> (App, PgConnection) {
    let app = App::postgres().await;
    let connection = PgConnection::connect(&app.database.url).await.expect("the database answers");
    (app, connection)
}

async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows =
        sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await.expect("the catalog reads");
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

#[tokio::test]
async fn every_key_of_a_tenant_table_starts_with_the_tenant() {
    let (_app, mut connection) = catalog().await;
    let sql = "SELECT i.indexrelid::regclass::text FROM pg_index i \
        JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
        WHERE n.nspname = 'public' AND i.indisunique AND a.attname <> 'tenant_id' \
        AND c.relname NOT IN ('instance', '_sqlx_migrations')";
    assert_eq!(texts(&mut connection, sql).await, Vec::<String>::new());
    let sql = "SELECT conname::text FROM pg_constraint c JOIN pg_attribute a \
        ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
        WHERE c.contype = 'f' AND a.attname <> 'tenant_id'";
    assert_eq!(texts(&mut connection, sql).await, Vec::<String>::new());
    let sql = "SELECT conname::text FROM pg_constraint WHERE contype = 'f' \
        AND (confdeltype IN ('n', 'd') OR confupdtype <> 'a')";
    assert_eq!(texts(&mut connection, sql).await, Vec::<String>::new(), "SET NULL, ON UPDATE");
}

#[tokio::test]
async fn there_are_no_triggers_sequences_or_generated_keys() {
    let (_app, mut connection) = catalog().await;
    let sql = "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal";
    assert_eq!(texts(&mut connection, sql).await, Vec::<String>::new());
    let sql = "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind = 'S' AND n.nspname = 'public'";
    assert_eq!(texts(&mut connection, sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_tenant_table_is_under_row_level_security_that_is_not_forced() {
    let (_app, mut connection) = catalog().await;
    let all = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'";
    let walled = format!(
        "{all} AND c.relrowsecurity AND NOT c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p \
         WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL)"
    );
    let all: BTreeSet<String> = texts(&mut connection, all).await.into_iter().collect();
    let walled: BTreeSet<String> = texts(&mut connection, &walled).await.into_iter().collect();
    let open: Vec<&String> = all
        .difference(&walled)
        .filter(|table| !GLOBAL.contains(&table.as_str()) && !OPEN.contains(&table.as_str()))
        .collect();
    assert_eq!(open, Vec::<&String>::new());
}

#[tokio::test]
async fn a_session_without_a_tenant_sees_nothing_and_writes_nothing() {
    let (app, mut connection) = catalog().await;
    let acme = app.tenant("acme").await;
    acme.admin().person(&acme.default_workspace, "ada@example.com").await;
    let tables = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relrowsecurity";
    let tables = texts(&mut connection, tables).await;
    assert!(tables.iter().any(|table| table == "person"));
    for role in ["SET ROLE precinct_app", "SET app.tenant_id = ''"] {
        sqlx::query(AssertSqlSafe(role)).execute(&mut connection).await.expect("the role is there");
        for table in &tables {
            let sql = format!("SELECT count(*)::text FROM {table}");
            assert_eq!(texts(&mut connection, &sql).await, ["0"], "{table} after {role}");
        }
    }
    let stranger = "INSERT INTO consent (tenant_id, scope_id, email_hash, create_time) \
        SELECT gen_random_uuid(), gen_random_uuid(), 'x', 0";
    let refused = sqlx::query(stranger).execute(&mut connection).await.expect_err("RLS refuses it");
    let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
    assert_eq!(code.as_deref(), Some("42501"));
}

#[tokio::test]
async fn the_application_role_cannot_rewrite_history() {
    let (_app, mut connection) = catalog().await;
    sqlx::query("SET ROLE precinct_app").execute(&mut connection).await.expect("the role is there");
    for sql in ["UPDATE audit SET actor = 'x'", "UPDATE change SET kind = 'x'"] {
        let refused = sqlx::query(sql).execute(&mut connection).await.expect_err("no privilege");
        let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}");
    }
}

/// K-06: the audit log can be deleted with its tenant alone, once that can no longer be restored.
#[tokio::test]
async fn the_audit_log_of_a_tenant_that_lives_cannot_be_deleted() {
    let (app, mut connection) = catalog().await;
    let acme = app.tenant("acme").await;
    let deleted = "UPDATE tenant SET delete_time = 1, purge_time = 2";
    for (state, goes) in
        [("SELECT 1", false), (deleted, false), ("UPDATE tenant SET purge_time = 1", true)]
    {
        let tenant = format!("SET app.tenant_id = '{}'", acme.id);
        for sql in
            ["RESET ROLE", state, &tenant, "SET ROLE precinct_app", "DELETE FROM audit_payload"]
        {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect(sql);
        }
        for sql in ["DELETE FROM audit_workspace", "DELETE FROM audit"] {
            let gone = sqlx::query(sql).execute(&mut connection).await.expect("it may");
            assert_eq!(gone.rows_affected() > 0, goes, "{state}: {sql}");
        }
    }
}

/// Every id that a row holds is known to the checker: it refers to a row that is there, or need not.
#[tokio::test]
async fn every_reference_is_checked() {
    let (_app, mut connection) = catalog().await;
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns \
        WHERE table_schema = 'public' AND column_name LIKE '%\\_id' AND column_name <> 'tenant_id' \
        AND data_type = 'uuid'";
    let there: BTreeSet<String> = texts(&mut connection, sql).await.into_iter().collect();
    let referring = REFERENCES.iter().map(|(table, column, _)| format!("{table}.{column}"));
    let free = FREE.iter().map(|(table, column)| format!("{table}.{column}"));
    assert_eq!(there, referring.chain(free).collect::<BTreeSet<String>>());
}

#[tokio::test]
async fn entities_have_the_columns_of_their_tables() {
    let (_app, mut connection) = catalog().await;
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns \
        WHERE table_schema = 'public'";
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for column in texts(&mut connection, sql).await {
        let (table, column) = column.split_once('.').expect("table.column");
        tables.entry(table.into()).or_default().insert(column.into());
    }
    fn columns<E: EntityTrait>() -> BTreeSet<String> {
        E::Column::iter().map(|column| column.as_str().to_owned()).collect()
    }
    assert_eq!(tables["tenant"], columns::<entity::tenant::Entity>());
    assert_eq!(tables["workspace"], columns::<entity::workspace::Entity>());
    assert_eq!(tables["person_partition"], columns::<entity::partition::Entity>());
    assert_eq!(tables["binding"], columns::<entity::binding::Entity>());
    assert_eq!(tables["field"], columns::<entity::field::Entity>());
    assert_eq!(tables["person"], columns::<entity::person::Entity>());
    assert_eq!(tables["import"], columns::<entity::import::Entity>());
    assert_eq!(tables["folder"], columns::<entity::folder::Entity>());
    assert_eq!(tables["share"], columns::<entity::share::Entity>());
    assert_eq!(tables["asset"], columns::<entity::asset::Entity>());
    assert_eq!(tables["segmentation"], columns::<entity::segmentation::Entity>());
    assert_eq!(tables["operation"], columns::<entity::operation::Entity>());
}
