//! Whom an asset means (V-03, V-05, L-07): people whom the workspace sees and who have not unsubscribed (D-09), read page
//! by page from one state of the database.

use std::time::{Duration, Instant};

use super::whom::{Whom, kept, through};
use super::{Assets, seen};
use crate::config::AUDIENCE_PAGE;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::filter::{Filter, Node, Set};
use crate::domain::segmentation::coverage::Stale;
use crate::entity::Asset;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PersonId, SegmentId, WorkspaceId};
use crate::page::Tokens;
use crate::repository::person::matching::{self, Found};
use crate::repository::{Scope, segmentation as results};
use crate::service::access::{self, At, Permission};
use crate::service::segmentation::{self, Coverages};

/// How long a stream goes on before the caller's rights are asked for again.
const TRUST: Duration = Duration::from_secs(2);

/// Whose audience is asked for.
#[derive(Clone, Debug)]
pub struct AudienceOf {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// The program, list, segmentation or campaign.
    pub id: AssetId,
    /// The segment, of a segmentation.
    pub segment: Option<SegmentId>,
    /// Where to go on, as the caller wrote it.
    pub resume_token: String,
}

/// What an audience is.
#[derive(Clone, Debug)]
pub struct Header {
    /// How many people are in it.
    pub count: i64,
    /// How many more would be, had they not unsubscribed.
    pub unsubscribed: i64,
    /// The day that its filter depends on; empty: none.
    pub as_of: String,
    /// How far the segmentation is computed.
    pub coverage: Coverages,
    /// The tenant's revision of all of it.
    pub revision: i64,
}

/// An audience, which is read page by page.
pub struct Audience {
    assets: Assets,
    ctx: Context,
    workspace: WorkspaceId,
    scope: Scope,
    whom: Whom,
    tokens: Tokens,
    after: Option<PersonId>,
    /// When the caller's rights were last asked for.
    admitted: Instant,
}

/// Some people of an audience.
pub struct Batch {
    /// The people.
    pub people: Vec<Found>,
    /// Where to go on; empty at the end.
    pub next: String,
}

// === impl Assets ===

impl Assets {
    /// Finds out whom an asset means. The transaction stays open until the audience is dropped.
    pub async fn audience(&self, ctx: &Context, of: &AudienceOf) -> Result<(Header, Audience)> {
        let segment = of.segment.map(|id| id.to_string()).unwrap_or_default();
        let query = [of.workspace.to_string(), of.id.to_string(), segment];
        let query: Vec<&str> = query.iter().map(String::as_str).collect();
        let tokens = Tokens::new(&self.secrets, ctx, &query);
        let after = tokens.read(&of.resume_token).map_err(|error| error.field("resume_token"))?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, of.workspace).await?;
        let asset = seen(&scope, of.workspace, of.id).await?.asset;
        let coverage = match (asset.kind, of.segment) {
            (Type::Segmentation, Some(segment)) => {
                segmentation::coverage_of(&scope, ctx, of.workspace, (of.id, segment)).await?
            }
            _ => Coverages::new(),
        };
        let filter = meant(&scope, &asset, of.segment).await?;
        let whom = through(&scope, of.workspace, &asset, &filter).await?;
        refuse_broken(&scope, &asset, &whom.segmentations()).await?;
        let tally = whom.tally(&scope).await?;
        let header = Header {
            count: tally.people - tally.unsubscribed,
            unsubscribed: tally.unsubscribed,
            as_of: whom.as_of(),
            coverage,
            revision: scope.head().revision,
        };
        let audience = Audience {
            assets: self.clone(),
            ctx: ctx.clone(),
            workspace: of.workspace,
            scope,
            whom,
            tokens,
            after,
            admitted: Instant::now(),
        };
        Ok((header, audience))
    }
}

/// The filter by which an asset means people.
async fn meant(scope: &Scope, asset: &Asset, segment: Option<SegmentId>) -> Result<Filter> {
    if segment.is_some() && asset.kind != Type::Segmentation {
        return Err(Error::invalid("segment_id", format!("must be empty for a {}", asset.kind)));
    }
    let set = match (asset.kind, segment) {
        (Type::SmartList | Type::SmartCampaign, _) => return kept(scope, asset).await,
        (Type::Program, _) => Set::Program(asset.id),
        (Type::StaticList, _) => Set::List(asset.id),
        (Type::Segmentation, Some(segment)) => Set::Segment(asset.id, segment.0),
        (Type::Segmentation, None) => {
            return Err(Error::invalid("segment_id", "must be set for a segmentation"));
        }
        (other, _) => {
            let text = format!(
                "must be a program, static list, smart list, segmentation or smart campaign, and is of the type {other}"
            );
            return Err(Error::invalid("asset_id", text));
        }
    };
    Filter::new(Node::In(set)).map_err(|_| Error::internal("one condition is too many"))
}

/// BROKEN_REFERENCE, if the audience is by a segmentation that reads what is gone: it keeps its results, and nobody may
/// take those for whom it means (L-07).
async fn refuse_broken(scope: &Scope, asset: &Asset, segmentations: &[AssetId]) -> Result<()> {
    if segmentations.is_empty() {
        return Ok(());
    }
    let rows = results::by_ids(scope, segmentations).await?;
    let broken = rows.iter().find(|row| row.stale_reason == Stale::BrokenReference.name());
    let Some(row) = broken else { return Ok(()) };
    let message = "a segmentation refers to what is gone or no longer shared, and is not kept up to date; repair or \
                   remove the reference first";
    Err(Error::new(Reason::BrokenReference, message)
        .with("asset_id", asset.id)
        .with("reference_id", row.id)
        .resource(Noun::Asset, asset.id.to_string()))
}

async fn demand(scope: &Scope, ctx: &Context, workspace: WorkspaceId) -> Result<()> {
    access::demand(scope, ctx, At::Workspace(workspace)).await?;
    access::demand_in(scope, ctx, Permission::PeopleRead, workspace).await
}

// === impl Audience ===

impl Audience {
    /// The next people, of the same state as those before.
    pub async fn next(&mut self) -> Result<Batch> {
        if self.admitted.elapsed() > TRUST {
            let now = self.assets.store.read(&self.ctx).await?;
            demand(&now, &self.ctx, self.workspace).await?;
            self.admitted = Instant::now();
        }
        let limit = AUDIENCE_PAGE + 1;
        let sought = self.whom.sought();
        let mut people = matching::found(&self.scope, sought, true, self.after, limit).await?;
        let more = i64::try_from(people.len()) == Ok(limit);
        people.truncate(people.len() - usize::from(more));
        self.after = people.last().map(|one| one.person_id).or(self.after);
        let next = match (more, self.after) {
            (true, Some(last)) => self.tokens.write(&last),
            _ => String::new(),
        };
        Ok(Batch { people, next })
    }
}
