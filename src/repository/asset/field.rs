//! The fields that filters in assets read (E-01): of drafts, and of what is live.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::Result;
use crate::id::{AssetId, FieldId, FolderId};
use crate::repository::scope::Scope;
use crate::repository::write::Tx;
use crate::{args, sql};

/// An asset that reads a field.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Reader {
    /// The asset.
    pub asset_id: AssetId,
    /// Its name.
    pub display_name: String,
    /// Where it is.
    pub folder_id: FolderId,
}

/// Replaces the fields that a draft of an asset reads, or what is live of it. They are held against deletion.
pub async fn set_fields(tx: &Tx, id: AssetId, live: bool, fields: &[FieldId]) -> Result<()> {
    forget_fields(tx, id, live).await?;
    if fields.is_empty() {
        return Ok(());
    }
    let fields: Vec<Uuid> = fields.iter().map(|one| one.0).collect();
    tx.execute(
        sql!(
            "INSERT INTO asset_field (tenant_id, asset_id, live, field_id) \
             SELECT $1, $2, $3, f.id FROM field f WHERE f.tenant_id = $1 AND f.id = ANY($4::uuid[])"
        ),
        args![id, live, fields],
    )
    .await
    .map(drop)
}

/// The assets that read a field, draft or live.
pub async fn readers(scope: &Scope, field: FieldId) -> Result<Vec<Reader>> {
    scope
        .all(
            sql!(
                "SELECT a.id AS asset_id, a.display_name, a.folder_id FROM asset a WHERE a.tenant_id = $1 \
                 AND a.id IN (SELECT r.asset_id FROM asset_field r WHERE r.tenant_id = $1 AND r.field_id = $2) \
                 ORDER BY a.id"
            ),
            args![field],
        )
        .await
}

/// Forgets the fields that a draft of an asset reads, or what is live of it.
pub async fn forget_fields(tx: &Tx, id: AssetId, live: bool) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM asset_field WHERE tenant_id = $1 AND asset_id = $2 AND live = $3"),
        args![id, live],
    )
    .await
    .map(drop)
}

/// The fields that the draft of an asset reads become those of what is live, or the other way round.
pub async fn turn_fields(tx: &Tx, id: AssetId, live: bool) -> Result<()> {
    tx.execute(
        sql!("UPDATE asset_field SET live = $3 WHERE tenant_id = $1 AND asset_id = $2"),
        args![id, live],
    )
    .await
    .map(drop)
}
