//! What migrations cannot do in SQL: the folded texts of people who were there before these were kept.

use serde_json::Value as Json;
use sqlx::{Executor, PgPool, Row, SqlitePool};
use uuid::Uuid;

use super::failure::classify;
use super::store::{Pools, Store};
use crate::domain::filter::folded;
use crate::error::{Error, Result};

/// How many people a transaction fills.
const SLICE: i64 = 1_000;

/// A person without folded texts.
struct Unfolded {
    tenant_id: Uuid,
    id: Uuid,
    /// Email, external id, first name, last name.
    texts: [Option<String>; 4],
    attributes: String,
}

// === impl Store ===

impl Store {
    /// Fills the folded texts of all people who have none, in slices; run again, it goes on where it stopped.
    pub(super) async fn fill_folded(&self) -> Result<()> {
        loop {
            let filled = match self.pools() {
                Pools::Postgres(pool) => fill_postgres(pool).await?,
                Pools::Sqlite { writer, .. } => fill_sqlite(writer).await?,
            };
            if filled == 0 {
                return Ok(());
            }
        }
    }
}

macro_rules! unfolded {
    ($row:expr) => {
        Unfolded {
            tenant_id: $row.get("tenant_id"),
            id: $row.get("id"),
            texts: ["email", "external_id", "first_name", "last_name"].map(|name| $row.get(name)),
            attributes: $row.get("attributes"),
        }
    };
}

#[expect(clippy::disallowed_methods, reason = "a migration has no tenant, and so no scope")]
async fn fill_postgres(pool: &PgPool) -> Result<usize> {
    let mut transaction = pool.begin().await.map_err(classify)?;
    let select = "SELECT tenant_id, id, email, external_id, first_name, last_name, attributes::text AS attributes \
                  FROM person WHERE folded IS NULL LIMIT $1 FOR UPDATE";
    let query = sqlx::query(select).bind(SLICE);
    let rows = transaction.fetch_all(query).await.map_err(classify)?;
    let people: Vec<Unfolded> = rows.iter().map(|row| unfolded!(row)).collect();
    let update = "UPDATE person p SET folded = v.folded::jsonb FROM unnest($1::uuid[], $2::uuid[], $3::text[]) \
                  AS v(tenant_id, id, folded) WHERE p.tenant_id = v.tenant_id AND p.id = v.id";
    let query = sqlx::query(update)
        .bind(people.iter().map(|one| one.tenant_id).collect::<Vec<_>>())
        .bind(people.iter().map(|one| one.id).collect::<Vec<_>>())
        .bind(people.iter().map(Unfolded::fold).collect::<Result<Vec<_>>>()?);
    transaction.execute(query).await.map_err(classify)?;
    transaction.commit().await.map_err(classify)?;
    Ok(people.len())
}

#[expect(clippy::disallowed_methods, reason = "a migration has no tenant, and so no scope")]
async fn fill_sqlite(pool: &SqlitePool) -> Result<usize> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(classify)?;
    let select = "SELECT tenant_id, id, email, external_id, first_name, last_name, attributes FROM person \
                  WHERE folded IS NULL LIMIT $1";
    let query = sqlx::query(select).bind(SLICE);
    let rows = transaction.fetch_all(query).await.map_err(classify)?;
    for row in &rows {
        let one: Unfolded = unfolded!(row);
        let update = "UPDATE person SET folded = $3 WHERE tenant_id = $1 AND id = $2";
        let query = sqlx::query(update).bind(one.tenant_id).bind(one.id).bind(one.fold()?);
        transaction.execute(query).await.map_err(classify)?;
    }
    transaction.commit().await.map_err(classify)?;
    Ok(rows.len())
}

// === impl Unfolded ===

impl Unfolded {
    fn fold(&self) -> Result<String> {
        let attributes: Json = serde_json::from_str(&self.attributes).map_err(Error::internal)?;
        Ok(folded(self.texts.each_ref(), &attributes).to_string())
    }
}
