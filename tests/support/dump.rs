//! A whole database as text: every column of every row of every table, bytes as hexadecimal too.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

use super::database::Database;

/// The rows in which one of some texts stands, in whatever case and as text or bytes: the table, and the row.
pub async fn rows_with(database: &Database, texts: &[&str]) -> Vec<String> {
    let texts: Vec<String> = texts.iter().flat_map(|text| forms(text)).collect();
    let rows = rows(&database.url).await;
    assert!(rows.len() > 50, "the dump holds the database: {}", rows.len());
    let named = |row: &String| texts.iter().any(|text| row.to_lowercase().contains(text));
    rows.into_iter().filter(named).collect()
}

/// A text as it may stand in a dump.
fn forms(text: &str) -> [String; 3] {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    [text.to_lowercase(), hex(text), hex(&text.to_lowercase())]
}

/// Whether a text stands in an SQLite file or its log, in rows or beside them.
pub async fn is_in_files(database: &Database, text: &str) -> bool {
    let Some(path) = precinct::repository::sqlite_file(&database.url) else { return false };
    let mut connection = SqliteConnection::connect(&database.url).await.expect("it opens");
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("the log is emptied");
    let has = |path: &std::path::Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
    };
    has(&path) || has(&path.with_extension("db-wal"))
}

async fn rows(url: &str) -> Vec<String> {
    if url.starts_with("sqlite:") { sqlite(url).await } else { postgres(url).await }
}

async fn postgres(url: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.expect("it answers");
    let tables =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables = connection.fetch_all(tables).await.expect("the catalog reads");
    let mut all = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!("SELECT '{table} ' || t::text FROM \"{table}\" t");
        let rows = connection.fetch_all(AssertSqlSafe(sql)).await.expect("the table reads");
        all.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    all
}

async fn sqlite(url: &str) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.expect("it opens");
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let tables = connection.fetch_all(tables).await.expect("the catalog reads");
    let mut all = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let columns = format!(
            "SELECT group_concat('quote(\"' || name || '\")', ' || '', '' || ') \
            FROM pragma_table_info('{table}')"
        );
        let columns = connection.fetch_one(AssertSqlSafe(columns)).await.expect("the columns read");
        let columns: String = columns.get(0);
        let sql = format!("SELECT '{table} ' || {columns} FROM \"{table}\"");
        let rows = connection.fetch_all(AssertSqlSafe(sql)).await.expect("the table reads");
        all.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    all
}
