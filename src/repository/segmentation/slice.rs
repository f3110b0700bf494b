//! Computing a segmentation slice by slice: whom to look at, and who of them differs from what is stored.

use sea_orm::FromQueryResult;
use super::definitions::{Bound, Computed};
use super::follow::{self, Moved};
use super::{hold, member};
use crate::clock::Micros;
use crate::domain::segmentation::generation::{self, Edit, Row};
use crate::error::Result;
use crate::id::{AssetId, PartitionId, PersonId};
use crate::repository::write::Tx;
use crate::{args, sql};

/// A person's place in the order in which a partition is walked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromQueryResult, serde::Serialize, serde::Deserialize,
)]
pub struct Place {
    /// When the person was made.
    pub create_time: Micros,
    /// The person.
    pub id: PersonId,
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

/// The living people of a slice.
pub async fn places(tx: &Tx, slice: Slice) -> Result<Vec<Place>> {
    let (time, id) = start(slice);
    tx.all(
        sql!(
            "SELECT create_time, id FROM person WHERE tenant_id = $1 AND partition_id = $2 \
             AND delete_time IS NULL AND (create_time, id) > ($3, $4) ORDER BY create_time, id LIMIT $5"
        ),
        args![slice.partition, time, id, slice.limit],
    )
    .await
}

/// Computes people of a slice in the generation that is computed now, and returns how many are elsewhere than before.
/// Where most people will be, all are evaluated; else those only who are not where the database says that they belong,
/// and if there are none, nothing is locked.
pub async fn slice(
    tx: &Tx,
    one: &Computed,
    bound: &Bound,
    slice: Slice,
    places: &[Place],
) -> Result<usize> {
    let Some(last) = places.last() else { return Ok(0) };
    let fresh = one.covered.get(&slice.partition).is_none_or(|here| here.generation.is_none());
    let people: Vec<PersonId> = match fresh {
        true => places.iter().map(|place| place.id).collect(),
        false => differing(tx, one.row.id, bound, slice, *last).await?,
    };
    if people.is_empty() {
        return Ok(0);
    }
    hold(tx).await?;
    follow::compute(tx, one, bound.generation, &people).await
}

/// The people of a slice who are not in the segment that the database says.
async fn differing(
    tx: &Tx,
    segmentation: AssetId,
    bound: &Bound,
    slice: Slice,
    last: Place,
) -> Result<Vec<PersonId>> {
    let (time, id) = start(slice);
    tx.column(
        sql!(
            "SELECT p.id FROM person p LEFT JOIN segment_member m ON m.tenant_id = $1 AND m.segmentation_id = $2 \
                 AND m.person_id = p.id AND m.from_generation <= $3 AND m.to_generation > $3 \
             WHERE p.tenant_id = $1 AND p.partition_id = $4 AND p.delete_time IS NULL \
             AND (p.create_time, p.id) > ($5, $6) AND (p.create_time, p.id) <= ($7, $8) \
             AND (m.segment_id IS NULL OR m.partition_id <> $4 OR m.segment_id <> {filter})"
        )
        .sorting(bound.segments.iter().map(|(id, one)| (id.0, one))),
        args![
            segmentation,
            bound.generation,
            slice.partition,
            time,
            id,
            last.create_time,
            last.id
        ],
    )
    .await
}

fn start(slice: Slice) -> (Micros, PersonId) {
    slice
        .after
        .map_or((Micros::MIN, PersonId(uuid::Uuid::nil())), |place| (place.create_time, place.id))
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
