//! Who is in which segment, and how far that is computed (G-04 to G-06).

use std::collections::HashMap;

use super::view::seen;
use super::{Segmentations, not_approved};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::order::Order;
use crate::domain::segmentation::coverage::{Coverage, Missing};
use crate::domain::segmentation::{DEFAULT, Outline};
use crate::entity::Asset;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, PartitionId, PersonId, SegmentId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::asset::{Which, Within};
use crate::repository::segmentation::definitions::Computed;
use crate::repository::segmentation::member::{self, Member};
use crate::repository::{Answer, Scope, asset, person, visibility};
use crate::service::access::{self, At, Permission};

/// How far a segmentation is computed, for each partition that a workspace sees, by id.
pub type Coverages = Vec<(PartitionId, Coverage)>;

/// The people in the segments of a segmentation.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Its segments in their order, without Default.
    pub outline: Outline,
    /// How many people are in a segment of a partition; none are missing.
    pub people: HashMap<(SegmentId, PartitionId), i64>,
    /// How far that is computed.
    pub coverage: Coverages,
}

/// The people in a segment.
#[derive(Clone, Debug)]
pub struct Listing {
    /// A page of them.
    pub members: Listed<Member>,
    /// How far that is computed.
    pub coverage: Coverages,
}

/// The segment of a person.
#[derive(Clone, Debug)]
pub struct PersonSegment {
    /// The segmentation.
    pub asset: Asset,
    /// The segment, and its name; nothing: not computed.
    pub segment: Option<(SegmentId, String)>,
    /// How far the segmentation is computed where the person is.
    pub coverage: Coverage,
}

/// A segmentation that is read through a workspace.
pub(super) struct Reading {
    generation: i64,
    pub(super) outline: Outline,
    pub(super) coverage: Coverages,
}

// === impl Segmentations ===

impl Segmentations {
    /// How many people are in each segment.
    pub async fn count(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<Answer<Counted>> {
        let scope = self.store.read(ctx).await?;
        let reading = Reading::begin(&scope, ctx, workspace, id).await?;
        let rows = member::count(&scope, id, reading.generation, &reading.read()).await?;
        let people =
            rows.into_iter().map(|row| ((row.segment_id, row.partition_id), row.people)).collect();
        let Reading { outline, coverage, .. } = reading;
        Ok(scope.answer(Counted { outline, people, coverage }))
    }

    /// Who is in a segment, by id.
    pub async fn members(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        (id, segment): (AssetId, SegmentId),
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listing>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{workspace} {id} {segment}")]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        let reading = Reading::begin(&scope, ctx, workspace, id).await?;
        if reading.outline.name(segment).is_none() {
            return Err(Error::not_found(Noun::Segment, segment));
        }
        let (after, limit) = (page.after, page.limit());
        let (generation, read) = (reading.generation, reading.read());
        let rows = member::list(&scope, (id, segment), generation, &read, after, limit).await?;
        let members = tokens.list(page.page(rows), |last| last.person_id);
        Ok(scope.answer(Listing { members, coverage: reading.coverage }))
    }

    /// In which segment a person is, of each approved segmentation that the workspace sees, by id.
    pub async fn of_person(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        person: PersonId,
    ) -> Result<Answer<Vec<PersonSegment>>> {
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, workspace).await?;
        let found = person::by_id(&scope, workspace, person).await?;
        let Some(found) = found else {
            sight(&scope, workspace).await?;
            return Err(Error::not_found(Noun::Person, person));
        };
        let mut assets = approved(&scope, workspace).await?;
        assets.sort_by_key(|one| one.id);
        let ids: Vec<AssetId> = assets.iter().map(|one| one.id).collect();
        let segments: HashMap<AssetId, SegmentId> =
            member::of_person(&scope, person, &ids).await?.into_iter().collect();
        let all = scope.segmentations().await?;
        let of = |asset: Asset| {
            let computed = all.iter().find(|one| one.row.id == asset.id);
            let coverage = coverage(computed, found.partition_id);
            let name = |id| computed?.live.as_ref()?.outline.name(id).map(str::to_owned);
            let segment = segments.get(&asset.id).and_then(|id| Some((*id, name(*id)?)));
            PersonSegment { asset, segment, coverage }
        };
        Ok(scope.answer(assets.into_iter().map(of).collect()))
    }
}

/// The approved segmentations that a workspace sees: not more than a tenant may have.
async fn approved(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<Asset>> {
    let received = scope.index().await?.index.received(workspace);
    let which =
        Which { within: Within::Workspace(workspace, received), types: vec![Type::Segmentation] };
    let all = asset::list(scope, &which, Order::NAME, None, i64::MAX).await?;
    Ok(all.into_iter().filter(|one| one.approved_version.is_some()).collect())
}

// === impl Reading ===

impl Reading {
    /// Asks for the rights, and finds an approved segmentation that the workspace sees.
    pub(super) async fn begin(
        scope: &Scope,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
    ) -> Result<Self> {
        demand(scope, ctx, workspace).await?;
        let (asset, _) = seen(scope, workspace, id).await?;
        if asset.approved_version.is_none() {
            return Err(not_approved(id));
        }
        let all = scope.segmentations().await?;
        let computed = all.iter().find(|one| one.row.id == id);
        let live = computed.and_then(|one| one.live.as_ref());
        let live = live.ok_or_else(|| Error::internal("approved, and not computed"))?;
        let seen = sight(scope, workspace).await?;
        let coverage = seen.into_iter().map(|here| (here, coverage(computed, here))).collect();
        Ok(Self { generation: live.generation, outline: live.outline.clone(), coverage })
    }

    /// The partitions that the workspace sees and that are computed.
    fn read(&self) -> Vec<PartitionId> {
        let computed = |one: &&(PartitionId, Coverage)| !matches!(one.1, Coverage::NotComputed(_));
        self.coverage.iter().filter(computed).map(|(id, _)| *id).collect()
    }
}

// === impl Counted ===

impl Counted {
    /// The segments in their order, Default last, with their names.
    pub fn segments(&self) -> Vec<(SegmentId, &str)> {
        let ids = self.outline.ids().into_iter().chain([DEFAULT]);
        ids.map(|id| (id, self.outline.name(id).unwrap_or_default())).collect()
    }
}

/// How far a segmentation is computed in a partition.
pub(super) fn coverage(computed: Option<&Computed>, partition: PartitionId) -> Coverage {
    computed.map_or(Coverage::NotComputed(Missing::NotApproved), |one| one.coverage(partition))
}

/// Segmentations are one thing, the people in them another: both are needed.
async fn demand(scope: &Scope, ctx: &Context, workspace: WorkspaceId) -> Result<()> {
    access::demand(scope, ctx, At::Workspace(workspace)).await?;
    access::demand_in(scope, ctx, Permission::PeopleRead, workspace).await
}

/// The partitions that a workspace sees, by id, or WORKSPACE_NOT_FOUND.
pub(super) async fn sight(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<PartitionId>> {
    let sight = visibility::sight(scope, workspace).await?;
    Ok(sight.ok_or_else(|| Error::not_found(Noun::Workspace, workspace))?.ids())
}
