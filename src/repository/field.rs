//! The fields that tenants define for their people.

use super::scope::Scope;
use super::write::Tx;
use crate::entity::Field;
use crate::error::Result;
use crate::id::FieldId;
use crate::{args, sql};

/// A field by id.
pub async fn get(scope: &Scope, id: FieldId) -> Result<Option<Field>> {
    scope.one(sql!("SELECT * FROM field WHERE tenant_id = $1 AND id = $2"), args![id]).await
}

/// All of them, in no order: they are few.
pub async fn all(scope: &Scope) -> Result<Vec<Field>> {
    scope.all(sql!("SELECT * FROM field WHERE tenant_id = $1"), args![]).await
}

/// A field, locked until the commit: whoever makes something read it holds it.
pub async fn lock(tx: &Tx, id: FieldId) -> Result<Option<Field>> {
    tx.one(sql!("SELECT * FROM field WHERE tenant_id = $1 AND id = $2 FOR UPDATE"), args![id]).await
}

/// Holds fields against deletion until the commit; those of these names that there are.
pub async fn hold(tx: &Tx, names: Vec<String>) -> Result<Vec<Field>> {
    tx.all(
        sql!(
            "SELECT * FROM field WHERE tenant_id = $1 AND name = ANY($2::text[]) \
             ORDER BY name FOR KEY SHARE"
        ),
        args![names],
    )
    .await
}

/// Deletes a field, if nobody did before or changed it meanwhile. The values that people have of it stay
/// where nothing reads them any more: their key is never given out again.
pub async fn delete(tx: &Tx, field: &Field) -> Result<bool> {
    let deleted = tx
        .execute(
            sql!("DELETE FROM field WHERE tenant_id = $1 AND id = $2 AND version = $3"),
            args![field.id, field.version],
        )
        .await?;
    Ok(deleted == 1)
}
