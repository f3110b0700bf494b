//! What a segmentation may be defined by (G-09, G-13, L-07).

use super::stale::unfit;
use crate::domain::filter::Filter;
use crate::domain::segmentation::Definition;
use crate::error::Result;
use crate::id::WorkspaceId;
use crate::repository::Tx;
use crate::repository::field_set::FieldSets;
use crate::service::asset;
use crate::service::filter::{From, Source, resolve};

/// Refuses a definition whose filters cannot be evaluated as the workspace's, whatever the day and whoever is in which
/// segment.
pub(super) async fn definition(
    tx: &Tx,
    fields: &FieldSets,
    workspace: WorkspaceId,
    definition: &Definition,
) -> Result<()> {
    let filters: Vec<&Filter> = definition.segments.iter().map(|one| &one.filter).collect();
    asset::refuse_unseen(tx, workspace, &filters).await?;
    let paths: Vec<String> =
        (0..filters.len()).map(|at| format!("segmentation.segments[{at}].filter")).collect();
    let sources: Vec<Source<'_>> = filters
        .into_iter()
        .zip(&paths)
        .map(|(filter, path)| Source { filter, workspace, from: From::Request(path) })
        .collect();
    let fields = fields.of(tx).await?;
    let resolved = resolve(tx, &fields, &sources).await?;
    for ((one, path), segment) in resolved.iter().zip(&paths).zip(&definition.segments) {
        let predicate = &one.predicate;
        if predicate.is_relative() || !predicate.reads().segmentations.is_empty() {
            return Err(unfit(predicate).with("segment", &segment.display_name).field(path));
        }
    }
    Ok(())
}
