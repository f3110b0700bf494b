//! Pages of assets, without their content.

use crate::domain::asset::{TYPES, Type};
use crate::domain::order::{By, Order, Place};
use crate::entity::Asset;
use crate::error::Result;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::keyset::{bounds, ordered};
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Which assets a list shows.
#[derive(Clone, Debug)]
pub struct Which {
    /// Where they are.
    pub within: Within,
    /// Only those of these types; none: of any.
    pub types: Vec<Type>,
}

/// Where the assets of a list are.
#[derive(Clone, Debug)]
pub enum Within {
    /// In a workspace, or, if they are live, at or below folders that are shared to it.
    Workspace(WorkspaceId, Vec<FolderId>),
    /// Directly in a folder; only what is live, if it is another workspace's.
    Folder(FolderId, OnlyLive),
    /// In a program.
    Program(AssetId, OnlyLive),
}

/// Whether only what is live is shown.
pub type OnlyLive = bool;

/// What a workspace sees: a page of its own, by a walk over the index of the order, and a page of what is shared to
/// it, and of both the first. On PostgreSQL each folder that is shared gives a page by a walk over its own index;
/// SQLite knows no LATERAL, and reads the folders whole.
macro_rules! seen {
    ($order:expr) => {
        match ($order.by, $order.descending) {
            (By::Name, false) => seen!("display_name", ">", "ASC"),
            (By::Name, true) => seen!("display_name", "<", "DESC"),
            (By::CreateTime, false) => seen!("create_time", ">", "ASC"),
            (By::CreateTime, true) => seen!("create_time", "<", "DESC"),
        }
    };
    ($key:literal, $beyond:literal, $direction:literal) => {
        sql!(
            postgres: concat!(
                "SELECT * FROM (SELECT * FROM (SELECT * FROM asset \
                     WHERE tenant_id = $1 AND workspace_id = $5 AND ($6 OR type = ANY($7::text[]))",
                seen!(page $key, $beyond, $direction),
                ") own UNION ALL SELECT received.* FROM (SELECT DISTINCT p.folder_id FROM folder_path p \
                     WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($8::uuid[])) f \
                 CROSS JOIN LATERAL (SELECT * FROM asset \
                     WHERE tenant_id = $1 AND folder_id = f.folder_id AND ($6 OR type = ANY($7::text[])) \
                     AND (approved_version IS NOT NULL OR type = ANY($9::text[]))",
                seen!(page $key, $beyond, $direction),
                ") received) seen ORDER BY ", $key, " ", $direction, ", id ", $direction, " LIMIT $4"
            ),
            sqlite: concat!(
                "SELECT * FROM (SELECT * FROM (SELECT * FROM asset WHERE tenant_id = $1 AND workspace_id = $5 \
                     AND ($6 OR type IN (SELECT value FROM json_each($7)))",
                seen!(page $key, $beyond, $direction),
                ") own UNION ALL SELECT * FROM (SELECT * FROM asset \
                     WHERE tenant_id = $1 AND folder_id IN (SELECT p.folder_id FROM folder_path p \
                         WHERE p.tenant_id = $1 AND p.ancestor_id IN (SELECT unhex(value) FROM json_each($8))) \
                     AND ($6 OR type IN (SELECT value FROM json_each($7))) \
                     AND (approved_version IS NOT NULL OR type IN (SELECT value FROM json_each($9)))",
                seen!(page $key, $beyond, $direction),
                ") received) seen ORDER BY ", $key, " ", $direction, ", id ", $direction, " LIMIT $4"
            ),
        )
    };
    (page $key:literal, $beyond:literal, $direction:literal) => {
        concat!(
            " AND (", $key, ", id) ", $beyond, " ($2, $3) \
             ORDER BY ", $key, " ", $direction, ", id ", $direction, " LIMIT $4"
        )
    };
}

/// A page of assets.
pub async fn list(
    scope: &Scope,
    which: &Which,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Asset>> {
    let mut args = bounds(order, after, limit);
    let (all, types) = (which.types.is_empty(), names(which.types.iter().copied()));
    let live = names(TYPES.iter().filter(|one| !one.approvable).map(|one| one.kind));
    let sql = match &which.within {
        Within::Workspace(workspace, received) => {
            args.extend(args![*workspace, all, types, received.as_slice(), live]);
            seen!(order)
        }
        Within::Folder(folder, only_live) => {
            args.extend(args![*folder, all, types, !only_live, live]);
            ordered!(
                order,
                "SELECT * FROM asset WHERE tenant_id = $1 AND folder_id = $5 AND program_id IS NULL \
                 AND ($6 OR type = ANY($7::text[])) \
                 AND ($8 OR approved_version IS NOT NULL OR type = ANY($9::text[]))"
            )
        }
        Within::Program(program, only_live) => {
            args.extend(args![*program, all, types, !only_live, live]);
            ordered!(
                order,
                "SELECT * FROM asset WHERE tenant_id = $1 AND program_id = $5 \
                 AND ($6 OR type = ANY($7::text[])) \
                 AND ($8 OR approved_version IS NOT NULL OR type = ANY($9::text[]))"
            )
        }
    };
    scope.all(sql, args).await
}

fn names(types: impl Iterator<Item = Type>) -> Vec<String> {
    types.map(|one| one.name().to_owned()).collect()
}
