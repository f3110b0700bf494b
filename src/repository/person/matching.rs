//! People for whom a filter holds, by id: always within partitions that the caller's workspace sees (V-01).

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::clock::Micros;
use crate::domain::filter::Predicate;
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId};
use crate::repository::Scope;
use crate::{args, sql};

/// Who is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// In these partitions.
    pub partitions: &'a [PartitionId],
    /// For whom this holds.
    pub predicate: &'a Predicate,
}

/// A person who was found.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// Who.
    pub person_id: PersonId,
    /// Where the person is.
    pub partition_id: PartitionId,
    /// The email, as given.
    pub email: Option<String>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct Tally {
    /// All of them.
    pub people: i64,
    /// Those of them who unsubscribed.
    pub unsubscribed: i64,
}

/// A page of people, by id; only those who have not unsubscribed, if `subscribed`.
pub async fn found(
    scope: &Scope,
    who: Sought<'_>,
    subscribed: bool,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Found>> {
    scope
        .all(
            sql!(
                "SELECT p.id AS person_id, p.partition_id, p.email FROM person p WHERE p.tenant_id = $1 \
                 AND p.partition_id = ANY($2::uuid[]) AND p.delete_time IS NULL AND p.id > $3 \
                 AND (NOT $4 OR NOT p.unsubscribed) AND {filter} ORDER BY p.id LIMIT $5"
            )
            .matching(who.predicate),
            args![who.partitions, after.unwrap_or(PersonId(Uuid::nil())), subscribed, limit],
        )
        .await
}

/// How many people there are.
pub async fn tally(scope: &Scope, who: Sought<'_>) -> Result<Tally> {
    let tally = scope
        .one(
            sql!(
                "SELECT count(*) AS people, count(CASE WHEN p.unsubscribed THEN 1 END) AS unsubscribed \
                 FROM person p WHERE p.tenant_id = $1 AND p.partition_id = ANY($2::uuid[]) \
                 AND p.delete_time IS NULL AND {filter}"
            )
            .matching(who.predicate),
            args![who.partitions],
        )
        .await?;
    Ok(tally.unwrap_or_default())
}

/// The ids of people who are in a program or list, by id.
pub async fn members_found(
    scope: &Scope,
    who: Sought<'_>,
    asset: AssetId,
    limit: i64,
) -> Result<Vec<PersonId>> {
    scope
        .column(
            sql!(
                "SELECT p.id FROM person p WHERE p.tenant_id = $1 AND p.partition_id = ANY($2::uuid[]) \
                 AND p.delete_time IS NULL AND p.id IN (SELECT x.person_id FROM asset_member x \
                     WHERE x.tenant_id = $1 AND x.asset_id = $3) AND {filter} ORDER BY p.id LIMIT $4"
            )
            .matching(who.predicate),
            args![who.partitions, asset, limit],
        )
        .await
}

/// The ids of people who were there at a time, by id, after one of them.
pub async fn ids_found(
    scope: &Scope,
    who: Sought<'_>,
    until: Micros,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonId>> {
    scope
        .column(
            sql!(
                "SELECT p.id FROM person p WHERE p.tenant_id = $1 AND p.partition_id = ANY($2::uuid[]) \
                 AND p.delete_time IS NULL AND p.create_time <= $3 AND p.id > $4 AND {filter} \
                 ORDER BY p.id LIMIT $5"
            )
            .matching(who.predicate),
            args![who.partitions, until, after.unwrap_or(PersonId(Uuid::nil())), limit],
        )
        .await
}
