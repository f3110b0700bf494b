//! Segments as audiences.

use super::people::{Coverages, Reading};
use crate::context::Context;
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, SegmentId, WorkspaceId};
use crate::repository::Scope;

/// How far an approved segmentation is computed for a workspace, or SEGMENT_NOT_FOUND if it has no such segment.
pub(in crate::service) async fn coverage_of(
    scope: &Scope,
    ctx: &Context,
    workspace: WorkspaceId,
    (id, segment): (AssetId, SegmentId),
) -> Result<Coverages> {
    let reading = Reading::begin(scope, ctx, workspace, id).await?;
    match reading.outline.name(segment) {
        Some(_) => Ok(reading.coverage),
        None => Err(Error::not_found(Noun::Segment, segment)),
    }
}
