//! Making and changing people, a set at a time.
//!
//! PostgreSQL takes a set as one array per column, SQLite as one JSON array of rows.

use sea_orm::DbBackend;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::clock::Micros;
use crate::domain::filter::{Key, Reads, folded, refolded};
use crate::entity::person::Source;
use crate::error::Result;
use crate::id::{PartitionId, PersonId};
use crate::repository::Scope;
use crate::repository::sql::Arg;
use crate::{args, sql};

/// A person to make.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The id that the person will have.
    pub id: PersonId,
    /// The email, as given.
    pub email: Option<String>,
    /// The key of the email; empty if there is none.
    pub email_key: String,
    /// The id in the client's system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Unsubscribed.
    pub unsubscribed: bool,
    /// Values by ordinal, without nulls.
    pub attributes: Json,
}

/// What to change of a person; nothing: leave it as it is.
#[derive(Clone, Debug)]
pub struct PersonPatch {
    /// Who.
    pub id: PersonId,
    /// The email, as given.
    pub email: Option<String>,
    /// The key of the email.
    pub email_key: Option<String>,
    /// The id in the client's system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Unsubscribed.
    pub unsubscribed: Option<bool>,
    /// Values by ordinal; null clears one.
    pub attributes: Json,
}

// === impl PersonPatch ===

impl PersonPatch {
    /// What it changes, for those who read it.
    pub fn changes(&self) -> Reads {
        let built_in = [
            ("email", self.email.is_some()),
            ("external_id", self.external_id.is_some()),
            ("first_name", self.first_name.is_some()),
            ("last_name", self.last_name.is_some()),
            ("unsubscribed", self.unsubscribed.is_some()),
            ("update_time", true),
        ];
        let built_in = built_in.into_iter().filter_map(|(name, set)| set.then_some(name));
        let ordinals = self.attributes.as_object().into_iter().flat_map(|values| values.keys());
        let custom = ordinals.filter_map(|key| key.parse().ok()).map(Key::Custom);
        Reads { fields: built_in.map(Key::BuiltIn).chain(custom).collect(), ..Reads::default() }
    }
}

// === impl NewPerson ===

impl NewPerson {
    fn folded(&self) -> Json {
        let Self { email, external_id, first_name, last_name, attributes, .. } = self;
        folded([email, external_id, first_name, last_name], attributes)
    }
}

// === impl PersonPatch ===

impl PersonPatch {
    fn refolded(&self) -> Json {
        let Self { email, external_id, first_name, last_name, attributes, .. } = self;
        refolded([email, external_id, first_name, last_name], attributes)
    }
}

/// Makes people in one partition and returns the ids of those that no unique index refused: the index is
/// the guard (D-04), and who was refused is looked up afterwards.
pub async fn insert(
    scope: &Scope,
    partition: PartitionId,
    uniqueness_scope: Uuid,
    source: Source,
    time: Micros,
    people: &[NewPerson],
) -> Result<Vec<PersonId>> {
    let head = args![partition, uniqueness_scope, source_name(source), time];
    match scope.backend().await {
        DbBackend::Sqlite => {
            let rows = rows(people.iter().map(|one| {
                json!([
                    one.id.0.simple().to_string(),
                    one.email,
                    one.email_key,
                    one.external_id,
                    one.first_name,
                    one.last_name,
                    one.unsubscribed,
                    one.attributes.to_string(),
                    one.folded().to_string()
                ])
            }));
            scope.column(INSERT_SQLITE, with(head, vec![rows])).await
        }
        _ => scope.column(INSERT_POSTGRES, with(head, new_columns(people))).await,
    }
}

const INSERT_POSTGRES: crate::repository::sql::Sql = sql!(
    "INSERT INTO person (tenant_id, id, partition_id, uniqueness_scope, email, email_key, external_id, \
         first_name, last_name, unsubscribed, source, attributes, folded, version, create_time, \
         update_time) \
     SELECT $1, r.id, $2, $3, r.email, r.email_key, r.external_id, r.first_name, r.last_name, \
         r.unsubscribed, $4, r.attributes::jsonb, r.folded::jsonb, 1, $5, $5 \
     FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bool[], \
         $13::text[], $14::text[]) AS r(id, email, email_key, external_id, first_name, last_name, unsubscribed, \
         attributes, folded) \
     ON CONFLICT DO NOTHING RETURNING id"
);

const INSERT_SQLITE: crate::repository::sql::Sql = sql!(
    "INSERT INTO person (tenant_id, id, partition_id, uniqueness_scope, email, email_key, external_id, \
         first_name, last_name, unsubscribed, source, attributes, folded, version, create_time, \
         update_time) \
     SELECT $1, unhex(value->>0), $2, $3, value->>1, value->>2, value->>3, value->>4, value->>5, \
         value->>6, $4, value->>7, value->>8, 1, $5, $5 \
     FROM json_each($6) WHERE true ON CONFLICT DO NOTHING RETURNING id"
);

/// Changes people and returns the ids of those of whom anything changed.
pub async fn update(scope: &Scope, time: Micros, people: &[PersonPatch]) -> Result<Vec<PersonId>> {
    let head = args![time];
    match scope.backend().await {
        DbBackend::Sqlite => {
            let rows = rows(people.iter().map(|one| {
                json!([
                    one.id.0.simple().to_string(),
                    one.email,
                    one.email_key,
                    one.external_id,
                    one.first_name,
                    one.last_name,
                    one.unsubscribed,
                    one.attributes.to_string(),
                    one.refolded().to_string()
                ])
            }));
            scope.column(UPDATE_SQLITE, with(head, vec![rows])).await
        }
        _ => scope.column(UPDATE_POSTGRES, with(head, patch_columns(people))).await,
    }
}

const UPDATE_POSTGRES: crate::repository::sql::Sql = sql!(
    "WITH r AS (SELECT p.id, coalesce(v.email, p.email) AS email, \
         coalesce(v.email_key, p.email_key) AS email_key, \
         coalesce(v.external_id, p.external_id) AS external_id, \
         coalesce(v.first_name, p.first_name) AS first_name, \
         coalesce(v.last_name, p.last_name) AS last_name, \
         coalesce(v.unsubscribed, p.unsubscribed) AS unsubscribed, \
         jsonb_strip_nulls(p.attributes || v.attributes::jsonb) AS attributes, \
         jsonb_strip_nulls(p.folded || v.folded::jsonb) AS folded \
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[], \
             $10::text[], $11::text[]) AS v(id, email, email_key, external_id, first_name, last_name, \
             unsubscribed, attributes, folded) JOIN person p ON p.tenant_id = $1 AND p.id = v.id AND p.delete_time IS NULL) \
     UPDATE person p SET email = r.email, email_key = r.email_key, external_id = r.external_id, \
         first_name = r.first_name, last_name = r.last_name, unsubscribed = r.unsubscribed, \
         attributes = r.attributes, folded = r.folded, version = p.version + 1, update_time = $2 \
     FROM r WHERE p.tenant_id = $1 AND p.id = r.id \
     AND (p.email, p.email_key, p.external_id, p.first_name, p.last_name, p.unsubscribed, p.attributes) \
         IS DISTINCT FROM (r.email, r.email_key, r.external_id, r.first_name, r.last_name, \
         r.unsubscribed, r.attributes) RETURNING p.id"
);

// CROSS keeps the order of the join and MATERIALIZED makes it once: else SQLite, which guesses that a tenant has
// ten people, reads all of the tenant's for each row.
const UPDATE_SQLITE: crate::repository::sql::Sql = sql!(
    "WITH r AS MATERIALIZED (SELECT p.id, coalesce(value->>1, p.email) AS email, \
         coalesce(value->>2, p.email_key) AS email_key, \
         coalesce(value->>3, p.external_id) AS external_id, \
         coalesce(value->>4, p.first_name) AS first_name, \
         coalesce(value->>5, p.last_name) AS last_name, \
         coalesce(value->>6, p.unsubscribed) AS unsubscribed, \
         json_patch(p.attributes, value->>7) AS attributes, \
         json_patch(p.folded, value->>8) AS folded \
         FROM json_each($3) v CROSS JOIN person p ON p.tenant_id = $1 AND p.id = unhex(v.value->>0) \
             AND p.delete_time IS NULL) \
     UPDATE person AS p SET email = r.email, email_key = r.email_key, external_id = r.external_id, \
         first_name = r.first_name, last_name = r.last_name, unsubscribed = r.unsubscribed, \
         attributes = r.attributes, folded = r.folded, version = p.version + 1, update_time = $2 \
     FROM r WHERE p.tenant_id = $1 AND p.id = r.id \
     AND (p.email, p.email_key, p.external_id, p.first_name, p.last_name, p.unsubscribed, p.attributes) \
         IS NOT (r.email, r.email_key, r.external_id, r.first_name, r.last_name, \
         r.unsubscribed, r.attributes) RETURNING id"
);

fn new_columns(people: &[NewPerson]) -> Vec<Arg> {
    vec![
        Arg::Uuids(people.iter().map(|one| one.id.0).collect()),
        texts(people, |one| one.email.clone()),
        texts(people, |one| Some(one.email_key.clone())),
        texts(people, |one| one.external_id.clone()),
        texts(people, |one| one.first_name.clone()),
        texts(people, |one| one.last_name.clone()),
        Arg::Bools(people.iter().map(|one| Some(one.unsubscribed)).collect()),
        texts(people, |one| Some(one.attributes.to_string())),
        texts(people, |one| Some(one.folded().to_string())),
    ]
}

fn patch_columns(people: &[PersonPatch]) -> Vec<Arg> {
    vec![
        Arg::Uuids(people.iter().map(|one| one.id.0).collect()),
        texts(people, |one| one.email.clone()),
        texts(people, |one| one.email_key.clone()),
        texts(people, |one| one.external_id.clone()),
        texts(people, |one| one.first_name.clone()),
        texts(people, |one| one.last_name.clone()),
        Arg::Bools(people.iter().map(|one| one.unsubscribed).collect()),
        texts(people, |one| Some(one.attributes.to_string())),
        texts(people, |one| Some(one.refolded().to_string())),
    ]
}

fn texts<T>(people: &[T], of: impl Fn(&T) -> Option<String>) -> Arg {
    Arg::Texts(people.iter().map(of).collect())
}

fn rows(rows: impl Iterator<Item = Json>) -> Arg {
    Arg::Json(Json::Array(rows.collect()))
}

fn with(mut head: Vec<Arg>, rest: Vec<Arg>) -> Vec<Arg> {
    head.extend(rest);
    head
}

fn source_name(source: Source) -> String {
    sea_orm::ActiveEnum::to_value(&source)
}
