//! Folders: the trees of a workspace's areas.
//!
//! `folder_path` holds, for each folder, itself and all above it: what lies below a folder, and what above, is one
//! look-up, however deep the tree.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::keyset::{bounds, ordered};
use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::asset::Area;
use crate::domain::order::{By, Order, Place};
use crate::domain::text;
use crate::entity::Folder;
use crate::error::{Error, Result};
use crate::id::{FolderId, WorkspaceId};
use crate::{args, sql};

/// What is directly in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Inside {
    /// Assets, local ones included.
    pub assets: i64,
    /// Folders.
    pub folders: i64,
}

/// Which folders a list shows.
#[derive(Clone, Debug)]
pub struct Which {
    /// Of this workspace.
    pub workspace: WorkspaceId,
    /// And those at or below these, which are shared to it.
    pub received: Vec<FolderId>,
    /// Only those of this area.
    pub area: Option<Area>,
    /// Only those directly in this folder.
    pub parent: Option<FolderId>,
    /// With `parent`: these too.
    pub beside: Vec<FolderId>,
}

/// Waits for all other changes of the tenant's folders, shares, references and places of assets, and keeps them
/// waiting until the commit: what is looked at from here on holds. After the workspaces, before people.
pub async fn lock(tx: &Tx) -> Result<()> {
    tx.count(
        sql!("SELECT used FROM quota WHERE tenant_id = $1 AND name = 'folders' FOR UPDATE"),
        args![],
    )
    .await?;
    let revision = tx
        .count(sql!("SELECT access_revision FROM tenant_head WHERE tenant_id = $1"), args![])
        .await?;
    tx.access_is_of(revision);
    Ok(())
}

/// A folder.
pub async fn get(scope: &Scope, id: FolderId) -> Result<Option<Folder>> {
    Ok(by_ids(scope, &[id]).await?.into_iter().next())
}

/// Folders by id, in no order; those that are missing are left out.
pub async fn by_ids(scope: &Scope, ids: &[FolderId]) -> Result<Vec<Folder>> {
    scope
        .all(sql!("SELECT * FROM folder WHERE tenant_id = $1 AND id = ANY($2::uuid[])"), args![ids])
        .await
}

/// The root of an area.
pub async fn root(scope: &Scope, workspace: WorkspaceId, area: Area) -> Result<Folder> {
    let root = scope
        .one(
            sql!(
                "SELECT * FROM folder WHERE tenant_id = $1 AND workspace_id = $2 AND area = $3 \
                 AND parent_id IS NULL"
            ),
            args![workspace, area.name()],
        )
        .await?;
    root.ok_or_else(|| Error::internal("a workspace without the root of an area"))
}

/// Whether a name is taken in a folder.
pub async fn is_name_taken(scope: &Scope, parent: FolderId, name_key: &str) -> Result<bool> {
    let taken = scope
        .count(
            sql!(
                "SELECT count(*) FROM folder WHERE tenant_id = $1 AND parent_id = $2 AND name_key = $3"
            ),
            args![parent, name_key],
        )
        .await?;
    Ok(taken > 0)
}

/// The roots of a workspace.
pub async fn roots(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<Folder>> {
    scope
        .all(
            sql!(
                "SELECT * FROM folder WHERE tenant_id = $1 AND workspace_id = $2 AND parent_id IS NULL"
            ),
            args![workspace],
        )
        .await
}

/// A page of the folders that a workspace sees.
pub async fn list(
    scope: &Scope,
    which: &Which,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Folder>> {
    let mut args = bounds(order, after, limit);
    if let Some(parent) = which.parent {
        let sql = ordered!(
            order,
            "SELECT * FROM folder WHERE tenant_id = $1 AND (parent_id = $5 OR id = ANY($6::uuid[])) \
             AND ($7 OR area = $8)"
        );
        args.extend(args![parent, which.beside.as_slice()]);
        args.extend(args![which.area.is_none(), which.area.map_or("", Area::name)]);
        return scope.all(sql, args).await;
    }
    let sql = ordered!(
        order,
        "SELECT * FROM folder WHERE tenant_id = $1 AND (workspace_id = $5 OR id IN (\
             SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($6::uuid[]))) \
         AND ($7 OR area = $8)"
    );
    args.extend(args![which.workspace, which.received.as_slice()]);
    args.extend(args![which.area.is_none(), which.area.map_or("", Area::name)]);
    scope.all(sql, args).await
}

/// Writes a new folder, with its place in the tree.
pub async fn insert(tx: &Tx, folder: &Folder) -> Result<()> {
    tx.insert(folder).await?;
    let parent = folder.parent_id.unwrap_or(folder.id);
    tx.execute(
        sql!(
            "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) \
             SELECT $1, f.id, f.id FROM folder f WHERE f.tenant_id = $1 AND f.id = $2 \
             UNION ALL SELECT $1, f.id, p.ancestor_id FROM folder_path p \
             JOIN folder f ON f.tenant_id = $1 AND f.id = $2 \
             WHERE p.tenant_id = $1 AND p.folder_id = $3 AND p.folder_id <> f.id"
        ),
        args![folder.id, parent],
    )
    .await
    .map(drop)
}

/// The roots of a new workspace (W-11).
pub async fn insert_roots(tx: &Tx, workspace: WorkspaceId, time: Micros) -> Result<()> {
    let ids: Vec<Uuid> = Area::ALL.iter().map(|_| FolderId::new().0).collect();
    let areas: Vec<String> = Area::ALL.iter().map(|area| area.name().to_owned()).collect();
    let names: Vec<String> = Area::ALL.iter().map(|area| area.title().to_owned()).collect();
    let keys: Vec<String> = names.iter().map(|name| text::key(name)).collect();
    tx.execute(
        sql!(
            postgres: "INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, \
                 description, depth, version, create_time, update_time) \
                 SELECT $1, r.id, $2, r.area, NULL, r.name, r.key, '', 0, 1, $7, $7 \
                 FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) AS r(id, area, name, key)",
            sqlite: "INSERT INTO folder (tenant_id, id, workspace_id, area, parent_id, display_name, name_key, \
                 description, depth, version, create_time, update_time) \
                 SELECT $1, unhex(i.value), $2, a.value, NULL, n.value, k.value, '', 0, 1, $7, $7 \
                 FROM json_each($3) i JOIN json_each($4) a ON a.key = i.key JOIN json_each($5) n ON n.key = i.key \
                 JOIN json_each($6) k ON k.key = i.key",
        ),
        args![workspace, ids, areas, names, keys, time],
    )
    .await?;
    tx.execute(
        sql!(
            "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) \
             SELECT $1, id, id FROM folder WHERE tenant_id = $1 AND workspace_id = $2 AND parent_id IS NULL"
        ),
        args![workspace],
    )
    .await
    .map(drop)
}

/// What is directly in a folder.
pub async fn inside(scope: &Scope, id: FolderId) -> Result<Inside> {
    let inside = scope
        .one(
            sql!(
                "SELECT (SELECT count(*) FROM asset WHERE tenant_id = $1 AND folder_id = $2) AS assets, \
                 (SELECT count(*) FROM folder WHERE tenant_id = $1 AND parent_id = $2) AS folders"
            ),
            args![id],
        )
        .await?;
    inside.ok_or_else(|| Error::internal("counting answers one row"))
}

/// How many folders a workspace has, the roots apart.
pub async fn count(scope: &Scope, workspace: WorkspaceId) -> Result<i64> {
    scope
        .count(
            sql!(
                "SELECT count(*) FROM folder WHERE tenant_id = $1 AND workspace_id = $2 \
                 AND parent_id IS NOT NULL"
            ),
            args![workspace],
        )
        .await
}

/// Deletes an empty folder, with its shares. False: it has changed since it was read.
pub async fn delete(tx: &Tx, folder: &Folder) -> Result<bool> {
    tx.execute(sql!("DELETE FROM share WHERE tenant_id = $1 AND folder_id = $2"), args![folder.id])
        .await?;
    tx.execute(
        sql!("DELETE FROM folder_path WHERE tenant_id = $1 AND folder_id = $2"),
        args![folder.id],
    )
    .await?;
    let gone = tx
        .execute(
            sql!("DELETE FROM folder WHERE tenant_id = $1 AND id = $2 AND version = $3"),
            args![folder.id, folder.version],
        )
        .await?;
    Ok(gone == 1)
}
