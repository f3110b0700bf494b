//! Results follow every write within its transaction (G-07, G-08): who was written is evaluated anew, by what reads
//! what was changed, and what owners see decides which partitions are covered. All under the lock of the head.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::definitions::{self, Bound, Computed};
use super::member::{self, PersonEdit, Stored};
use super::{broken, coverage, schedule};
use crate::clock::now;
use crate::domain::filter::{Facts, Reads};
use crate::domain::segmentation::coverage::Stale;
use crate::domain::segmentation::generation::{self, Place, Row, Wanted};
use crate::entity::{Person, Segmentation};
use crate::error::Result;
use crate::id::{AssetId, PersonId};
use crate::repository::filter;
use crate::repository::log::Log;
use crate::repository::{Change, Touches, Tx};
use crate::{args, sql};

/// People who were written, and what was changed of them; nothing: all of it.
pub type Written = (Vec<PersonId>, Option<Reads>);

/// What is known of the people who were written.
struct Known {
    people: HashMap<PersonId, Facts>,
    rows: HashMap<(AssetId, PersonId), Vec<Row>>,
}

/// Somebody who is told to be in another segment than before.
pub(super) struct Moved {
    pub(super) person: PersonId,
    pub(super) from: Option<Place>,
    pub(super) to: Option<Place>,
}

/// Makes segmentations follow what a transaction has written, the last thing before it is recorded.
pub(in crate::repository) async fn follow(tx: &Tx, revision: i64, log: &mut Log) -> Result<()> {
    if revision == 0 && !log.segments {
        return Ok(());
    }
    if log.touches(Touches::Access) {
        topology(tx).await?;
        // What that wrote, and started to compute what is new.
        log.join(std::mem::take(&mut *tx.log()));
    }
    if log.people.iter().all(|(people, _)| people.is_empty()) {
        return Ok(());
    }
    let computed = match log.segments {
        true => Arc::new(definitions::load(tx).await?),
        false => definitions::of(tx, revision).await?,
    };
    log.changes.extend(people(tx, &computed, &log.people).await?);
    // How many were evaluated.
    log.join(std::mem::take(&mut *tx.log()));
    Ok(())
}

/// Makes coverage follow what owners see. What is new is computed, what is gone removed, what can no longer be evaluated
/// kept as it was, by operations.
async fn topology(tx: &Tx) -> Result<()> {
    let changed = coverage::follow(tx).await?;
    let broken: HashSet<AssetId> =
        broken(tx).await?.into_iter().filter(|(_, live)| *live).map(|(id, _)| id).collect();
    let rows: Vec<Segmentation> = tx
        .all(sql!("SELECT * FROM segmentation WHERE tenant_id = $1 ORDER BY id"), args![])
        .await?;
    for mut row in rows {
        let (was, is) =
            (row.stale_reason == Stale::BrokenReference.name(), broken.contains(&row.id));
        let live = row.live_generation.is_some();
        if live && is != was {
            row.stale_time = row.stale_time.or(Some(now()));
            let why = if is { Stale::BrokenReference } else { Stale::ListChanged };
            row.stale_reason = why.name().into();
            if !is {
                super::anew(&mut row);
            } else if row.next_version != Some(0) {
                // A draft that is being approved may mend it.
                (row.next_generation, row.next_version) = (None, None);
            }
            super::save(tx, &row).await?;
        }
        if changed.contains(&row.id) || (live && was && !is) {
            schedule(tx, row).await?;
        }
    }
    Ok(())
}

/// Evaluates people anew for a generation alone, and returns how many are elsewhere now.
pub(super) async fn compute(
    tx: &Tx,
    one: &Computed,
    generation: i64,
    people: &[PersonId],
) -> Result<usize> {
    let those: BTreeSet<PersonId> = people.iter().copied().collect();
    let concerned = [(one, those)];
    let known = Known::load(tx, &concerned).await?;
    let mut edits = Vec::new();
    known.evaluate(one, &concerned[0].1, Some(generation), &mut edits);
    member::apply(tx, &edits).await?;
    Ok(edits.len())
}

/// Evaluates people who were written anew, by all that reads what was changed of them.
async fn people(tx: &Tx, computed: &[Computed], written: &[Written]) -> Result<Vec<Change>> {
    let mut concerned: Vec<(&Computed, BTreeSet<PersonId>)> = Vec::new();
    for one in computed {
        let reads = |changed: &Reads| one.versions().any(|version| version.reads.meet(changed));
        let those = written.iter().filter(|(_, changed)| changed.as_ref().is_none_or(reads));
        let people: BTreeSet<PersonId> =
            those.flat_map(|(people, _)| people.iter().copied()).collect();
        if !people.is_empty() {
            concerned.push((one, people));
        }
    }
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    let known = Known::load(tx, &concerned).await?;
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for (one, people) in &concerned {
        tx.evaluated(one.row.id, known.seen(one, people));
        let moved = known.evaluate(one, people, None, &mut edits);
        if !moved.is_empty() {
            changes.push(change(one.row.id, &moved));
        }
    }
    member::apply(tx, &edits).await?;
    Ok(changes)
}

/// Who left and entered which segments of a segmentation.
pub(super) fn change(segmentation: AssetId, moved: &[Moved]) -> Change {
    let place = |place: Option<Place>| {
        place.map(|one| json!({ "segment_id": one.segment, "partition_id": one.partition }))
    };
    let people = moved.iter().map(
        |one| json!({ "person_id": one.person, "from": place(one.from), "to": place(one.to) }),
    );
    Change {
        kind: "segment.people_moved",
        resource_id: Some(segmentation.0),
        detail: json!({ "people": people.collect::<Vec<Json>>() }),
        after: json!({ "moved": moved.len() }),
        ..Change::default()
    }
}

// === impl Moved ===

impl Moved {
    /// Nothing, if the person stayed in the segment: a move between partitions alone is none here.
    pub(super) fn new(person: PersonId, from: Option<Place>, to: Option<Place>) -> Option<Self> {
        let stayed = from.map(|it| it.segment) == to.map(|it| it.segment);
        (!stayed).then_some(Self { person, from, to })
    }
}

// === impl Known ===

impl Known {
    /// How many of some people are where a segmentation is computed.
    fn seen(&self, one: &Computed, people: &BTreeSet<PersonId>) -> usize {
        let covered = |facts: &Facts| one.covered.contains_key(&facts.partition);
        people.iter().filter(|id| self.people.get(id).is_some_and(covered)).count()
    }

    async fn load(tx: &Tx, concerned: &[(&Computed, BTreeSet<PersonId>)]) -> Result<Self> {
        let all: BTreeSet<PersonId> =
            concerned.iter().flat_map(|(_, people)| people.iter().copied()).collect();
        let all: Vec<PersonId> = all.into_iter().collect();
        let segmentations: Vec<AssetId> = concerned.iter().map(|(one, _)| one.row.id).collect();
        let mut reads = Reads::default();
        for version in concerned.iter().flat_map(|(one, _)| one.versions()) {
            reads.join(&version.reads);
        }
        let people = filter::facts(tx, &living(tx, &all).await?, &reads).await?;
        let mut rows: HashMap<(AssetId, PersonId), Vec<Row>> = HashMap::new();
        for stored in member::rows(tx, &segmentations, &all).await? {
            let key = (stored.segmentation_id, stored.person_id);
            rows.entry(key).or_default().push(Stored::row(&stored));
        }
        Ok(Self { people, rows })
    }

    /// What to write of these people in a segmentation, of all generations or one, and who is in another segment than
    /// before.
    fn evaluate(
        &self,
        one: &Computed,
        people: &BTreeSet<PersonId>,
        only: Option<i64>,
        edits: &mut Vec<PersonEdit>,
    ) -> Vec<Moved> {
        let mut moved = Vec::new();
        for person in people {
            let rows = self.rows.get(&(one.row.id, *person)).map_or(&[][..], Vec::as_slice);
            let facts = self.people.get(person);
            let wanted = |version: &Bound| match only {
                Some(other) if other != version.generation => Wanted {
                    generation: version.generation,
                    place: generation::at(rows, version.generation),
                },
                _ => wanted(one, version, facts, rows),
            };
            let wanted: Vec<Wanted> = one.versions().map(wanted).collect();
            let Some(edit) = generation::edit(rows, &wanted) else { continue };
            if let Some(live) = &one.live {
                let read = |place: &Place| one.is_read(place.partition);
                let (from, to) = (
                    edit.told.filter(read),
                    wanted
                        .iter()
                        .find(|it| it.generation == live.generation)
                        .and_then(|it| it.place),
                );
                let to = to.filter(read);
                moved.extend(Moved::new(*person, from, to));
            }
            edits.push((one.row.id, *person, edit));
        }
        moved
    }
}

/// Where a person belongs: nowhere if nobody living, or where the owner does not see (G-04); where the person was, if
/// that cannot be evaluated (L-07).
fn wanted(one: &Computed, version: &Bound, facts: Option<&Facts>, rows: &[Row]) -> Wanted {
    let covered = facts.filter(|facts| one.covered.contains_key(&facts.partition));
    let place = covered.and_then(|facts| {
        let live = one.live.as_ref().is_some_and(|live| live.generation == version.generation);
        let segment = if live && one.is_broken() {
            generation::at(rows, version.generation)?.segment
        } else {
            version.segment(facts)
        };
        Some(Place { partition: facts.partition, segment })
    });
    Wanted { generation: version.generation, place }
}

/// Living people.
async fn living(tx: &Tx, people: &[PersonId]) -> Result<Vec<Person>> {
    tx.all(
        sql!(
            "SELECT * FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL"
        ),
        args![people],
    )
    .await
}
