//! Transfers of assets: what is taken along from a workspace, and what became of it in another.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use super::write::Tx;
use crate::domain::asset::Type;
use crate::entity::{Asset, Folder};
use crate::error::Result;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::{args, sql};

/// What became of an asset in a workspace.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Origin {
    /// The asset that it came of.
    pub origin_id: AssetId,
    /// What came of it, there still or not.
    pub asset_id: AssetId,
    /// The name that a mapping gave it; empty: that of the origin.
    pub renamed: String,
    /// What it said then.
    pub digest: String,
}

/// What became of some assets in a workspace, in no order.
pub async fn origins(
    scope: &Scope,
    workspace: WorkspaceId,
    ids: &[AssetId],
) -> Result<Vec<Origin>> {
    scope
        .all(
            sql!(
                "SELECT origin_id, asset_id, renamed, digest FROM asset_origin \
                 WHERE tenant_id = $1 AND workspace_id = $2 AND origin_id = ANY($3::uuid[])"
            ),
            args![workspace, ids],
        )
        .await
}

/// Notes what became of assets in a workspace, in place of what was noted before.
pub async fn keep_origins(tx: &Tx, workspace: WorkspaceId, origins: Vec<Origin>) -> Result<()> {
    let ids: Vec<Uuid> = origins.iter().map(|one| one.origin_id.0).collect();
    let assets: Vec<Uuid> = origins.iter().map(|one| one.asset_id.0).collect();
    let (renamed, digests): (Vec<String>, Vec<String>) =
        origins.into_iter().map(|one| (one.renamed, one.digest)).unzip();
    tx.execute(
        sql!(
            postgres: "INSERT INTO asset_origin (tenant_id, workspace_id, origin_id, asset_id, renamed, digest) \
                 SELECT $1, $2, o.origin, o.asset, o.renamed, o.digest \
                 FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) AS o(origin, asset, renamed, digest) \
                 ON CONFLICT (tenant_id, workspace_id, origin_id) DO UPDATE SET asset_id = excluded.asset_id, \
                     renamed = excluded.renamed, digest = excluded.digest",
            sqlite: "INSERT INTO asset_origin (tenant_id, workspace_id, origin_id, asset_id, renamed, digest) \
                 SELECT $1, $2, unhex(o.value), unhex(a.value), r.value, d.value FROM json_each($3) o \
                 JOIN json_each($4) a ON a.key = o.key JOIN json_each($5) r ON r.key = o.key \
                 JOIN json_each($6) d ON d.key = o.key WHERE true \
                 ON CONFLICT (tenant_id, workspace_id, origin_id) DO UPDATE SET asset_id = excluded.asset_id, \
                     renamed = excluded.renamed, digest = excluded.digest",
        ),
        args![workspace, ids, assets, renamed, digests],
    )
    .await
    .map(drop)
}

/// The first assets of some types that are live in a workspace, by id.
pub async fn live_of_types(
    scope: &Scope,
    workspace: WorkspaceId,
    types: &[Type],
    limit: i64,
) -> Result<Vec<Asset>> {
    let name = |one: &Type| one.name().to_owned();
    let as_they_are = types.iter().filter(|one| !one.traits().approvable);
    let as_they_are: Vec<String> = as_they_are.map(name).collect();
    let types: Vec<String> = types.iter().map(name).collect();
    scope
        .all(
            sql!(
                "SELECT * FROM asset WHERE tenant_id = $1 AND workspace_id = $2 \
                 AND type = ANY($3::text[]) AND (approved_version IS NOT NULL OR type = ANY($5::text[])) \
                 ORDER BY id LIMIT $4"
            ),
            args![workspace, types, limit, as_they_are],
        )
        .await
}

/// Takes the names of some assets away until each is written with another one: what stands for them meanwhile is the
/// name of nothing, since no name begins with a space.
pub async fn free_names(tx: &Tx, ids: &[AssetId]) -> Result<()> {
    tx.execute(
        sql!(
            postgres: "UPDATE asset SET name_key = ' ' || id::text WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
            sqlite: "UPDATE asset SET name_key = ' ' || hex(id) WHERE tenant_id = $1 \
                 AND id IN (SELECT unhex(value) FROM json_each($2))",
        ),
        args![ids],
    )
    .await
    .map(drop)
}

/// The first of what is local to some programs, by id.
pub async fn local_to(scope: &Scope, programs: &[AssetId], limit: i64) -> Result<Vec<Asset>> {
    scope
        .all(
            sql!(
                "SELECT * FROM asset WHERE tenant_id = $1 AND program_id = ANY($2::uuid[]) \
                 ORDER BY id LIMIT $3"
            ),
            args![programs, limit],
        )
        .await
}

/// Some folders and all above them, each after the one that it lies in.
pub async fn with_above(scope: &Scope, folders: &[FolderId]) -> Result<Vec<Folder>> {
    scope
        .all(
            sql!(
                "SELECT f.* FROM folder f WHERE f.tenant_id = $1 AND f.id IN (\
                     SELECT p.ancestor_id FROM folder_path p WHERE p.tenant_id = $1 \
                     AND p.folder_id = ANY($2::uuid[])) ORDER BY f.depth, f.id"
            ),
            args![folders],
        )
        .await
}

/// The folders of a workspace that have one of some names, and the roots of its areas.
pub async fn folders_named(
    scope: &Scope,
    workspace: WorkspaceId,
    keys: Vec<String>,
) -> Result<Vec<Folder>> {
    scope
        .all(
            sql!(
                "SELECT * FROM folder WHERE tenant_id = $1 AND workspace_id = $2 \
                 AND (parent_id IS NULL OR name_key = ANY($3::text[]))"
            ),
            args![workspace, keys],
        )
        .await
}
