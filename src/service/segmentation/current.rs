//! What an approved segmentation says of a person as of now, for whoever uses it: worked out, not looked up, and so
//! never older than the person (G-12).

use super::people::known;
use super::view::definition;
use crate::domain::segmentation::coverage::{Coverage, Stale};
use crate::domain::segmentation::{DEFAULT, Definition};
use crate::entity::{Asset, Person};
use crate::error::Result;
use crate::id::SegmentId;
use crate::repository::filter::{facts, smart_lists};
use crate::repository::segmentation::definitions::Bound;
use crate::repository::segmentation::member;
use crate::repository::{Scope, field_set, segmentation};

/// What a version of a segmentation says of a person.
#[derive(Clone, Debug)]
pub(in crate::service) struct Current {
    /// Its segments.
    pub definition: Definition,
    /// The first that holds, or Default, whether or not the owner sees the person.
    pub segment: SegmentId,
    /// How far stored results are computed where the person is.
    pub coverage: Coverage,
}

/// What a version of a segmentation says of a person. One that reads what is broken keeps its results, and says those
/// (L-07).
pub(in crate::service) async fn current(
    scope: &Scope,
    (asset, version): (&Asset, i64),
    person: &Person,
) -> Result<Current> {
    let definition = definition(scope, asset.id, version).await?;
    let row = segmentation::get(scope, asset.id).await?;
    let covered = segmentation::coverage::list(scope, &[asset.id]).await?;
    let coverage = known(row.as_ref(), &covered, asset.id, person.partition_id);
    let segment = match coverage {
        Coverage::Stale { why: Stale::BrokenReference, .. } => {
            let kept = member::of_person(scope, person.id, &[asset.id]).await?.pop();
            kept.map_or(DEFAULT, |(_, segment)| segment)
        }
        _ => evaluated(scope, &definition, person).await?,
    };
    Ok(Current { definition, segment, coverage })
}

/// The segment of a person by a definition, worked out.
async fn evaluated(scope: &Scope, definition: &Definition, person: &Person) -> Result<SegmentId> {
    let fields = field_set::load(scope).await?;
    let filters = definition.segments.iter().map(|one| &one.filter);
    let lists = smart_lists(scope, &fields, filters).await?;
    let bound = Bound::new(0, definition, &fields, &lists)?;
    let known = facts(scope, std::slice::from_ref(person), &bound.reads).await?;
    Ok(known.get(&person.id).map_or(DEFAULT, |facts| bound.segment(facts)))
}
