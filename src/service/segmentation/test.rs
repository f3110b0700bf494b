//! What a segmentation says of one person, with the values that it looks at (G-11). It is worked out from the person as
//! of now, by the same predicates as its results are.

use super::Segmentations;
use super::people::{coverage, sight};
use super::view::{full, seen};
use crate::context::Context;
use crate::domain::filter::{Explained, Facts, Reads};
use crate::domain::segmentation::coverage::Coverage;
use crate::domain::segmentation::{DEFAULT, Definition, Segment};
use crate::entity::{Asset, Person};
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, PersonId, SegmentId, WorkspaceId};
use crate::repository::filter::facts;
use crate::repository::{Answer, Scope, person};
use crate::service::access::{self, At, Permission};
use crate::service::filter::{From, Resolved, Source, resolve};

/// What a segmentation says of a person.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The approved version.
    pub approved: Option<Test>,
    /// The draft, if it is the workspace's own.
    pub draft: Option<Test>,
    /// How far the approved version is computed where the person is.
    pub coverage: Coverage,
}

/// What a version says of a person.
#[derive(Clone, Debug)]
pub struct Test {
    /// 0: the draft.
    pub version: i64,
    /// What each segment says, in order.
    pub verdicts: Vec<Verdict>,
    /// The first that holds, or Default; nothing if the owner does not see the person's partition.
    pub winner: Option<(SegmentId, String)>,
}

/// What a segment says of a person.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The segment.
    pub segment: SegmentId,
    /// Its name.
    pub display_name: String,
    /// Whether its filter holds.
    pub holds: bool,
    /// The filter, with what its conditions looked at.
    pub explained: Explained,
}

/// A person, and whether the owner of a segmentation sees where the person is.
struct Tester<'a> {
    scope: &'a Scope,
    asset: &'a Asset,
    person: &'a Person,
    covered: bool,
}

// === impl Segmentations ===

impl Segmentations {
    /// Evaluates a segmentation for one person.
    pub async fn test(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        person: PersonId,
    ) -> Result<Answer<Tested>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        access::demand_in(&scope, ctx, Permission::PeopleRead, workspace).await?;
        let (asset, reach) = seen(&scope, workspace, id).await?;
        let person = person::by_id(&scope, workspace, person)
            .await?
            .ok_or_else(|| Error::not_found(Noun::Person, person))?;
        let covered = sight(&scope, asset.workspace_id).await?.contains(&person.partition_id);
        let view = full(&scope, workspace, asset, reach).await?;
        let asset = &view.asset;
        let all = scope.segmentations().await?;
        let computed = all.iter().find(|one| one.row.id == id);
        let coverage = coverage(computed, person.partition_id);
        let tester = Tester { scope: &scope, asset, person: &person, covered };
        let mut tested = Tested { approved: None, draft: None, coverage };
        if let Some(shown) = &view.shown {
            if let Some((version, definition)) = &shown.approved {
                tested.approved = Some(tester.test(*version, definition).await?);
            }
            if let Some(definition) = &shown.draft {
                tested.draft = Some(tester.test(0, definition).await?);
            }
        }
        Ok(scope.answer(tested))
    }
}

// === impl Tester ===

impl Tester<'_> {
    /// What a version says; BROKEN_REFERENCE, if what it reads is broken (L-07).
    async fn test(&self, version: i64, definition: &Definition) -> Result<Test> {
        let fields = self.scope.fields().await?;
        let (workspace, from) = (self.asset.workspace_id, From::Asset(self.asset.id));
        let filters = definition.segments.iter().map(|one| &one.filter);
        let sources = filters.map(|filter| Source { filter, workspace, from });
        let sources: Vec<Source<'_>> = sources.collect();
        let resolved = resolve(self.scope, &fields, &sources).await?;
        let mut reads = Reads::default();
        resolved.iter().for_each(|one| reads.join(one.predicate.reads()));
        let mut known = facts(self.scope, std::slice::from_ref(self.person), &reads).await?;
        let facts = known.remove(&self.person.id).unwrap_or_else(|| Facts::from(self.person));
        let verdict = |(one, resolved): (&Segment, &Resolved)| {
            let explained = resolved.predicate.explain(&facts);
            Verdict {
                segment: one.id,
                display_name: one.display_name.clone(),
                holds: explained.holds,
                explained,
            }
        };
        let verdicts: Vec<Verdict> =
            definition.segments.iter().zip(&resolved).map(verdict).collect();
        let first = verdicts.iter().find(|one| one.holds).map_or(DEFAULT, |one| one.segment);
        let name = definition.name(first).unwrap_or_default().to_owned();
        Ok(Test { version, verdicts, winner: self.covered.then_some((first, name)) })
    }
}
