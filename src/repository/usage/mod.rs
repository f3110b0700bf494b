//! What tenants use, by day: counted behind the calls, measured once a day, kept as numbers of a series.

mod census;
mod feed;
mod flush;
mod memory;
mod settle;

use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::scope::Scope;
use crate::domain::usage::allocation::Held;
use crate::domain::usage::{Day, Entry, Series, Span};
use crate::error::{Error, Result};
use crate::id::WorkspaceId;
use crate::{args, sql};

pub use self::census::{census, inside};
pub use self::memory::Counts;
pub use self::settle::{begin, settled};

/// Rows of a statement.
const CHUNK: usize = 5_000;

/// Which numbers are asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// What is counted.
    pub series: &'a [Series],
    /// The days, each with the first day of the period that it goes to.
    pub days: &'a [(Day, Day)],
    /// Whose; nothing: everybody's.
    pub workspace: Option<WorkspaceId>,
}

/// How a number is kept.
#[derive(FromQueryResult)]
struct Row {
    workspace_id: Uuid,
    day: i64,
    series: String,
    key: String,
    value: i64,
}

/// The numbers of some series, added up by period: the `day` of each is the first of its period.
pub async fn sums(scope: &Scope, wanted: &Wanted<'_>) -> Result<Vec<Entry>> {
    let Wanted { series, days, workspace } = wanted;
    if series.is_empty() || days.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = series.iter().map(|one| one.name().to_owned()).collect();
    let days: Json = days.iter().map(|(day, to)| json!({ "day": day.0, "period": to.0 })).collect();
    let rows: Vec<Row> = match workspace {
        None => scope.all(SUMS, args![names, days]).await?,
        Some(id) => scope.all(SUMS_OF_WORKSPACE, args![names, days, *id]).await?,
    };
    rows.into_iter().map(Entry::try_from).collect()
}

const SUMS: super::sql::Sql = sql!(
    postgres: "SELECT u.workspace_id, d.period AS day, u.series, u.key, CAST(sum(u.value) AS bigint) AS value \
         FROM jsonb_to_recordset($3) AS d(day bigint, period bigint) \
         JOIN usage_day u ON u.tenant_id = $1 AND u.day = d.day AND u.series = ANY($2::text[]) \
         GROUP BY u.workspace_id, d.period, u.series, u.key",
    sqlite: "SELECT u.workspace_id, d.value->>'period' AS day, u.series, u.key, sum(u.value) AS value \
         FROM json_each($3) d JOIN usage_day u ON u.tenant_id = $1 AND u.day = d.value->>'day' \
             AND u.series IN (SELECT value FROM json_each($2)) \
         GROUP BY u.workspace_id, d.value->>'period', u.series, u.key",
);

const SUMS_OF_WORKSPACE: super::sql::Sql = sql!(
    postgres: "SELECT u.workspace_id, d.period AS day, u.series, u.key, CAST(sum(u.value) AS bigint) AS value \
         FROM jsonb_to_recordset($3) AS d(day bigint, period bigint) \
         JOIN usage_day u ON u.tenant_id = $1 AND u.workspace_id = $4 AND u.day = d.day AND u.series = ANY($2::text[]) \
         GROUP BY u.workspace_id, d.period, u.series, u.key",
    sqlite: "SELECT u.workspace_id, d.value->>'period' AS day, u.series, u.key, sum(u.value) AS value \
         FROM json_each($3) d JOIN usage_day u ON u.tenant_id = $1 AND u.workspace_id = $4 \
             AND u.day = d.value->>'day' AND u.series IN (SELECT value FROM json_each($2)) \
         GROUP BY u.workspace_id, d.value->>'period', u.series, u.key",
);

/// How many workspaces have numbers on these days.
pub async fn count_workspaces(scope: &Scope, span: Span) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(DISTINCT workspace_id) FROM usage_day \
                 WHERE tenant_id = $1 AND day BETWEEN $2 AND $3"
            ),
            args![span.first.0, span.last.0],
        )
        .await
}

/// How many numbers of a workspace there are of some days.
pub async fn count_numbers(scope: &Scope, workspace: WorkspaceId, span: Span) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(*) FROM usage_day \
                 WHERE tenant_id = $1 AND workspace_id = $2 AND day BETWEEN $3 AND $4"
            ),
            args![workspace, span.first.0, span.last.0],
        )
        .await
}

/// How many numbers a bill for some days is split by.
pub async fn count_held(scope: &Scope, span: Span) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(*) FROM usage_day \
                 WHERE tenant_id = $1 AND series = 'HELD' AND day BETWEEN $2 AND $3"
            ),
            args![span.first.0, span.last.0],
        )
        .await
}

/// Who held which people on the days that are over.
pub async fn held(scope: &Scope, span: Span) -> Result<Vec<Held>> {
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT workspace_id, day, series, key, value FROM usage_day \
                 WHERE tenant_id = $1 AND series = 'HELD' AND day BETWEEN $2 AND $3 ORDER BY day, key, workspace_id"
            ),
            args![span.first.0, span.last.0],
        )
        .await?;
    let entries = rows.into_iter().map(Entry::try_from);
    entries.map(|entry| held_of(&entry?)).collect()
}

/// A number of what is held, as bills are split by it.
pub fn held_of(entry: &Entry) -> Result<Held> {
    Ok(Held {
        day: entry.day,
        partition: entry.key.parse().map_err(Error::internal)?,
        workspace: entry.workspace,
        people: entry.value,
    })
}

/// Adds numbers to those that are there.
async fn add(scope: &Scope, entries: &[Entry]) -> Result<()> {
    let row = |one: &Entry| {
        json!({
            "workspace_id": one.workspace.map_or(Uuid::nil(), |id| id.0),
            "day": one.day.0,
            "series": one.series.name(),
            "key": one.key,
            "value": one.value,
        })
    };
    for chunk in entries.chunks(CHUNK) {
        scope.execute(ADD, args![chunk.iter().map(row).collect::<Json>()]).await?;
    }
    Ok(())
}

const ADD: super::sql::Sql = sql!(
    postgres: "INSERT INTO usage_day (tenant_id, workspace_id, day, series, key, value) \
         SELECT $1, u.workspace_id, u.day, u.series, u.key, u.value FROM jsonb_to_recordset($2) \
             AS u(workspace_id uuid, day bigint, series text, key text, value bigint) \
         ON CONFLICT (tenant_id, workspace_id, day, series, key) DO UPDATE SET value = usage_day.value + excluded.value",
    sqlite: "INSERT INTO usage_day (tenant_id, workspace_id, day, series, key, value) \
         SELECT $1, unhex(replace(value->>'workspace_id', '-', '')), value->>'day', value->>'series', value->>'key', \
             value->>'value' FROM json_each($2) WHERE true \
         ON CONFLICT (tenant_id, workspace_id, day, series, key) DO UPDATE SET value = usage_day.value + excluded.value",
);

/// Forgets the numbers of long ago.
async fn forget_before(scope: &Scope, day: Day) -> Result<()> {
    let sql = sql!("DELETE FROM usage_day WHERE tenant_id = $1 AND day < $2");
    scope.execute(sql, args![day.0]).await.map(drop)
}

// === impl Entry ===

impl TryFrom<Row> for Entry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let series = Series::named(&row.series)
            .ok_or_else(|| Error::internal("a number of no series that is known"))?;
        let workspace = Some(WorkspaceId(row.workspace_id)).filter(|id| !id.0.is_nil());
        Ok(Self { workspace, day: Day(row.day), series, key: row.key, value: row.value })
    }
}
