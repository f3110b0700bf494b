//! The filters of smart lists and smart campaigns, as members of their content, and what follows from them: references
//! and the fields that they read (L-06, L-07, E-01). Segmentations have filters too, one for each segment.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::update::AssetPatch;
use crate::clock::now;
use crate::config::{CONTENT_BYTES, REFERENCES_MAX};
use crate::domain::asset::{Reference, Type};
use crate::domain::built_in;
use crate::domain::filter::{Binding, Filter, Predicate, Set};
use crate::domain::segmentation::Definition;
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result, Violation};
use crate::id::{AssetId, FieldId, PartitionId, WorkspaceId};
use crate::repository::filter::fitting;
use crate::repository::{Scope, Tx, asset, effect, field, visibility};
use crate::service::filter::{self, From, Source};

/// The member of the content that the filter is.
const MEMBER: &str = "filter";
/// The field of a request that it comes in.
const FIELD: &str = "asset.filter";

/// Content with its filter in the one text that it has, and the filter.
#[derive(Clone, Debug)]
pub(super) struct Defined {
    /// The content.
    pub content: Json,
    /// The filter that it has.
    pub filter: Option<Filter>,
}

/// The filter in the stored content of an asset.
pub(super) fn stored(kind: Type, content: &Json) -> Option<Filter> {
    let text = content.get(MEMBER).filter(|_| kind.has_filter())?;
    serde_json::from_value(text.clone()).ok()
}

/// All filters in the stored content of an asset.
fn all(kind: Type, content: &Json) -> Vec<Filter> {
    if kind != Type::Segmentation {
        return stored(kind, content).into_iter().collect();
    }
    let definition: Definition = serde_json::from_value(content.clone()).unwrap_or_default();
    definition.segments.into_iter().map(|one| one.filter).collect()
}

// === impl Defined ===

impl Defined {
    /// Content as a caller gives it, with a filter that is given beside it: the two must agree.
    pub(super) fn new(kind: Type, content: Json, beside: Option<&Filter>) -> Result<Self> {
        if !kind.has_filter() {
            return match beside {
                Some(_) => Err(Error::invalid(FIELD, format!("must be empty for a {kind}"))),
                None => Ok(Self { content, filter: None }),
            };
        }
        let within = match content.get(MEMBER) {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(parse(text)?),
            Some(_) => return Err(Error::invalid("asset.content.filter", "must be a text")),
        };
        if let (Some(beside), Some(within)) = (beside, &within)
            && beside != within
        {
            let text = "must say the same as asset.content.filter; leave one of the two out";
            return Err(Error::invalid(FIELD, text));
        }
        Self::with(content, beside.cloned().or(within))
    }

    /// What a patch makes of stored content.
    pub(super) fn patched(kind: Type, stored: &Json, patch: &AssetPatch) -> Result<Self> {
        match (&patch.content, &patch.filter) {
            (None, None) => {
                Ok(Self { content: stored.clone(), filter: self::stored(kind, stored) })
            }
            (Some(content), Some(None)) if content.get(MEMBER).is_some() && kind.has_filter() => {
                Err(Error::invalid(FIELD, "is empty, and asset.content.filter is not"))
            }
            (Some(content), beside) => {
                Self::new(kind, content.clone(), beside.as_ref().and_then(Option::as_ref))
            }
            (None, Some(beside)) if kind.has_filter() => Self::with(stored.clone(), beside.clone()),
            (None, beside) => {
                Self::new(kind, stored.clone(), beside.as_ref().and_then(Option::as_ref))
            }
        }
    }

    fn with(mut content: Json, filter: Option<Filter>) -> Result<Self> {
        if let Some(members) = content.as_object_mut() {
            members.remove(MEMBER);
            if let Some(filter) = &filter {
                members.insert(MEMBER.into(), json!(filter));
            }
        }
        match content.to_string().len() {
            ..=CONTENT_BYTES => Ok(Self { content, filter }),
            _ => Err(Error::invalid(
                FIELD,
                format!("is too long: content may have {CONTENT_BYTES} bytes with it"),
            )),
        }
    }
}

/// Reads the text of a filter in the content.
fn parse(text: &str) -> Result<Filter> {
    Filter::parse(text).map_err(|problems| {
        let violation = |one: &_| Violation::new("asset.content.filter", format!("{one}"));
        Error::violations(problems.iter().map(violation).collect())
    })
}

/// What a filter refers to.
pub(in crate::service) fn references_of(filter: &Filter) -> Vec<Reference> {
    use crate::domain::asset::Kind;
    let reference = |set: Set| {
        let kind = match set {
            Set::List(_) | Set::SmartList(_) => Kind::List,
            Set::Program(_) => Kind::Program,
            Set::Segment(..) => Kind::Segmentation,
            Set::Partition(_) => return None,
        };
        set.asset().map(|target| Reference { kind, target })
    };
    let references: BTreeSet<Reference> = filter.sets().filter_map(reference).collect();
    references.into_iter().collect()
}

/// References with those of a filter, each once and in order.
pub(super) fn merged(given: &[Reference], filter: Option<&Filter>) -> Result<Vec<Reference>> {
    let of_filter = filter.map(references_of).unwrap_or_default();
    let derived = !of_filter.is_empty();
    let merged: BTreeSet<Reference> = given.iter().copied().chain(of_filter).collect();
    if derived && merged.len() > REFERENCES_MAX {
        let text = format!("must have at most {REFERENCES_MAX} items with those of the filter");
        return Err(Error::invalid("asset.references", text));
    }
    Ok(merged.into_iter().collect())
}

/// Resolves a filter that is being saved, as the workspace's; all that is wrong with it is refused.
pub(super) async fn check(tx: &Tx, workspace: WorkspaceId, filter: &Filter) -> Result<Predicate> {
    refuse_unseen(tx, workspace, &[filter]).await?;
    let fields = tx.fields().await?;
    let source = Source { filter, workspace, from: From::Request(FIELD) };
    let resolved = filter::resolve(tx, &fields, &[source]).await?.pop();
    Ok(resolved.ok_or_else(|| Error::internal("a filter was not resolved"))?.predicate)
}

/// PARTITION_NOT_FOUND, if filters that are being saved name partitions that the workspace does not see.
pub(in crate::service) async fn refuse_unseen(
    scope: &Scope,
    workspace: WorkspaceId,
    filters: &[&Filter],
) -> Result<()> {
    let partition = |set| match set {
        Set::Partition(id) => Some(id),
        _ => None,
    };
    let named: BTreeSet<PartitionId> =
        filters.iter().flat_map(|one| one.sets()).filter_map(partition).collect();
    if named.is_empty() {
        return Ok(());
    }
    let sight = visibility::sight(scope, workspace).await?;
    let sight = sight.ok_or_else(|| Error::not_found(Noun::Workspace, workspace))?;
    sight.narrow(&named.into_iter().collect::<Vec<_>>()).map(drop)
}

/// Notes which fields the content of an asset reads, and holds them: whoever deletes one of them waits, and is refused.
pub(super) async fn keep_fields(tx: &Tx, asset: &Asset, content: &Json) -> Result<()> {
    let filters = all(asset.kind, content);
    let names: BTreeSet<&str> = filters
        .iter()
        .flat_map(Filter::fields)
        .filter(|name| built_in::named(name).is_none())
        .collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let count = names.len();
    let ids: Vec<FieldId> = match count {
        0 => Vec::new(),
        _ => field::hold(tx, names).await?.into_iter().map(|one| one.id).collect(),
    };
    if ids.len() < count {
        // One was there when the filter was checked, and was deleted meanwhile.
        return Err(Error::Contended);
    }
    asset::set_fields(tx, asset.id, !asset.kind.traits().approvable, &ids).await
}

/// ASSET_IN_USE, if a smart list that others refer to would lose its filter: what leaves its people out would mean
/// everybody, or nobody (L-07).
pub(super) async fn refuse_lost(tx: &Tx, id: AssetId) -> Result<()> {
    let users = effect::of_asset(tx, id).await?.references;
    let users: BTreeSet<AssetId> =
        users.iter().map(|one| one.asset_id).filter(|one| *one != id).collect();
    if users.is_empty() {
        return Ok(());
    }
    let message = "other assets use the list, draft or live, and need its filter; remove those references first";
    Err(Error::new(Reason::AssetInUse, message)
        .with("asset_id", id)
        .with("used_by", users.len())
        .resource(Noun::Asset, id.to_string()))
}

/// Refuses a filter of a smart list that makes others, which read the list, more than a filter may be (L-06). It is
/// saved already.
pub(super) async fn refuse_outgrown(tx: &Tx, list: AssetId) -> Result<()> {
    let texts = asset::filters_reading(tx, list).await?;
    let parse = |text: String| serde_json::from_value::<Filter>(text.into()).ok();
    let mut filters: Vec<Filter> = texts.into_iter().filter_map(parse).collect();
    let readers = asset::segmentations_reading(tx, list).await?;
    let ids: Vec<AssetId> = readers.iter().map(|one| one.id).collect();
    for one in if ids.is_empty() { Vec::new() } else { asset::by_ids(tx, &ids).await? } {
        let drafts = one.has_draft.then_some((one.id, 0));
        let live = one.approved_version.map(|number| (one.id, number));
        let versions: Vec<(AssetId, i64)> = drafts.into_iter().chain(live).collect();
        for stored in asset::of_versions(tx, &versions).await? {
            filters.extend(all(one.kind, &stored.content.unwrap_or_default()));
        }
    }
    if filters.is_empty() || fit(tx, &filters).await? {
        return Ok(());
    }
    let text = "is too large: with it, filters that use the list would have more conditions, values or levels than a \
                filter may have";
    Err(Error::invalid(FIELD, text))
}

/// Whether filters keep within their budgets, smart lists included.
async fn fit(tx: &Tx, filters: &[Filter]) -> Result<bool> {
    let fields = tx.fields().await?;
    let Some(lists) = fitting(tx, &fields, filters).await? else { return Ok(false) };
    let to = Binding {
        field: &|name| fields.named(name),
        smart_lists: &lists,
        today: crate::domain::filter::day(now()),
    };
    Ok(filters.iter().all(|one| one.bind(to).is_ok()))
}
