//! What segmentations are computed by, bound and ready: kept in memory until the tenant's segment revision moves, so
//! that following a change of people needs no look at any definition.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;

use super::coverage::{self, Covered};
use crate::clock::now;
use crate::domain::filter::{self, Binding, Predicate, Reads, SmartLists};
use crate::domain::segmentation::coverage::{Coverage, Known, Stale, coverage as known};
use crate::domain::segmentation::{DEFAULT, Definition, Outline};
use crate::entity::Segmentation;
use crate::error::{Error, Result};
use crate::id::{AssetId, PartitionId, SegmentId};
use crate::repository::asset;
use crate::repository::field_set::{self, FieldSet};
use crate::repository::filter::smart_lists;
use crate::repository::scope::Scope;
use crate::{args, sql};

/// A segmentation that is computed.
#[derive(Debug)]
pub struct Computed {
    /// Its state.
    pub row: Segmentation,
    /// The version whose results are read.
    pub live: Option<Bound>,
    /// The version that is being computed beside it.
    pub next: Option<Bound>,
    /// The partitions that it covers.
    pub covered: BTreeMap<PartitionId, Covered>,
}

/// A version of a segmentation, in a generation.
#[derive(Debug)]
pub struct Bound {
    /// The generation.
    pub generation: i64,
    /// The segments in their order, without Default.
    pub segments: Vec<(SegmentId, Predicate)>,
    /// What they look at.
    pub reads: Reads,
    /// Their names.
    pub outline: Outline,
}

// === impl Scope ===

impl Scope {
    /// What segmentations are computed by, as of the head that opened the scope; by id.
    pub async fn segmentations(&self) -> Result<Arc<Vec<Computed>>> {
        of(self, self.head().segment_revision).await
    }
}

/// What segmentations are computed by, as of a segment revision that nothing here has moved yet.
pub(super) async fn of(scope: &Scope, revision: i64) -> Result<Arc<Vec<Computed>>> {
    scope.memory().segmentations.of(scope.tenant(), revision, load_at(scope, revision)).await
}

/// Loads them; several statements outside of a snapshot and of locks may see two of them, and then all begins again.
async fn load_at(scope: &Scope, revision: i64) -> Result<Vec<Computed>> {
    let computed = load(scope).await?;
    let sql = sql!("SELECT segment_revision FROM tenant_head WHERE tenant_id = $1");
    match scope.count(sql, args![]).await? == revision {
        true => Ok(computed),
        false => Err(Error::Contended),
    }
}

/// All segmentations that are computed.
pub(super) async fn load(scope: &Scope) -> Result<Vec<Computed>> {
    let rows: Vec<Segmentation> = scope
        .all(
            sql!(
                "SELECT * FROM segmentation WHERE tenant_id = $1 \
                 AND (live_generation IS NOT NULL OR next_generation IS NOT NULL) ORDER BY id"
            ),
            args![],
        )
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let definitions = contents(scope, &rows).await?;
    let filters = definitions.values().flat_map(|one| &one.segments).map(|one| &one.filter);
    let fields = field_set::load(scope).await?;
    let lists = smart_lists(scope, &fields, filters).await?;
    let ids: Vec<AssetId> = rows.iter().map(|row| row.id).collect();
    let mut covered: HashMap<AssetId, BTreeMap<PartitionId, Covered>> = HashMap::new();
    for one in coverage::list(scope, &ids).await?.into_iter().filter(|one| !one.dropped) {
        covered.entry(one.segmentation_id).or_default().insert(one.partition_id, one);
    }
    let computed = |row: Segmentation| {
        let bound = |generation: Option<i64>, version: Option<i64>| {
            let (Some(generation), Some(version)) = (generation, version) else { return Ok(None) };
            let definition = definitions.get(&(row.id, version));
            let definition =
                definition.ok_or_else(|| Error::internal("a computed version without content"))?;
            Bound::new(generation, definition, &fields, &lists).map(Some)
        };
        let live = bound(row.live_generation, row.live_version)?;
        let next = bound(row.next_generation, row.next_version)?;
        Ok(Computed { live, next, covered: covered.remove(&row.id).unwrap_or_default(), row })
    };
    rows.into_iter().map(computed).collect()
}

/// What is in the versions that segmentations are computed by.
async fn contents(
    scope: &Scope,
    rows: &[Segmentation],
) -> Result<HashMap<(AssetId, i64), Definition>> {
    let versions: BTreeSet<(AssetId, i64)> = rows
        .iter()
        .flat_map(|row| [row.live_version, row.next_version].map(|version| (row.id, version)))
        .filter_map(|(id, version)| Some((id, version?)))
        .collect();
    let mut found = HashMap::new();
    // The newest and the live version of one segmentation are two look-ups, since an answer names only the asset.
    for drafts in [true, false] {
        let those: Vec<(AssetId, i64)> =
            versions.iter().copied().filter(|(_, version)| (*version == 0) == drafts).collect();
        if those.is_empty() {
            continue;
        }
        for one in asset::of_versions(scope, &those).await? {
            let content = one.content.unwrap_or(Json::Null);
            let definition = serde_json::from_value(content).map_err(Error::internal)?;
            let version =
                those.iter().find(|(id, _)| *id == one.asset_id).map(|(_, version)| *version);
            found.insert((one.asset_id, version.unwrap_or_default()), definition);
        }
    }
    Ok(found)
}

// === impl Computed ===

impl Computed {
    /// What it reads is broken: it keeps its results (L-07).
    pub fn is_broken(&self) -> bool {
        self.row.stale_reason == Stale::BrokenReference.name()
    }

    /// How far it is computed in a partition.
    pub fn coverage(&self, partition: PartitionId) -> Coverage {
        let here = self.covered.get(&partition);
        known(Known {
            live: self.live.is_some(),
            covered: here.is_some(),
            whole_since: here.and_then(|one| one.compute_time),
            stale: self.row.stale_time.zip(Stale::named(&self.row.stale_reason)),
        })
    }

    /// Whether results in a partition are read.
    pub fn is_read(&self, partition: PartitionId) -> bool {
        self.covered.get(&partition).is_some_and(|one| one.compute_time.is_some())
    }

    /// What is computed now: the generation that comes, or else the one that is read.
    pub fn target(&self) -> Option<&Bound> {
        self.next.as_ref().or(self.live.as_ref())
    }

    /// The versions that people are evaluated by, the one that is read before the next.
    pub fn versions(&self) -> impl Iterator<Item = &Bound> {
        self.live.iter().chain(&self.next)
    }
}

// === impl Bound ===

impl Bound {
    /// Binds a version to the tenant's fields. Segments have no relative dates: any day will do.
    fn new(
        generation: i64,
        definition: &Definition,
        fields: &FieldSet,
        smart_lists: &SmartLists,
    ) -> Result<Self> {
        let to =
            Binding { field: &|name| fields.named(name), smart_lists, today: filter::day(now()) };
        let mut reads = Reads::default();
        let mut segments = Vec::with_capacity(definition.segments.len());
        for one in &definition.segments {
            let unbound = |_| Error::internal("a segment was saved that cannot be bound");
            let predicate = one.filter.bind(to).map_err(unbound)?;
            reads.join(predicate.reads());
            segments.push((one.id, predicate));
        }
        Ok(Self { generation, segments, reads, outline: definition.into() })
    }

    /// The segment of a person: the first that holds, or Default.
    pub fn segment(&self, facts: &filter::Facts) -> SegmentId {
        let predicates = self.segments.iter().map(|(_, predicate)| predicate);
        filter::holds_first(predicates, facts).map_or(DEFAULT, |at| self.segments[at].0)
    }
}
