//! Who is in which segment: rows by generation (`domain::segmentation::generation`). Only this file knows them.

use sea_orm::{DbBackend, FromQueryResult};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::domain::segmentation::generation::{Edit, Place, Row};
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId, SegmentId};
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// A row of a person.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Stored {
    /// The segmentation.
    pub segmentation_id: AssetId,
    /// The person.
    pub person_id: PersonId,
    from_generation: i64,
    to_generation: i64,
    partition_id: PartitionId,
    segment_id: SegmentId,
}

/// A person in a segment.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    /// Who.
    pub person_id: PersonId,
    /// Where the person is.
    pub partition_id: PartitionId,
    /// The email, as given.
    pub email: Option<String>,
}

/// How many people of a partition are in a segment.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Count {
    /// The partition.
    pub partition_id: PartitionId,
    /// The segment.
    pub segment_id: SegmentId,
    /// How many.
    pub people: i64,
}

/// What is to be written of a person.
pub type PersonEdit = (AssetId, PersonId, Edit);

/// The rows of people in segmentations.
pub async fn rows(tx: &Tx, segmentations: &[AssetId], people: &[PersonId]) -> Result<Vec<Stored>> {
    tx.all(
        sql!(
            "SELECT segmentation_id, person_id, from_generation, to_generation, partition_id, segment_id \
             FROM segment_member WHERE tenant_id = $1 AND segmentation_id = ANY($2::uuid[]) \
             AND person_id = ANY($3::uuid[])"
        ),
        args![segmentations, people],
    )
    .await
}

/// Writes what changed.
pub async fn apply(tx: &Tx, edits: &[PersonEdit]) -> Result<()> {
    delete(tx, edits).await?;
    insert(tx, edits).await
}

async fn delete(tx: &Tx, edits: &[PersonEdit]) -> Result<()> {
    let rows = || {
        edits.iter().flat_map(|(segmentation, person, edit)| {
            edit.delete.iter().map(move |from| (segmentation.0, person.0, *from))
        })
    };
    if rows().next().is_none() {
        return Ok(());
    }
    let args = match tx.backend().await {
        DbBackend::Sqlite => {
            let row = |(segmentation, person, from)| json!([hex(segmentation), hex(person), from]);
            args![Json::Array(rows().map(row).collect())]
        }
        _ => args![
            rows().map(|row| row.0).collect::<Vec<_>>(),
            rows().map(|row| row.1).collect::<Vec<_>>(),
            rows().map(|row| row.2).collect::<Vec<_>>(),
        ],
    };
    tx.execute(
        sql!(
            postgres: "DELETE FROM segment_member m \
                 USING unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS r(segmentation, person, generation) \
                 WHERE m.tenant_id = $1 AND m.segmentation_id = r.segmentation AND m.person_id = r.person \
                 AND m.from_generation = r.generation",
            sqlite: "DELETE FROM segment_member \
                 WHERE tenant_id = $1 AND (segmentation_id, person_id, from_generation) IN (\
                     SELECT unhex(value->>0), unhex(value->>1), value->>2 FROM json_each($2))",
        ),
        args,
    )
    .await
    .map(drop)
}

async fn insert(tx: &Tx, edits: &[PersonEdit]) -> Result<()> {
    let rows = || {
        edits.iter().flat_map(|(segmentation, person, edit)| {
            edit.insert.iter().map(move |row| (segmentation.0, person.0, *row))
        })
    };
    if rows().next().is_none() {
        return Ok(());
    }
    let args = match tx.backend().await {
        DbBackend::Sqlite => {
            let row = |(segmentation, person, row): (Uuid, Uuid, Row)| {
                let (partition, segment) = (row.place.partition.0, row.place.segment.0);
                json!([
                    hex(segmentation),
                    hex(person),
                    row.from,
                    row.to,
                    hex(partition),
                    hex(segment)
                ])
            };
            args![Json::Array(rows().map(row).collect())]
        }
        _ => args![
            rows().map(|row| row.0).collect::<Vec<_>>(),
            rows().map(|row| row.1).collect::<Vec<_>>(),
            rows().map(|row| row.2.from).collect::<Vec<_>>(),
            rows().map(|row| row.2.to).collect::<Vec<_>>(),
            rows().map(|row| row.2.place.partition.0).collect::<Vec<_>>(),
            rows().map(|row| row.2.place.segment.0).collect::<Vec<_>>(),
        ],
    };
    tx.execute(
        sql!(
            postgres: "INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, \
                     to_generation, partition_id, segment_id) \
                 SELECT $1, r.segmentation, r.person, r.first, r.past, r.partition, r.segment \
                 FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::uuid[], $7::uuid[]) \
                     AS r(segmentation, person, first, past, partition, segment)",
            sqlite: "INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, \
                     to_generation, partition_id, segment_id) \
                 SELECT $1, unhex(value->>0), unhex(value->>1), value->>2, value->>3, unhex(value->>4), \
                     unhex(value->>5) FROM json_each($2)",
        ),
        args,
    )
    .await
    .map(drop)
}

/// As SQLite's `unhex` reads it.
fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// How many people of these partitions are in each segment; those without any are missing.
pub async fn count(
    scope: &Scope,
    segmentation: AssetId,
    generation: i64,
    partitions: &[PartitionId],
) -> Result<Vec<Count>> {
    scope
        .all(
            sql!(
                "SELECT partition_id, segment_id, count(*) AS people FROM segment_member \
                 WHERE tenant_id = $1 AND segmentation_id = $2 AND partition_id = ANY($4::uuid[]) \
                 AND from_generation <= $3 AND to_generation > $3 GROUP BY partition_id, segment_id"
            ),
            args![segmentation, generation, partitions],
        )
        .await
}

/// A page of the people of these partitions in a segment, by id. PostgreSQL takes the first of each partition from
/// its index and merges; SQLite walks the people of the segmentation in order.
pub async fn list(
    scope: &Scope,
    (segmentation, segment): (AssetId, SegmentId),
    generation: i64,
    partitions: &[PartitionId],
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Member>> {
    let after = after.unwrap_or(PersonId(Uuid::nil()));
    scope
        .all(
            sql!(
                postgres: "SELECT m.person_id, m.partition_id, p.email FROM (\
                         SELECT x.person_id, x.partition_id FROM unnest($5::uuid[]) AS v(id) CROSS JOIN LATERAL (\
                             SELECT person_id, partition_id FROM segment_member WHERE tenant_id = $1 \
                             AND segmentation_id = $2 AND partition_id = v.id AND segment_id = $3 \
                             AND from_generation <= $4 AND to_generation > $4 AND person_id > $6 \
                             ORDER BY person_id LIMIT $7) x ORDER BY x.person_id LIMIT $7) m \
                     JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id ORDER BY m.person_id",
                sqlite: "SELECT m.person_id, m.partition_id, p.email FROM segment_member m \
                     JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id \
                     WHERE m.tenant_id = $1 AND m.segmentation_id = $2 AND +m.segment_id = $3 \
                     AND m.from_generation <= $4 AND +m.to_generation > $4 \
                     AND +m.partition_id IN (SELECT unhex(value) FROM json_each($5)) AND m.person_id > $6 \
                     ORDER BY m.person_id LIMIT $7",
            ),
            args![segmentation, segment, generation, partitions, after, limit],
        )
        .await
}

/// In which segments a person is, of segmentations in the generations that are read, where results are whole.
pub async fn of_person(
    scope: &Scope,
    person: PersonId,
    segmentations: &[AssetId],
) -> Result<Vec<(AssetId, SegmentId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        segmentation_id: AssetId,
        segment_id: SegmentId,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT m.segmentation_id, m.segment_id FROM segmentation s \
                 JOIN segment_member m ON m.tenant_id = $1 AND m.segmentation_id = s.id AND m.person_id = $2 \
                     AND m.from_generation <= s.live_generation AND m.to_generation > s.live_generation \
                 JOIN segment_coverage c ON c.tenant_id = $1 AND c.segmentation_id = s.id \
                     AND c.partition_id = m.partition_id AND c.compute_time IS NOT NULL \
                 WHERE s.tenant_id = $1 AND s.id = ANY($3::uuid[])"
            ),
            args![person, segmentations],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.segmentation_id, row.segment_id)).collect())
}

/// People with rows that are past: some, by the generation that ended them.
pub async fn past(
    tx: &Tx,
    segmentation: AssetId,
    generation: i64,
    limit: i64,
) -> Result<Vec<PersonId>> {
    tx.column(
        sql!(
            "SELECT person_id FROM segment_member WHERE tenant_id = $1 AND segmentation_id = $2 \
             AND to_generation <= $3 AND to_generation < 9223372036854775807 ORDER BY to_generation LIMIT $4"
        ),
        args![segmentation, generation, limit],
    )
    .await
}

/// Removes rows of a partition, at most so many; how many.
pub async fn remove(
    tx: &Tx,
    segmentation: AssetId,
    partition: PartitionId,
    limit: i64,
) -> Result<u64> {
    tx.execute(
        sql!(
            "DELETE FROM segment_member WHERE tenant_id = $1 AND segmentation_id = $2 \
             AND (person_id, from_generation) IN (SELECT x.person_id, x.from_generation FROM segment_member x \
                 WHERE x.tenant_id = $1 AND x.segmentation_id = $2 AND x.partition_id = $3 LIMIT $4)"
        ),
        args![segmentation, partition, limit],
    )
    .await
}

// === impl Stored ===

impl Stored {
    /// The row, as the rules know it.
    pub fn row(&self) -> Row {
        let place = Place { partition: self.partition_id, segment: self.segment_id };
        Row { from: self.from_generation, to: self.to_generation, place }
    }
}
