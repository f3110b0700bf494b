//! The people in programs and static lists. A row says that a person was put in; whom it shows is decided where it is
//! read: the living people of the partitions that the workspace sees (V-02). So nothing here follows a person who
//! moves, is deleted or comes back (P-05, D-10).

use std::collections::BTreeSet;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::asset::Type;
use crate::domain::filter::Reads;
use crate::entity::Asset;
use crate::error::Result;
use crate::id::{AssetId, FolderId, PartitionId, PersonId, WorkspaceId};
use crate::{args, sql};

/// A person in a program or list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    /// Who.
    pub person_id: PersonId,
    /// Where the person is.
    pub partition_id: PartitionId,
    /// The email, as given.
    pub email: Option<String>,
    /// When the person was put in; nothing of a smart list, which nobody is put into.
    pub add_time: Option<Micros>,
}

/// How many are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Count {
    /// Those whom the workspace sees.
    pub shown: i64,
    /// All the others.
    pub hidden: i64,
}

/// A program or list that a person is in.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Membership {
    /// The program or list.
    pub id: AssetId,
    /// What it is.
    #[sea_orm(alias = "type")]
    pub kind: Type,
    /// Its name.
    pub display_name: String,
    /// When the person was put in.
    pub add_time: Micros,
}

/// An asset, held against deletion and against a move to another workspace until the commit; those take the row `FOR
/// UPDATE` before they look for members.
pub async fn hold(tx: &Tx, id: AssetId) -> Result<Option<Asset>> {
    tx.one(sql!("SELECT * FROM asset WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE"), args![id])
        .await
}

/// Those of some people who live in these partitions, held against their purge until the commit.
pub async fn seen(
    tx: &Tx,
    partitions: &[PartitionId],
    people: &[PersonId],
) -> Result<Vec<PersonId>> {
    tx.column(
        sql!(
            "SELECT id FROM person WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
             AND partition_id = ANY($3::uuid[]) AND delete_time IS NULL ORDER BY id FOR KEY SHARE"
        ),
        args![people, partitions],
    )
    .await
}

/// Puts people in, and returns those who were not in before.
pub async fn add(
    tx: &Tx,
    asset: AssetId,
    people: &[PersonId],
    time: Micros,
) -> Result<Vec<PersonId>> {
    let added: Vec<PersonId> = tx
        .column(
        sql!(
            "INSERT INTO asset_member (tenant_id, asset_id, person_id, add_time) \
             SELECT $1, a.id, p.id, $4 FROM person p JOIN asset a ON a.tenant_id = $1 AND a.id = $2 \
             WHERE p.tenant_id = $1 AND p.id = ANY($3::uuid[]) ORDER BY p.id \
             ON CONFLICT (tenant_id, asset_id, person_id) DO NOTHING RETURNING person_id"
        ),
        args![asset, people, time],
    )
    .await?;
    tx.people_changed(added.iter().copied(), members_of(asset));
    Ok(added)
}

/// Takes people out, and returns those who were in.
pub async fn remove(tx: &Tx, asset: AssetId, people: &[PersonId]) -> Result<Vec<PersonId>> {
    let removed: Vec<PersonId> = tx
        .column(
            sql!(
                "DELETE FROM asset_member WHERE tenant_id = $1 AND asset_id = $2 \
             AND person_id = ANY($3::uuid[]) RETURNING person_id"
            ),
            args![asset, people],
        )
        .await?;
    tx.people_changed(removed.iter().copied(), members_of(asset));
    Ok(removed)
}

/// Takes out all whom these partitions do not show, and returns how many.
pub async fn remove_hidden(tx: &Tx, asset: AssetId, partitions: &[PartitionId]) -> Result<usize> {
    let removed: Vec<PersonId> = tx.column(
        sql!(
            "DELETE FROM asset_member WHERE tenant_id = $1 AND asset_id = $2 \
             AND NOT EXISTS (SELECT 1 FROM person p WHERE p.tenant_id = $1 AND p.id = asset_member.person_id \
                 AND p.partition_id = ANY($3::uuid[]) AND p.delete_time IS NULL) RETURNING person_id"
        ),
        args![asset, partitions],
    )
    .await?;
    tx.people_changed(removed.iter().copied(), members_of(asset));
    Ok(removed.len())
}

/// What changes with who is in a program or list.
fn members_of(asset: AssetId) -> Reads {
    Reads { members: BTreeSet::from([asset]), ..Reads::default() }
}

/// A page of those whom these partitions show, by id.
pub async fn list(
    scope: &Scope,
    asset: AssetId,
    partitions: &[PartitionId],
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Member>> {
    scope
        .all(
            sql!(
                "SELECT m.person_id, p.partition_id, p.email, m.add_time FROM asset_member m \
                 JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id \
                 WHERE m.tenant_id = $1 AND m.asset_id = $2 AND p.partition_id = ANY($3::uuid[]) \
                 AND p.delete_time IS NULL AND m.person_id > $4 ORDER BY m.person_id LIMIT $5"
            ),
            args![asset, partitions, after.unwrap_or(PersonId(Uuid::nil())), limit],
        )
        .await
}

/// How many are in, shown by these partitions or not.
pub async fn count(scope: &Scope, asset: AssetId, partitions: &[PartitionId]) -> Result<Count> {
    let count = scope
        .one(
            sql!(
                "SELECT count(p.id) AS shown, count(*) - count(p.id) AS hidden FROM asset_member m \
                 LEFT JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id \
                     AND p.partition_id = ANY($3::uuid[]) AND p.delete_time IS NULL \
                 WHERE m.tenant_id = $1 AND m.asset_id = $2"
            ),
            args![asset, partitions],
        )
        .await?;
    Ok(count.unwrap_or(Count { shown: 0, hidden: 0 }))
}

/// A page of what a person is in, by id: of a workspace, and at or below folders that are shared to it.
pub async fn of_person(
    scope: &Scope,
    person: PersonId,
    workspace: WorkspaceId,
    received: &[FolderId],
    after: Option<AssetId>,
    limit: i64,
) -> Result<Vec<Membership>> {
    scope
        .all(
            sql!(
                "SELECT a.id, a.type, a.display_name, m.add_time FROM asset_member m \
                 JOIN asset a ON a.tenant_id = $1 AND a.id = m.asset_id \
                 WHERE m.tenant_id = $1 AND m.person_id = $2 AND (a.workspace_id = $3 \
                     OR a.folder_id IN (SELECT f.folder_id FROM folder_path f WHERE f.tenant_id = $1 \
                         AND f.ancestor_id = ANY($4::uuid[]))) \
                 AND m.asset_id > $5 ORDER BY m.asset_id LIMIT $6"
            ),
            args![person, workspace, received, after.unwrap_or(AssetId(Uuid::nil())), limit],
        )
        .await
}
