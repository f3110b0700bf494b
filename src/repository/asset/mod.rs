//! Assets: their rows. Their content, references and versions are in the files below.

mod content;
mod field;
mod list;
mod reader;
mod reference;
mod version;

use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::entity::Asset;
use crate::error::Result;
use crate::id::{AssetId, FolderId};
use crate::{args, sql};

pub use content::{Stored, insert_content, of_versions, set_content};
pub use field::{
    Reader as FieldReader, forget_fields, readers as field_readers, set_fields, turn_fields,
};
pub use list::{Which, Within, list};
pub use reader::{ReadingSegmentation, filters_reading, segmentations_reading};
pub use reference::{
    Place as UsePlace, Use, count_hidden_users, leads_to, references, set_references, used_by,
};
pub use version::{Version, approve, discard, unapprove, versions};

/// An asset.
pub async fn get(scope: &Scope, id: AssetId) -> Result<Option<Asset>> {
    Ok(by_ids(scope, &[id]).await?.into_iter().next())
}

/// Assets by id, in no order; those that are missing are left out.
pub async fn by_ids(scope: &Scope, ids: &[AssetId]) -> Result<Vec<Asset>> {
    scope
        .all(sql!("SELECT * FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[])"), args![ids])
        .await
}

/// Takes what is local to a program along to another folder.
pub async fn move_local(tx: &Tx, program: AssetId, folder: FolderId, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE asset SET folder_id = $3, version = version + 1, update_time = $4 \
             WHERE tenant_id = $1 AND program_id = $2"
        ),
        args![program, folder, time],
    )
    .await
    .map(drop)
}

/// Deletes assets, with all that is theirs; nothing else uses them any more.
pub async fn delete(tx: &Tx, ids: &[AssetId]) -> Result<()> {
    // Whoever puts people into one of them holds it: what is put in before is seen below, and nothing after.
    let locked: Vec<AssetId> = tx
        .column(
            sql!(
                "SELECT id FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE"
            ),
            args![ids],
        )
        .await?;
    let ids = locked.as_slice();
    for sql in [
        sql!("DELETE FROM asset_field WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[])"),
        sql!("DELETE FROM asset_reference WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[])"),
        sql!("DELETE FROM asset_content WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[])"),
        sql!("DELETE FROM asset_version WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[])"),
        sql!("DELETE FROM asset_member WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[])"),
        sql!("DELETE FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
    ] {
        tx.execute(sql, args![ids]).await?;
    }
    Ok(())
}
