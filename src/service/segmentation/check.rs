//! What a segmentation may be defined by (G-09, G-13, L-07).

use super::stale::unfit;
use crate::domain::filter::Filter;
use crate::domain::segmentation::Definition;
use crate::entity::Asset;
use crate::error::{Error, Result};
use crate::id::WorkspaceId;
use crate::repository::Tx;
use crate::service::asset;
use crate::service::filter::{From, Source, resolve};

/// Most conditions and groups of all segments: they are one statement for the database, which must not be too long.
const NODES_MAX: usize = 4_000;

/// Refuses a definition whose filters cannot be evaluated as the workspace's, whatever the day and whoever is in which
/// segment.
pub(super) async fn definition(
    tx: &Tx,
    workspace: WorkspaceId,
    definition: &Definition,
) -> Result<()> {
    let filters: Vec<&Filter> = definition.segments.iter().map(|one| &one.filter).collect();
    asset::refuse_unseen(tx, workspace, &filters).await?;
    let paths: Vec<String> =
        (0..filters.len()).map(|at| format!("segmentation.segments[{at}].filter")).collect();
    let sources = filters.into_iter().zip(&paths).map(|(filter, path)| Source {
        filter,
        workspace,
        from: From::Request(path),
    });
    check(tx, definition, sources.collect()).await
}

/// The same of a definition that is saved already: what it refers to in vain is a broken reference now.
pub(super) async fn stored(tx: &Tx, asset: &Asset, definition: &Definition) -> Result<()> {
    let (workspace, from) = (asset.workspace_id, From::Asset(asset.id));
    let filters = definition.segments.iter().map(|one| &one.filter);
    let sources = filters.map(|filter| Source { filter, workspace, from });
    check(tx, definition, sources.collect()).await
}

async fn check(tx: &Tx, definition: &Definition, sources: Vec<Source<'_>>) -> Result<()> {
    let fields = tx.fields().await?;
    let resolved = resolve(tx, &fields, &sources).await?;
    let nodes: usize = resolved.iter().map(|one| one.predicate.nodes()).sum();
    if nodes > NODES_MAX {
        let text = format!(
            "have {nodes} conditions and groups with their smart lists, and may have {NODES_MAX} in all"
        );
        return Err(Error::invalid("segmentation.segments", text));
    }
    for (at, (one, segment)) in resolved.iter().zip(&definition.segments).enumerate() {
        let predicate = &one.predicate;
        if predicate.is_relative() || !predicate.reads().segmentations.is_empty() {
            let error = unfit(predicate).with("segment", &segment.display_name);
            return Err(error.field(format!("segmentation.segments[{at}].filter")));
        }
    }
    Ok(())
}
