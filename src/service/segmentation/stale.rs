//! What an edit of a smart list does to the segmentations that read it, directly or by way of other lists (G-09, G-13).

use crate::clock::now;
use crate::domain::filter::Predicate;
use crate::domain::segmentation::coverage::Stale;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::AssetId;
use crate::repository::{Tx, asset, segmentation};

/// Refuses a filter that a smart list cannot have while segmentations read it, draft or live: one that depends on the
/// day, or on segments.
pub(in crate::service) async fn refuse_unfit(
    tx: &Tx,
    list: AssetId,
    predicate: &Predicate,
) -> Result<()> {
    let by_segment = !predicate.reads().segmentations.is_empty();
    if !predicate.is_relative() && !by_segment {
        return Ok(());
    }
    if asset::segmentations_reading(tx, list).await?.is_empty() {
        return Ok(());
    }
    Err(unfit(predicate).resource(Noun::Asset, list.to_string()).field("asset.filter"))
}

/// RELATIVE_DATE_IN_SEGMENT or SEGMENT_IN_SEGMENT.
pub(super) fn unfit(predicate: &Predicate) -> Error {
    if predicate.is_relative() {
        let message = "a segment would depend on the day; use fixed dates in segments, and in the smart lists that they \
                       refer to";
        return Error::new(Reason::RelativeDateInSegment, message);
    }
    let message = "a segment would ask who is in a segment; segments are of people alone, and so are the smart lists \
                   that they refer to";
    Error::new(Reason::SegmentInSegment, message)
}

/// Has the segmentations that read a smart list computed anew: what is live of them is stale until then, and what is
/// being computed starts again.
pub(in crate::service) async fn list_changed(tx: &Tx, list: AssetId) -> Result<()> {
    let readers = asset::segmentations_reading(tx, list).await?;
    if readers.is_empty() {
        return Ok(());
    }
    segmentation::hold(tx).await?;
    let ids: Vec<AssetId> = readers.iter().map(|one| one.id).collect();
    for mut row in segmentation::by_ids(tx, &ids).await? {
        let reads = |live| readers.iter().any(|one| one.id == row.id && one.live == live);
        let approving = row.next_version == Some(0) && reads(false);
        let live = row.live_generation.is_some() && reads(true);
        if live && row.stale_reason != Stale::BrokenReference.name() {
            row.stale_time = row.stale_time.or(Some(now()));
            row.stale_reason = Stale::ListChanged.name().into();
        }
        if live || approving {
            segmentation::anew(&mut row);
            segmentation::schedule(tx, row).await?;
        }
    }
    Ok(())
}
