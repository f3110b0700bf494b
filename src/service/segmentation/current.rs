//! What an approved segmentation says of a person as of now, for whoever uses it: worked out, not looked up, and so
//! never older than the person (G-12).

use super::people::known;
use super::test::bound;
use super::view::definition;
use crate::domain::segmentation::Definition;
use crate::domain::segmentation::coverage::Coverage;
use crate::entity::{Asset, Person};
use crate::error::Result;
use crate::id::SegmentId;
use crate::repository::{Scope, segmentation};

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

/// What a version of a segmentation says of a person.
pub(in crate::service) async fn current(
    scope: &Scope,
    (asset, version): (&Asset, i64),
    person: &Person,
) -> Result<Current> {
    let definition = definition(scope, asset.id, version).await?;
    let (bound, facts) = bound(scope, &definition, person).await?;
    let row = segmentation::get(scope, asset.id).await?;
    let covered = segmentation::coverage::list(scope, &[asset.id]).await?;
    let coverage = known(row.as_ref(), &covered, asset.id, person.partition_id);
    Ok(Current { segment: bound.segment(&facts), definition, coverage })
}
