//! Computing a segmentation slice by slice: whom to look at, and who of them differs from what is stored.

use super::definitions::{Bound, Computed};
use super::follow::{self, Moved};
use super::{hold, member};
use crate::clock::Micros;
use crate::domain::segmentation::generation::{self, Edit, Row};
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId};
use crate::repository::sql::Arg;
use crate::repository::write::Tx;
use crate::{args, sql};
use sea_orm::FromQueryResult;

/// A person's place in the order in which a partition is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// When the person was made.
    pub create_time: Micros,
    /// The person.
    pub id: PersonId,
}

/// The last person of a slice.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct End {
    create_time: Micros,
    id: PersonId,
    /// How many people are in the slice.
    pub people: i64,
}

/// A part of a partition, in the order of [`Place`].
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The partition.
    pub partition: PartitionId,
    /// Behind this place; nothing: from the beginning.
    pub after: Option<Place>,
    /// How many people at most.
    pub limit: i64,
}

/// Where a slice ends; nothing: nobody is in it.
pub async fn end(tx: &Tx, slice: Slice) -> Result<Option<End>> {
    let (time, id) = start(slice);
    let last: Vec<End> = tx
        .all(
            sql!(
                "SELECT create_time, id, n AS people FROM (\
                     SELECT create_time, id, row_number() OVER (ORDER BY create_time, id) AS n FROM (\
                         SELECT create_time, id FROM person WHERE tenant_id = $1 AND partition_id = $2 \
                         AND delete_time IS NULL AND (create_time, id) > ($3, $4) ORDER BY create_time, id LIMIT $5) x) y \
                 ORDER BY n DESC LIMIT 1"
            ),
            args![slice.partition, time, id, slice.limit],
        )
        .await?;
    Ok(last.into_iter().next())
}

/// Computes people of a slice in the generation that is computed now, and returns how many are elsewhere than before.
/// Where nobody has results yet, the database puts all in their segments; else those only are evaluated who are not
/// where it says that they belong, and if there are none, nothing is locked.
pub async fn slice(tx: &Tx, one: &Computed, bound: &Bound, slice: Slice, end: End) -> Result<i64> {
    tx.evaluated(one.row.id, usize::try_from(end.people).unwrap_or_default());
    let fresh = one.covered.get(&slice.partition).is_none_or(|here| here.generation.is_none());
    let mut placed = 0;
    if fresh {
        hold(tx).await?;
        placed = place(tx, one.row.id, bound, slice, end).await?;
        if placed == end.people {
            return Ok(placed);
        }
    }
    let people = differing(tx, one.row.id, bound, slice, end).await?;
    if people.is_empty() {
        return Ok(placed);
    }
    hold(tx).await?;
    let moved = follow::compute(tx, one, bound.generation, &people).await?;
    Ok(placed + i64::try_from(moved).unwrap_or(i64::MAX))
}

/// Puts the people of a slice who have no results at all in the segments that the database says, and returns how many
/// they are. Those who have some were written since the computing began, and followed. That look-up is no anti-join,
/// and in the order of the primary key: a planner that knows nothing yet of a segmentation that is new would walk over
/// all of its results for each person.
async fn place(
    tx: &Tx,
    segmentation: AssetId,
    bound: &Bound,
    slice: Slice,
    end: End,
) -> Result<i64> {
    let placed = tx
        .execute(
            sql!(
                "INSERT INTO segment_member (tenant_id, segmentation_id, person_id, from_generation, to_generation, \
                     partition_id, segment_id) \
                 SELECT $1, $2, p.id, $3, 9223372036854775807, p.partition_id, {filter} FROM person p \
                 WHERE p.tenant_id = $1 AND p.partition_id = $4 AND p.delete_time IS NULL \
                 AND (p.create_time, p.id) > ($5, $6) AND (p.create_time, p.id) <= ($7, $8) \
                 AND (SELECT r.from_generation FROM segment_member r WHERE r.tenant_id = $1 \
                     AND r.segmentation_id = $2 AND r.person_id = p.id ORDER BY r.from_generation LIMIT 1) IS NULL"
            )
            .sorting(bound.segments.iter().map(|(id, one)| (id.0, one))),
            between(segmentation, bound, slice, end),
        )
        .await?;
    Ok(i64::try_from(placed).unwrap_or(i64::MAX))
}

/// The people of a slice who are not in the segment that the database says, looked up as [`place`] does.
async fn differing(
    tx: &Tx,
    segmentation: AssetId,
    bound: &Bound,
    slice: Slice,
    end: End,
) -> Result<Vec<PersonId>> {
    tx.column(
        sql!(
            postgres: "SELECT p.id FROM person p LEFT JOIN LATERAL (\
                     SELECT r.partition_id, r.segment_id FROM segment_member r WHERE r.tenant_id = $1 \
                     AND r.segmentation_id = $2 AND r.person_id = p.id AND r.from_generation <= $3 \
                     AND r.to_generation > $3 ORDER BY r.from_generation LIMIT 1) m ON true \
                 WHERE p.tenant_id = $1 AND p.partition_id = $4 AND p.delete_time IS NULL \
                 AND (p.create_time, p.id) > ($5, $6) AND (p.create_time, p.id) <= ($7, $8) \
                 AND (m.segment_id IS NULL OR m.partition_id <> $4 OR m.segment_id <> {filter})",
            sqlite: "SELECT p.id FROM person p LEFT JOIN segment_member m ON m.tenant_id = $1 \
                     AND m.segmentation_id = $2 AND m.person_id = p.id AND m.from_generation <= $3 \
                     AND m.to_generation > $3 \
                 WHERE p.tenant_id = $1 AND p.partition_id = $4 AND p.delete_time IS NULL \
                 AND (p.create_time, p.id) > ($5, $6) AND (p.create_time, p.id) <= ($7, $8) \
                 AND (m.segment_id IS NULL OR m.partition_id <> $4 OR m.segment_id <> {filter})",
        )
        .sorting(bound.segments.iter().map(|(id, one)| (id.0, one))),
        between(segmentation, bound, slice, end),
    )
    .await
}

/// What [`place`] and [`differing`] are asked with.
fn between(segmentation: AssetId, bound: &Bound, slice: Slice, end: End) -> Vec<Arg> {
    let (time, id) = start(slice);
    args![segmentation, bound.generation, slice.partition, time, id, end.create_time, end.id]
}

fn start(slice: Slice) -> (Micros, PersonId) {
    slice
        .after
        .map_or((Micros::MIN, PersonId(uuid::Uuid::nil())), |place| (place.create_time, place.id))
}

// === impl End ===

impl End {
    /// The place behind which the next slice begins.
    pub fn place(&self) -> Place {
        Place { create_time: self.create_time, id: self.id }
    }
}

/// Tells of people who moved with the last turn of generations, and removes what is past; false if there was nothing.
pub async fn announce(tx: &Tx, one: &Computed, limit: i64) -> Result<bool> {
    let Some(live) = one.row.live_generation else { return Ok(false) };
    let mut people = member::past(tx, one.row.id, live, limit).await?;
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        return Ok(false);
    }
    hold(tx).await?;
    let mut rows: std::collections::BTreeMap<PersonId, Vec<Row>> = Default::default();
    for stored in member::rows(tx, &[one.row.id], &people).await? {
        rows.entry(stored.person_id).or_default().push(stored.row());
    }
    let (mut edits, mut moved) = (Vec::new(), Vec::new());
    for (person, rows) in rows {
        let past: Vec<&Row> = rows.iter().filter(|row| row.to <= live).collect();
        let told = past.iter().min_by_key(|row| row.from).map(|row| row.place);
        let now = generation::at(&rows, live);
        let read = |place: &generation::Place| one.is_read(place.partition);
        moved.extend(Moved::new(person, told.filter(read), now.filter(read)));
        let delete = past.iter().map(|row| row.from).collect();
        edits.push((one.row.id, person, Edit { delete, ..Edit::default() }));
    }
    member::apply(tx, &edits).await?;
    if !moved.is_empty() {
        tx.record(follow::change(one.row.id, &moved));
    }
    Ok(true)
}
