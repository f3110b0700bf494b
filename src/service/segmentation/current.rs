//! What an approved segmentation says of a person as of now, for whoever uses it: worked out, not looked up, and so
//! never older than the person (G-12).

use super::not_approved;
use crate::domain::segmentation::coverage::{Coverage, Stale};
use crate::domain::segmentation::{DEFAULT, Outline};
use crate::entity::Person;
use crate::error::Result;
use crate::id::{AssetId, SegmentId};
use crate::repository::Scope;
use crate::repository::filter::facts;
use crate::repository::segmentation::definitions::Bound;
use crate::repository::segmentation::member;

/// What an approved segmentation says of a person.
#[derive(Clone, Debug)]
pub(in crate::service) struct Current {
    /// Its segments.
    pub outline: Outline,
    /// The first that holds, or Default, whether or not the owner sees the person.
    pub segment: SegmentId,
    /// How far stored results are computed where the person is.
    pub coverage: Coverage,
}

/// What an approved segmentation says of a person. One that reads what is broken keeps its results, and says those
/// (L-07).
pub(in crate::service) async fn current(
    scope: &Scope,
    id: AssetId,
    person: &Person,
) -> Result<Current> {
    let all = scope.segmentations().await?;
    let computed = all.iter().find(|one| one.row.id == id).ok_or_else(|| not_approved(id))?;
    let live = computed.live.as_ref().ok_or_else(|| not_approved(id))?;
    let coverage = computed.coverage(person.partition_id);
    let segment = match coverage {
        Coverage::Stale { why: Stale::BrokenReference, .. } => {
            let kept = member::of_person(scope, person.id, &[id]).await?.pop();
            kept.map_or(DEFAULT, |(_, segment)| segment)
        }
        _ => evaluated(scope, live, person).await?,
    };
    Ok(Current { outline: live.outline.clone(), segment, coverage })
}

/// The segment of a person, worked out.
async fn evaluated(scope: &Scope, live: &Bound, person: &Person) -> Result<SegmentId> {
    let known = facts(scope, std::slice::from_ref(person), &live.reads).await?;
    Ok(known.get(&person.id).map_or(DEFAULT, |facts| live.segment(facts)))
}
