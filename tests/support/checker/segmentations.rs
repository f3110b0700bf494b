//! What must hold of the results of segmentations: they are what their definitions say of the people (G-02 to G-08).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use precinct::domain::filter::{Binding, Facts, Filter, Predicate, SmartLists, day, holds_first};
use precinct::domain::segmentation::{DEFAULT, Definition};
use precinct::entity::{Person, Segmentation};
use precinct::id::{AssetId, PartitionId, PersonId, SegmentId};
use precinct::repository::field_set::FieldSet;
use uuid::Uuid;

use crate::support::rows::{Rows, SegmentMember};

/// The rules of segmentations that are broken for a tenant.
pub fn flaws(rows: &Rows) -> Vec<String> {
    let evaluator = Evaluator::new(rows);
    let mut flaws = Vec::new();
    for row in &rows.segmentations {
        let one = One { rows, row };
        flaws.extend(one.state());
        flaws.extend(one.coverage());
        flaws.extend(one.overlaps());
        flaws.extend(one.results(&evaluator));
    }
    let known: HashSet<AssetId> = rows.segmentations.iter().map(|row| row.id).collect();
    let live = rows.assets.iter().filter(|one| one.kind.name() == "SEGMENTATION");
    let lost = live.filter(|one| one.approved_version.is_some() && !known.contains(&one.id));
    flaws.extend(lost.map(|one| format!("G-03: {} is approved and has no state", one.id)));
    let astray: BTreeSet<AssetId> =
        rows.segment_members.iter().map(|row| row.segmentation_id).collect();
    let astray = astray.into_iter().filter(|id| !known.contains(id));
    flaws.extend(astray.map(|id| format!("G-10: there are results of {id}, which is gone")));
    flaws
}

/// The segments of a version, by their order.
type Segments = Vec<(SegmentId, Predicate)>;

/// Works out where people belong from nothing but the rows.
struct Evaluator<'a> {
    rows: &'a Rows,
    fields: FieldSet,
    members: HashMap<PersonId, HashSet<AssetId>>,
}

/// A segmentation, under examination.
struct One<'a> {
    rows: &'a Rows,
    row: &'a Segmentation,
}

// === impl Evaluator ===

impl<'a> Evaluator<'a> {
    fn new(rows: &'a Rows) -> Self {
        let mut members: HashMap<PersonId, HashSet<AssetId>> = HashMap::new();
        for one in &rows.asset_members {
            members.entry(one.person_id).or_default().insert(one.asset_id);
        }
        Self { rows, fields: FieldSet::from(rows.fields.clone()), members }
    }

    fn bind(&self, filter: &Filter) -> Predicate {
        let mut smart_lists = SmartLists::new();
        for id in filter.smart_lists() {
            let content = self.rows.contents.iter().find(|one| one.asset_id == id);
            let stored = content.and_then(|one| one.content.get("filter")).cloned();
            let inner = stored.map_or_else(Filter::nobody, |json| {
                serde_json::from_value(json).expect("a filter was stored")
            });
            smart_lists.insert(id, Arc::new(self.bind(&inner)));
        }
        let field = |name: &str| self.fields.named(name);
        let to = Binding { field: &field, smart_lists: &smart_lists, today: day(0) };
        filter.bind(to).expect("what was saved can be bound")
    }

    /// The segments of an approved version.
    fn segments(&self, id: AssetId, version: i64) -> Segments {
        let mut versions = self.rows.versions.iter();
        let found = versions.find(|one| one.asset_id == id && one.number == version);
        let content = found.map(|one| one.content.clone()).unwrap_or_default();
        let definition: Definition = serde_json::from_value(content).expect("a definition");
        definition.segments.iter().map(|one| (one.id, self.bind(&one.filter))).collect()
    }

    fn segment(&self, person: &Person, segments: &Segments) -> SegmentId {
        let mut facts = Facts::from(person);
        // What is folded is worked out anew, too.
        facts.folded = None;
        facts.members = self.members.get(&person.id).cloned().unwrap_or_default();
        let predicates = segments.iter().map(|(_, predicate)| predicate);
        holds_first(predicates, &facts).map_or(DEFAULT, |at| segments[at].0)
    }
}

// === impl One ===

impl One<'_> {
    /// G-03: what is live is what is approved, generations are given out, and who computes is at work.
    fn state(&self) -> Vec<String> {
        let One { rows, row } = self;
        let mut flaws = Vec::new();
        let given = |generation: Option<i64>| generation.is_none_or(|it| it <= row.generations);
        if !given(row.live_generation) || !given(row.next_generation) {
            flaws.push(format!("G-03: {} has generations that were not given out", row.id));
        }
        let whole = row.live_generation.is_some() == row.live_version.is_some()
            && row.next_generation.is_some() == row.next_version.is_some();
        let approved = rows.assets.iter().find(|one| one.id == row.id);
        let approved = approved.and_then(|one| one.approved_version);
        if !whole || approved != row.live_version {
            let live = row.live_version;
            flaws.push(format!("G-03: {} is approved as {approved:?}, live is {live:?}", row.id));
        }
        if row.stale_time.is_some() == row.stale_reason.is_empty() {
            flaws.push(format!("G-06: {} is stale by half", row.id));
        }
        let works = |id: Uuid| {
            rows.operations.iter().any(|one| one.id.0 == id && one.end_time.is_none())
        };
        if row.operation_id.is_some_and(|id| !works(id)) {
            flaws.push(format!("G-03: {} waits for an operation that is over", row.id));
        }
        let needs = row.next_generation.is_some() || row.live_generation.is_none();
        if needs && row.operation_id.is_none() {
            flaws.push(format!("G-03: nothing computes or clears {}", row.id));
        }
        flaws
    }

    /// G-04, G-08: where it is computed follows what the owner sees, and is whole once nobody works on it.
    fn coverage(&self) -> Vec<String> {
        let seen = if self.is_computed() { self.owner_sees() } else { BTreeSet::new() };
        let of = self.rows.coverages.iter().filter(|one| one.segmentation_id == self.row.id);
        let covered: BTreeSet<PartitionId> =
            of.clone().filter(|one| !one.dropped).map(|one| one.partition_id).collect();
        let mut flaws = Vec::new();
        if covered != seen {
            flaws.push(format!("G-04: {} covers {covered:?}, seen are {seen:?}", self.row.id));
        }
        for one in of {
            let resting = self.row.operation_id.is_none();
            if one.dropped && (one.compute_time.is_some() || one.generation.is_some() || resting) {
                flaws.push(format!("G-08: {} holds on to {}", self.row.id, one.partition_id));
            }
            if resting && (one.compute_time.is_none() || one.generation != self.row.live_generation)
            {
                flaws.push(format!("G-08: nobody computes {} for {}", one.partition_id, self.row.id));
            }
            if one.compute_time.is_some() && self.row.live_generation.is_none() {
                flaws.push(format!("G-08: {} reads what is not live", self.row.id));
            }
        }
        flaws
    }

    /// G-03: in a generation, a person is in one place at most.
    fn overlaps(&self) -> Vec<String> {
        let mut rows: BTreeMap<PersonId, Vec<(i64, i64)>> = BTreeMap::new();
        for row in self.members() {
            rows.entry(row.person_id).or_default().push((row.from_generation, row.to_generation));
        }
        let apart = |spans: &Vec<(i64, i64)>| {
            let mut spans = spans.clone();
            spans.sort_unstable();
            spans.iter().all(|(from, to)| from < to)
                && spans.windows(2).all(|pair| pair[0].1 <= pair[1].0)
        };
        let astray = rows.iter().filter(|(_, spans)| !apart(spans));
        astray.map(|(id, spans)| format!("G-03: {id} has the rows {spans:?}")).collect()
    }

    /// G-02, G-07, G-11: where results are read, they are those of a full computing, of the living and of nobody else.
    fn results(&self, evaluator: &Evaluator<'_>) -> Vec<String> {
        let (Some(generation), Some(version)) = (self.row.live_generation, self.row.live_version)
        else {
            return Vec::new();
        };
        let segments = evaluator.segments(self.row.id, version);
        let of = self.rows.coverages.iter().filter(|one| one.segmentation_id == self.row.id);
        let read = of.filter(|one| one.compute_time.is_some()).map(|one| one.partition_id);
        let read: BTreeSet<PartitionId> = read.collect();
        let valid = |row: &&SegmentMember| {
            row.from_generation <= generation && generation < row.to_generation
        };
        let stored: BTreeMap<PersonId, (PartitionId, SegmentId)> = self
            .members()
            .filter(valid)
            .filter(|row| read.contains(&row.partition_id))
            .map(|row| (row.person_id, (row.partition_id, row.segment_id)))
            .collect();
        let living = self.rows.people.iter().filter(|one| one.delete_time.is_none());
        let wanted: BTreeMap<PersonId, (PartitionId, SegmentId)> = living
            .filter(|one| read.contains(&one.partition_id))
            .map(|one| (one.id, (one.partition_id, evaluator.segment(one, &segments))))
            .collect();
        let mut flaws = Vec::new();
        let all: BTreeSet<PersonId> = stored.keys().chain(wanted.keys()).copied().collect();
        for id in all {
            let (is, ought) = (stored.get(&id), wanted.get(&id));
            // What is stale says so; but nobody is told of who is not there.
            let stale = !self.row.stale_reason.is_empty();
            let where_stale = is.map(|it| it.0) == ought.map(|it| it.0) || is.is_none();
            if is != ought && !(stale && where_stale) {
                flaws.push(format!("G-07: {}: {id} is in {is:?}, not {ought:?}", self.row.id));
            }
        }
        flaws
    }

    fn members(&self) -> impl Iterator<Item = &SegmentMember> {
        self.rows.segment_members.iter().filter(|row| row.segmentation_id == self.row.id)
    }

    fn is_computed(&self) -> bool {
        self.row.live_generation.is_some() || self.row.next_generation.is_some()
    }

    fn owner_sees(&self) -> BTreeSet<PartitionId> {
        let rows = self.rows;
        let owner = rows.assets.iter().find(|one| one.id == self.row.id);
        let owner = rows
            .workspaces
            .iter()
            .find(|one| owner.is_some_and(|asset| asset.workspace_id == one.id))
            .filter(|one| one.delete_time.is_none());
        let Some(owner) = owner else { return BTreeSet::new() };
        let bound = |id: PartitionId| {
            let mut bindings = rows.bindings.iter();
            bindings.any(|one| one.workspace_id == owner.id && one.partition_id == id)
        };
        let living = rows.partitions.iter().filter(|one| one.delete_time.is_none());
        living.map(|one| one.id).filter(|id| owner.all_partitions || bound(*id)).collect()
    }
}
