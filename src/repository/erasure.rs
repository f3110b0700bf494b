//! What is stored of people beside their records, found by the text that tells of them (K-08): pages of each table in
//! the order of a key, so that an erasure can stop and go on anywhere.
//!
//! There is no index from people to texts: it would be written with every change, and miss what is told in passing. An
//! erasure is rare, and reads 100,000 audit records in some 2 seconds, in the background.

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::write::Tx;
use crate::domain::erasure::Subject;
use crate::error::Result;
use crate::{args, sql};

/// Where texts may tell of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Answers of calls that carried a `request_id`.
    Answers,
    /// Answers of chunks of imports.
    Chunks,
    /// Before and after in the audit log.
    Audit,
    /// Names and descriptions of assets.
    Assets,
    /// Names and descriptions of folders.
    Folders,
    /// Names and descriptions of workspaces.
    Workspaces,
    /// The content of assets that is not a version.
    Contents,
    /// Approved versions of assets.
    Versions,
    /// Versions of the routing policy.
    Routing,
    /// What operations that have not ended are asked for, other erasures aside.
    Operations,
}

/// A row of a place.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Row {
    /// What it is of; nothing where the number says all.
    pub id: Option<Uuid>,
    /// Its number, where there are several of one thing.
    pub number: i64,
    /// The text, if it may tell of somebody.
    pub text: Option<String>,
}

/// Where a walk goes on: after a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    id: Uuid,
    number: i64,
}

/// A page of a table; of the texts only those that match one of the patterns `$2`, in ASCII whatever the case: PostgreSQL's
/// own folding takes four times as long. The conditions bind from `$4`.
macro_rules! page {
    ($id:literal, $number:literal, $text:literal, $table:literal, $beyond:literal, $order:literal) => {
        sql!(
            postgres: concat!(
                "SELECT ", $id, " AS id, ", $number, " AS number, CASE WHEN ", $text, "::text COLLATE \"C\" \
                 ILIKE ANY ($2::text[]) THEN ", $text, "::text END AS text FROM ", $table, " WHERE tenant_id = $1 AND ", $beyond,
                " ORDER BY ", $order, " LIMIT $3"
            ),
            sqlite: concat!(
                "SELECT ", $id, " AS id, ", $number, " AS number, CASE WHEN EXISTS (SELECT 1 FROM json_each($2) v \
                 WHERE ", $text, " LIKE v.value ESCAPE '\\') THEN ", $text, " END AS text FROM ", $table,
                " WHERE tenant_id = $1 AND ", $beyond, " ORDER BY ", $order, " LIMIT $3"
            ),
        )
    };
}

/// The same of what a table calls its rows, and says of them.
macro_rules! names {
    ($table:literal) => {
        page!(
            "id",
            "CAST(0 AS bigint)",
            "(display_name || ' ' || description)",
            $table,
            "id > $4",
            "id"
        )
    };
}

// === impl Row ===

impl Row {
    /// Where to go on after it.
    pub fn cursor(&self) -> Cursor {
        Cursor { id: self.id.unwrap_or_default(), number: self.number }
    }
}

/// The next rows of a place.
pub async fn page(
    tx: &Tx,
    place: Place,
    subject: &Subject,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    let Cursor { id, number } = after;
    let mut all = args![patterns(subject), limit];
    let (sql, place) = match place {
        Place::Answers => (
            page!(
                "request_id",
                "create_time",
                "answer",
                "request",
                "(create_time, request_id) > ($4, $5)",
                "create_time, request_id"
            ),
            args![number, id],
        ),
        Place::Chunks => (
            page!(
                "import_id",
                "first_row",
                "answer",
                "import_chunk",
                "(import_id, first_row) > ($4, $5)",
                "import_id, first_row"
            ),
            args![id, number],
        ),
        Place::Audit => (
            page!("CAST(NULL AS uuid)", "seq", "payload", "audit_payload", "seq > $4", "seq"),
            args![number],
        ),
        Place::Assets => (names!("asset"), args![id]),
        Place::Folders => (names!("folder"), args![id]),
        Place::Workspaces => (names!("workspace"), args![id]),
        Place::Contents => (
            page!(
                "asset_id",
                "CAST(0 AS bigint)",
                "content",
                "asset_content",
                "asset_id > $4",
                "asset_id"
            ),
            args![id],
        ),
        Place::Versions => (
            page!(
                "asset_id",
                "number",
                "content",
                "asset_version",
                "(asset_id, number) > ($4, $5)",
                "asset_id, number"
            ),
            args![id, number],
        ),
        Place::Routing => (
            page!(
                "CAST(NULL AS uuid)",
                "version",
                "rules",
                "routing_policy",
                "version > $4",
                "version"
            ),
            args![number],
        ),
        Place::Operations => (
            page!(
                "id",
                "CAST(0 AS bigint)",
                "request",
                "operation",
                "id > $4 AND end_time IS NULL AND kind <> 'ERASE_PERSON'",
                "id"
            ),
            args![id],
        ),
    };
    all.extend(place);
    tx.all(sql, all).await
}

/// Replaces the stored answer of a call, if it is still the same.
pub async fn set_answer(tx: &Tx, row: &Row, answer: String) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE request SET answer = $5 WHERE tenant_id = $1 AND create_time = $2 AND request_id = $3 \
             AND answer = $4"
        ),
        args![row.number, row.id, row.text.clone(), answer],
    )
    .await
    .map(drop)
}

/// Replaces the stored answer of a chunk of an import.
pub async fn set_chunk(tx: &Tx, row: &Row, answer: String) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE import_chunk SET answer = $4 WHERE tenant_id = $1 AND import_id = $2 AND first_row = $3"
        ),
        args![row.id, row.number, answer],
    )
    .await
    .map(drop)
}

/// Deletes before and after of audit records, with the salt, and returns of which; the records stay, and the log
/// verifies. What erasures say of themselves is ids and hashes, and stays.
pub async fn delete_payloads(tx: &Tx, records: Vec<i64>) -> Result<Vec<i64>> {
    tx.column(
        sql!(
            postgres: "DELETE FROM audit_payload WHERE tenant_id = $1 AND seq = ANY($2::bigint[]) \
                 AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.tenant_id = $1 AND a.seq = audit_payload.seq \
                     AND a.action = 'PersonService/ErasePerson') RETURNING seq",
            sqlite: "DELETE FROM audit_payload WHERE tenant_id = $1 AND seq IN (SELECT value FROM json_each($2)) \
                 AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.tenant_id = $1 AND a.seq = audit_payload.seq \
                     AND a.action = 'PersonService/ErasePerson') RETURNING seq",
        ),
        args![records],
    )
    .await
}

/// What texts are looked for by: all that may match, which the rule then looks at closer.
fn patterns(subject: &Subject) -> Vec<String> {
    let pattern = |text: &String| {
        let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        format!("%{escaped}%")
    };
    subject.ids.iter().chain(&subject.emails).map(pattern).collect()
}
