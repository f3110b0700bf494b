//! Filters resolved: what they refer to is looked at, smart lists are put in as their owner's (L-08), and a broken
//! reference is refused rather than followed (L-07). Lists, segmentations and audiences all resolve theirs here.

use std::collections::{HashMap, HashSet};

use time::Date;

use crate::clock::now;
use crate::domain::asset::Type;
use crate::domain::attribute::Type as FieldType;
use crate::domain::filter::{
    self, Binding, Filter, Predicate, Problem, Set, SmartLists, bind_lists,
};
use crate::domain::segmentation::{DEFAULT, Outline};
use crate::domain::visibility::Index;
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result, Violation};
use crate::id::{AssetId, SegmentId, WorkspaceId};
use crate::repository::field_set::FieldSet;
use crate::repository::filter::filters;
use crate::repository::visibility::Sight;
use crate::repository::{Scope, asset};
use crate::service::asset::{Breach, breach, not_visible};

/// A filter, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The filter.
    pub filter: &'a Filter,
    /// The workspace as whose it is followed.
    pub workspace: WorkspaceId,
    /// Where it comes from.
    pub from: From<'a>,
}

/// Where a filter comes from, which decides how it is refused.
#[derive(Clone, Copy, Debug)]
pub enum From<'a> {
    /// From a request, at this field: what the caller may not refer to is REFERENCE_NOT_VISIBLE.
    Request(&'a str),
    /// From the content of an asset: what it refers to in vain is BROKEN_REFERENCE.
    Asset(AssetId),
}

/// A filter that can be evaluated.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The filter, bound.
    pub predicate: Predicate,
    /// The day that relative dates mean as today.
    pub today: Date,
}

/// The work of resolving filters together: each asset is looked up once.
struct Work<'a> {
    index: &'a Index,
    fields: &'a FieldSet,
    today: Date,
    assets: HashMap<AssetId, Asset>,
    /// The segments of what is live of segmentations that are referred to.
    segments: HashMap<AssetId, Outline>,
    /// The smart lists that are referred to, however far.
    lists: HashMap<AssetId, Filter>,
    bound: SmartLists,
}

/// Resolves the filter of a request through a workspace; partitions that the workspace does not see are not there.
pub async fn of_request(
    scope: &Scope,
    fields: &FieldSet,
    sight: &Sight,
    workspace: WorkspaceId,
    given: &Filter,
) -> Result<Resolved> {
    let named = given.sets().filter_map(|set| match set {
        Set::Partition(id) => Some(id),
        _ => None,
    });
    let named: Vec<_> = named.collect();
    sight.narrow(&named)?;
    let source = Source { filter: given, workspace, from: From::Request("filter") };
    let resolved = resolve(scope, fields, &[source]).await?.pop();
    resolved.ok_or_else(|| Error::internal("a filter was not resolved"))
}

/// Resolves filters, in order, in two statements for each level of smart lists; refuses all for the first that fails.
pub async fn resolve(
    scope: &Scope,
    fields: &FieldSet,
    sources: &[Source<'_>],
) -> Result<Vec<Resolved>> {
    let current = scope.index().await?;
    let mut work = Work {
        index: &current.index,
        fields,
        today: filter::day(now()),
        assets: HashMap::new(),
        segments: HashMap::new(),
        lists: HashMap::new(),
        bound: SmartLists::new(),
    };
    work.follow(scope, sources).await?;
    let lists = std::mem::take(&mut work.lists);
    work.bound = bind_lists(lists, &|name| fields.named(name), work.today)
        .map_err(|(id, problems)| unbound(id, &problems))?;
    work.bind_all(sources)
}

// === impl Work ===

impl Work<'_> {
    /// Looks at all that filters refer to, and at what the smart lists among it refer to, level by level. A list seen
    /// before is not loaded again, so it ends.
    async fn follow(&mut self, scope: &Scope, sources: &[Source<'_>]) -> Result<()> {
        let mut next = self.level(scope, sources).await?;
        while !next.is_empty() {
            let level = self.load_lists(scope, next).await?;
            let source = |(id, filter)| {
                let workspace = self.assets.get(id).map(|asset| asset.workspace_id);
                workspace.map(|workspace| Source { filter, workspace, from: From::Asset(*id) })
            };
            let sources: Vec<Source<'_>> = level.iter().filter_map(source).collect();
            next = self.level(scope, &sources).await?;
            self.lists.extend(level);
            next.retain(|id| !self.lists.contains_key(id));
        }
        Ok(())
    }

    /// Looks at what some filters refer to, and returns the smart lists among it.
    async fn level(&mut self, scope: &Scope, sources: &[Source<'_>]) -> Result<HashSet<AssetId>> {
        self.load_assets(scope, sources.iter().flat_map(|one| one.filter.assets())).await?;
        self.load_segments(scope, sources).await?;
        sources.iter().try_for_each(|source| self.check(*source))?;
        Ok(sources.iter().flat_map(|one| one.filter.smart_lists()).collect())
    }

    async fn load_assets(
        &mut self,
        scope: &Scope,
        ids: impl Iterator<Item = AssetId>,
    ) -> Result<()> {
        let missing: HashSet<AssetId> = ids.filter(|id| !self.assets.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<AssetId> = missing.into_iter().collect();
        let found = asset::by_ids(scope, &missing).await?;
        self.assets.extend(found.into_iter().map(|one| (one.id, one)));
        Ok(())
    }

    /// The segments of the live versions of segmentations, where filters mean one of them. All have Default.
    async fn load_segments(&mut self, scope: &Scope, sources: &[Source<'_>]) -> Result<()> {
        let meant = |set| match set {
            Set::Segment(id, segment) if SegmentId(segment) != DEFAULT => Some(id),
            _ => None,
        };
        let meant: HashSet<AssetId> =
            sources.iter().flat_map(|one| one.filter.sets()).filter_map(meant).collect();
        let live = |id| Some((id, self.assets.get(&id)?.approved_version?));
        let versions: Vec<(AssetId, i64)> = meant.into_iter().filter_map(live).collect();
        if versions.is_empty() {
            return Ok(());
        }
        for stored in asset::of_versions(scope, &versions).await? {
            let content = stored.content.unwrap_or_default();
            // Of another type than is said, it is refused for that.
            let outline = serde_json::from_value(content).unwrap_or_default();
            self.segments.insert(stored.asset_id, outline);
        }
        Ok(())
    }

    /// The filters of smart lists.
    async fn load_lists(
        &self,
        scope: &Scope,
        ids: HashSet<AssetId>,
    ) -> Result<HashMap<AssetId, Filter>> {
        let filter = |(id, filter): (AssetId, Option<Filter>)| match filter {
            Some(filter) => Ok((id, filter)),
            None => Err(broken(Some(id), id, "the smart list has no filter yet")),
        };
        filters(scope, ids).await?.into_iter().map(filter).collect()
    }

    /// Refuses a filter that refers to what its workspace does not see, or what is of another type.
    fn check(&self, source: Source<'_>) -> Result<()> {
        for set in source.filter.sets() {
            let Some(id) = set.asset() else { continue };
            let target = self.assets.get(&id);
            let matter = match target {
                Some(target) => breach(self.index, source.workspace, target, true),
                None => Some(Breach::NotShared),
            };
            match (matter, target) {
                (None, Some(target)) => {
                    source.fits(set, target.kind)?;
                    self.check_segment(source, set)?;
                }
                (Some(Breach::NotApproved), _) => {
                    return Err(broken(source.asset(), id, Breach::NotApproved.text()));
                }
                _ if source.asset().is_none() => return Err(not_visible(id)),
                (matter, _) => {
                    let text = matter.unwrap_or(Breach::NotShared).text();
                    return Err(broken(source.asset(), id, text));
                }
            }
        }
        Ok(())
    }

    /// BROKEN_REFERENCE, for a segment that the live version does not have: who is not in it would be everybody.
    fn check_segment(&self, source: Source<'_>, set: Set) -> Result<()> {
        let Set::Segment(id, segment) = set else { return Ok(()) };
        let outline = self.segments.get(&id);
        if SegmentId(segment) == DEFAULT
            || outline.is_some_and(|one| one.name(SegmentId(segment)).is_some())
        {
            return Ok(());
        }
        Err(broken(source.asset(), id, "has no such segment, in its approved version"))
    }

    /// Binds filters, or says all that is wrong with all of them.
    fn bind_all(&self, sources: &[Source<'_>]) -> Result<Vec<Resolved>> {
        let (mut resolved, mut violations) = (Vec::with_capacity(sources.len()), Vec::new());
        for source in sources {
            match self.bind(*source) {
                Ok(one) => resolved.push(one),
                Err(Error::Refused(refusal)) if refusal.reason == Reason::InvalidField => {
                    violations.extend(refusal.violations);
                }
                Err(other) => return Err(other),
            }
        }
        if violations.is_empty() { Ok(resolved) } else { Err(Error::violations(violations)) }
    }

    fn bind(&self, source: Source<'_>) -> Result<Resolved> {
        let field = |name: &str| -> Option<(i64, FieldType)> { self.fields.named(name) };
        let binding = Binding { field: &field, smart_lists: &self.bound, today: self.today };
        let bound = source.filter.bind(binding);
        let predicate = bound.map_err(|problems| source.refuse(&problems))?;
        Ok(Resolved { predicate, today: self.today })
    }
}

// === impl Source ===

impl Source<'_> {
    /// The asset in whose content it is.
    fn asset(&self) -> Option<AssetId> {
        match self.from {
            From::Asset(id) => Some(id),
            From::Request(_) => None,
        }
    }

    /// Refuses a target of another type than is said.
    fn fits(&self, set: Set, kind: Type) -> Result<()> {
        let wanted = match set {
            Set::List(_) => Type::StaticList,
            Set::SmartList(_) => Type::SmartList,
            Set::Program(_) => Type::Program,
            Set::Segment(..) => Type::Segmentation,
            Set::Partition(_) => return Ok(()),
        };
        if kind == wanted {
            return Ok(());
        }
        let text =
            format!("{set}: this is no {}, it is a {}", wanted.traits().title, kind.traits().title);
        Err(self.refuse(&[Problem { path: String::new(), text }]))
    }

    /// The refusal of a filter that cannot be bound: the request's own with each problem, else the asset's.
    fn refuse(&self, problems: &[Problem]) -> Error {
        match self.from {
            From::Request(field) => {
                let violation = |one: &Problem| Violation::new(field, one.to_string());
                Error::violations(problems.iter().map(violation).collect())
            }
            From::Asset(id) => unbound(id, problems),
        }
    }
}

/// BROKEN_REFERENCE: evaluating the filter anyway might widen an audience (L-07).
fn broken(asset: Option<AssetId>, reference: AssetId, matter: &str) -> Error {
    let message = "a filter refers to what is gone, no longer shared, not approved or broken itself; repair or remove the \
                   reference first";
    let error = Error::new(Reason::BrokenReference, message)
        .with("reference_id", reference)
        .resource(Noun::Asset, reference.to_string())
        .offender(reference, matter);
    match asset {
        Some(asset) => error.with("asset_id", asset),
        None => error,
    }
}

/// The refusal of a filter of an asset that cannot be bound.
fn unbound(id: AssetId, problems: &[Problem]) -> Error {
    broken(Some(id), id, &problems.first().map(Problem::to_string).unwrap_or_default())
}

// === impl Resolved ===

impl Resolved {
    /// The day that it was bound to, if it depends on the day.
    pub fn as_of(&self) -> Option<String> {
        self.predicate.is_relative().then(|| filter::written_day(self.today))
    }
}
