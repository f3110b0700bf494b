//! Whom filters mean, of those whom a workspace sees: an audience is the same filter for everybody, and only the people
//! are cut to who looks (V-01, L-08).

use super::{filter, member};
use crate::config::BATCH_MAX;
use crate::domain::asset::Type;
use crate::domain::filter::Filter;
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, PartitionId, PersonId, WorkspaceId};
use crate::repository::asset_member::Member;
use crate::repository::person::matching::{self, Found, Sought, Tally};
use crate::repository::{Scope, asset, visibility};
use crate::service::filter::{From, Resolved, Source, of_request, resolve};

/// People of some partitions, for whom a filter holds.
#[derive(Clone, Debug)]
pub(super) struct Whom {
    partitions: Vec<PartitionId>,
    resolved: Resolved,
}

// === impl Whom ===

impl Whom {
    pub(super) fn new(partitions: Vec<PartitionId>, resolved: Resolved) -> Self {
        Self { partitions, resolved }
    }

    pub(super) fn sought(&self) -> Sought<'_> {
        Sought { partitions: &self.partitions, predicate: &self.resolved.predicate }
    }

    /// The partitions.
    pub(super) fn partitions(&self) -> &[PartitionId] {
        &self.partitions
    }

    /// The segmentations that the filter asks.
    pub(super) fn segmentations(&self) -> Vec<AssetId> {
        self.resolved.predicate.reads().segmentations.iter().copied().collect()
    }

    /// The day that the filter depends on; empty: none.
    pub(super) fn as_of(&self) -> String {
        self.resolved.as_of().unwrap_or_default()
    }

    /// How many they are.
    pub(super) async fn tally(&self, scope: &Scope) -> Result<Tally> {
        matching::tally(scope, self.sought()).await
    }

    /// A page of them, as the members of a list.
    pub(super) async fn members(
        &self,
        scope: &Scope,
        after: Option<PersonId>,
        limit: i64,
    ) -> Result<Vec<Member>> {
        let found = matching::found(scope, self.sought(), false, after, limit).await?;
        let member = |one: Found| Member {
            person_id: one.person_id,
            partition_id: one.partition_id,
            email: one.email,
            add_time: None,
        };
        Ok(found.into_iter().map(member).collect())
    }

    /// All of them, if they are not too many for one call (L-05).
    pub(super) async fn some(&self, scope: &Scope) -> Result<Vec<PersonId>> {
        let found = matching::found(scope, self.sought(), false, None, LIMIT).await?;
        few(
            found.into_iter().map(|one| one.person_id).collect(),
            "AddListMembersByFilter puts more into a list",
        )
    }

    /// All of them who are in a program or list, if they are not too many for one call.
    pub(super) async fn some_of(&self, scope: &Scope, asset: AssetId) -> Result<Vec<PersonId>> {
        let found = matching::members_found(scope, self.sought(), asset, LIMIT).await?;
        few(found, "say less at once")
    }
}

/// One more than a call takes, to know of more.
const LIMIT: i64 = BATCH_MAX as i64 + 1;

/// INVALID_FIELD, if there are too many people for one call.
fn few(people: Vec<PersonId>, advice: &str) -> Result<Vec<PersonId>> {
    match people.len() {
        ..=BATCH_MAX => Ok(people),
        _ => {
            let text = format!("must hold for at most {BATCH_MAX} people in one call; {advice}");
            Err(Error::invalid("filter", text))
        }
    }
}

/// Whom a filter means that a request gives through a workspace.
pub(super) async fn by_request(
    scope: &Scope,
    workspace: WorkspaceId,
    given: &Filter,
) -> Result<Whom> {
    let sight = visibility::sight(scope, workspace).await?;
    let sight = sight.ok_or_else(|| Error::not_found(Noun::Workspace, workspace))?;
    let fields = scope.fields().await?;
    let resolved = of_request(scope, &fields, &sight, workspace, given).await?;
    Ok(Whom::new(sight.ids(), resolved))
}

/// A filter of an asset, followed as its owner's.
pub(super) async fn of_asset(scope: &Scope, asset: &Asset, filter: &Filter) -> Result<Resolved> {
    let fields = scope.fields().await?;
    let source = Source { filter, workspace: asset.workspace_id, from: From::Asset(asset.id) };
    let resolved = resolve(scope, &fields, &[source]).await?.pop();
    resolved.ok_or_else(|| Error::internal("a filter was not resolved"))
}

/// The filter of a smart list or campaign as it is stored; without one, it is nobody's.
pub(super) async fn kept(scope: &Scope, asset: &Asset) -> Result<Filter> {
    let stored = asset::of_versions(scope, &[(asset.id, 0)]).await?.pop();
    let content = stored.and_then(|one| one.content).unwrap_or_default();
    Ok(filter::stored(asset.kind, &content).unwrap_or_else(Filter::nobody))
}

/// What a smart list means.
pub(super) async fn of_smart_list(scope: &Scope, list: &Asset) -> Result<Resolved> {
    debug_assert_eq!(list.kind, Type::SmartList);
    of_asset(scope, list, &kept(scope, list).await?).await
}

/// Whom an asset's filter means, through a workspace.
pub(super) async fn through(
    scope: &Scope,
    workspace: WorkspaceId,
    asset: &Asset,
    filter: &Filter,
) -> Result<Whom> {
    let partitions = member::sight(scope, workspace).await?;
    Ok(Whom::new(partitions, of_asset(scope, asset, filter).await?))
}
