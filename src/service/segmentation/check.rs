//! stub
use crate::domain::segmentation::Definition;
use crate::error::Result;
use crate::id::WorkspaceId;
use crate::repository::Tx;
use crate::repository::field_set::FieldSets;
pub(super) async fn definition(
    _: &Tx,
    _: &FieldSets,
    _: WorkspaceId,
    _: &Definition,
) -> Result<()> {
    Ok(())
}
