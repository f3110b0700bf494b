//! Things by id, whatever they are: where each is now, and what it is called.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use crate::error::Result;
use crate::{args, sql};

/// Something that is there, deleted for a while or not.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Thing {
    /// Its id.
    pub id: Uuid,
    /// Of an asset the folder, of a person the partition that it is in, and of one that was merged that of whose id answers
    /// for it; of all others the thing itself.
    pub place: Uuid,
    /// What it is called; empty for one that is deleted, or has no name.
    pub name: String,
    /// Of an asset, the version that is live; 0: none.
    pub version: i64,
    /// Of an asset, its type.
    pub kind: String,
}

/// The things of some ids that are there.
pub async fn by_ids(scope: &Scope, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Thing>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Thing> = scope
        .all(
            sql!(
                "SELECT id, folder_id AS place, display_name AS name, coalesce(approved_version, 0) AS version, \
                     type AS kind FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT p.id, coalesce(w.partition_id, p.partition_id), \
                     CASE WHEN p.delete_time IS NOT NULL THEN '' \
                     WHEN coalesce(p.first_name, p.last_name) IS NULL THEN coalesce(p.email, '') \
                     ELSE trim(coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')) END, 0, '' \
                     FROM person p LEFT JOIN person w ON w.tenant_id = $1 AND w.id = p.merged_into \
                     WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, CASE WHEN delete_time IS NULL THEN display_name ELSE '' END, 0, '' \
                     FROM workspace WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, CASE WHEN delete_time IS NULL THEN display_name ELSE '' END, 0, '' \
                     FROM person_partition WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, display_name, 0, '' FROM folder \
                     WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, display_name, 0, '' FROM role \
                     WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, display_name, 0, '' FROM principal_group \
                     WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, display_name, 0, '' FROM service_account \
                     WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, name, 0, '' FROM field WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 UNION ALL SELECT id, id, '', 0, '' FROM access_grant \
                     WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
            ),
            args![ids],
        )
        .await?;
    Ok(found.into_iter().map(|one| (one.id, one)).collect())
}
