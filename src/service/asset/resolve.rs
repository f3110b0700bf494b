//! What a person gets to see of an asset: content may vary by segment (G-12).

use serde_json::Value as Json;

use super::reference::breach;
use super::{Assets, not_found, reach, seen};
use crate::context::Context;
use crate::domain::asset::variants::{SEGMENTATION, Variants};
use crate::domain::asset::{Kind, Reference};
use crate::domain::segmentation::coverage::Coverage;
use crate::entity::{Asset, Person};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, PartitionId, PersonId, SegmentId, WorkspaceId};
use crate::repository::{Answer, Scope, asset, person};
use crate::service::access::{self, At, Permission};
use crate::service::segmentation;

/// What a person gets to see.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The content.
    pub content: Json,
    /// The version of the asset that it is of; 0: it is live without being a version.
    pub version: i64,
    /// By what it varies; nothing: it is the same for everybody.
    pub variation: Option<Variation>,
}

/// By what content varies, and how it does for a person.
#[derive(Clone, Debug)]
pub struct Variation {
    /// The segmentation.
    pub segmentation: AssetId,
    /// Its approved version.
    pub version: i64,
    /// The person's segment; nothing if the owner of the segmentation does not see the person.
    pub segment: Option<SegmentId>,
    /// The segment's name, if the workspace sees the segmentation.
    pub display_name: Option<String>,
    /// There is no variant for the person.
    pub is_default: bool,
    /// Where the person is.
    pub partition: PartitionId,
    /// How far stored results are computed there.
    pub coverage: Coverage,
}

/// Somebody who looks at content through a workspace.
struct Resolver<'a> {
    scope: &'a Scope,
    workspace: WorkspaceId,
    asset: &'a Asset,
    person: &'a Person,
}

impl Assets {
    /// What a person gets to see of what is live of an asset.
    pub async fn resolve(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        person: PersonId,
    ) -> Result<Answer<Resolved>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        access::demand_in(&scope, ctx, Permission::PeopleRead, workspace).await?;
        let asset = seen(&scope, workspace, id).await?.asset;
        let found = person::by_id(&scope, workspace, person).await?;
        let person = found.ok_or_else(|| Error::not_found(Noun::Person, person))?;
        let version = live(&asset)?;
        let stored = asset::of_versions(&scope, &[(id, version)]).await?.pop();
        let content = stored.and_then(|one| one.content).ok_or_else(|| not_found(id))?;
        let resolver = Resolver { scope: &scope, workspace, asset: &asset, person: &person };
        let resolved = resolver.resolve(version, content).await?;
        Ok(scope.answer(resolved))
    }
}

// === impl Resolver ===

impl Resolver<'_> {
    async fn resolve(&self, version: i64, content: Json) -> Result<Resolved> {
        let Some(variants) = Variants::of(&content) else {
            return Ok(Resolved { content, version, variation: None });
        };
        let mut variation = self.variation(variants.segmentation).await?;
        let variant = variation.segment.and_then(|segment| variants.variant(segment));
        variation.is_default = variant.is_none();
        let content = variant.unwrap_or(variants.default()).clone();
        Ok(Resolved { content, version, variation: Some(variation) })
    }

    /// The person's segment as of now. The segmentation is followed as the asset's owner sees it, whoever looks (L-08).
    async fn variation(&self, id: AssetId) -> Result<Variation> {
        let index = &self.scope.index().await?.index;
        let found = asset::get(self.scope, id).await?;
        let whole = found.filter(|it| breach(index, self.asset.workspace_id, it, true).is_none());
        let target = whole.ok_or_else(|| broken(self.asset.id, id))?;
        let version = target.approved_version.ok_or_else(|| broken(self.asset.id, id))?;
        let said = segmentation::current(self.scope, target.id, self.person).await?;
        let covered = index.workspace_sees(target.workspace_id, self.person.partition_id);
        let segment = covered.then_some(said.segment);
        let named = segment.filter(|_| reach(index, self.workspace, &target).is_ok());
        let display_name = named.and_then(|one| said.outline.name(one).map(str::to_owned));
        Ok(Variation {
            segmentation: id,
            version,
            segment,
            display_name,
            is_default: true,
            partition: self.person.partition_id,
            coverage: said.coverage,
        })
    }
}

/// The live version of an asset, or NOT_APPROVABLE; 0: it is live without being a version.
fn live(asset: &Asset) -> Result<i64> {
    if asset.is_live() {
        return Ok(asset.approved_version.unwrap_or_default());
    }
    let message =
        "nothing of the asset is live, and only what is live is shown to people; approve it first";
    Err(Error::new(Reason::NotApprovable, message)
        .with("asset_id", asset.id)
        .with("type", asset.kind)
        .resource(Noun::Asset, asset.id.to_string()))
}

/// BROKEN_REFERENCE: the segmentation that the content varies by.
fn broken(id: AssetId, segmentation: AssetId) -> Error {
    let message = "the content varies by a segmentation that is gone, no longer shared to its owner or not approved; \
                   mend that, or approve content that does not vary by it";
    Error::new(Reason::BrokenReference, message)
        .with("asset_id", id)
        .with("reference_id", segmentation)
        .resource(Noun::Asset, id.to_string())
        .offender(segmentation, "is what the content varies by")
}

/// Refuses content that varies by a segmentation which is not among the references: so whatever is said of references
/// (F-03, F-05, S-09, C-02) holds of it.
pub(super) fn refuse_loose(content: &Json, references: &[Reference]) -> Result<()> {
    let Some(variants) = Variants::of(content) else { return Ok(()) };
    let used = Reference { kind: Kind::Segmentation, target: variants.segmentation };
    if references.contains(&used) {
        return Ok(());
    }
    let text = "must be among asset.references, as a SEGMENTATION";
    Err(Error::invalid(format!("asset.content.{SEGMENTATION}"), text))
}
