//! Groups of principals, and who is in them.

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::keyset::{among, bounds, ordered};
use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::order::{By, Order, Place};
use crate::domain::visibility::{Seen, group_name};
use crate::entity::{Grant, Group};
use crate::error::Result;
use crate::id::{GroupId, ServiceAccountId};
use crate::{args, sql};

/// A direct member of a group.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Member {
    /// A principal.
    pub member: String,
    /// When it was added.
    pub create_time: Micros,
}

/// A group.
pub async fn get(scope: &Scope, id: GroupId) -> Result<Option<Group>> {
    scope
        .one(sql!("SELECT * FROM principal_group WHERE tenant_id = $1 AND id = $2"), args![id])
        .await
}

/// A page of the groups that a caller may know of.
pub async fn list(
    scope: &Scope,
    seen: &Seen<GroupId>,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Group>> {
    let sql = ordered!(
        order,
        "SELECT * FROM principal_group WHERE tenant_id = $1 AND ($5 OR id = ANY($6::uuid[]))"
    );
    let (all, these) = among(seen, |id| id.0);
    let mut args = bounds(order, after, limit);
    args.extend(args![all, these]);
    scope.all(sql, args).await
}

/// Deletes a group, if nobody did before or changed it meanwhile; its members, memberships and grants are
/// gone already.
pub async fn delete(tx: &Tx, group: &Group) -> Result<bool> {
    let deleted = tx
        .execute(
            sql!("DELETE FROM principal_group WHERE tenant_id = $1 AND id = $2 AND version = $3"),
            args![group.id, group.version],
        )
        .await?;
    Ok(deleted == 1)
}

/// Which of these principals are direct members of a group.
pub async fn members_among(scope: &Scope, id: GroupId, those: Vec<String>) -> Result<Vec<String>> {
    scope
        .column(
            sql!(
                "SELECT member FROM group_member WHERE tenant_id = $1 AND group_id = $2 \
                 AND member = ANY($3::text[])"
            ),
            args![id, those],
        )
        .await
}

/// A page of the direct members of a group, by principal.
pub async fn members(
    scope: &Scope,
    id: GroupId,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<Member>> {
    scope
        .all(
            sql!(
                "SELECT member, create_time FROM group_member WHERE tenant_id = $1 AND group_id = $2 \
                 AND member > $3 ORDER BY member LIMIT $4"
            ),
            args![id, after.unwrap_or_default(), limit],
        )
        .await
}

/// All pairs of a group and a group that is its direct member.
pub async fn nested(scope: &Scope) -> Result<Vec<(GroupId, GroupId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        group_id: GroupId,
        member_group_id: GroupId,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT group_id, member_group_id FROM group_member WHERE tenant_id = $1 \
                 AND member_group_id IS NOT NULL"
            ),
            args![],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.group_id, row.member_group_id)).collect())
}

/// Which of these groups are there.
pub async fn groups_among(scope: &Scope, those: Vec<Uuid>) -> Result<Vec<GroupId>> {
    scope
        .column(
            sql!("SELECT id FROM principal_group WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
            args![those],
        )
        .await
}

/// Which of these service accounts are there.
pub async fn accounts_among(scope: &Scope, those: Vec<Uuid>) -> Result<Vec<ServiceAccountId>> {
    scope
        .column(
            sql!("SELECT id FROM service_account WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
            args![those],
        )
        .await
}

/// Adds members, each of whom is there and none of whom was one.
pub async fn add(tx: &Tx, id: GroupId, members: Vec<String>, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            postgres: "INSERT INTO group_member (tenant_id, group_id, member, member_group_id, \
                 member_service_account_id, create_time) SELECT $1, $2, t.member, \
                 CASE WHEN t.member LIKE 'group:%' THEN substr(t.member, 7)::uuid END, \
                 CASE WHEN t.member LIKE 'service:%' THEN substr(t.member, 9)::uuid END, $4 \
                 FROM unnest($3::text[]) AS t(member)",
            sqlite: "INSERT INTO group_member (tenant_id, group_id, member, member_group_id, \
                 member_service_account_id, create_time) SELECT $1, $2, value, \
                 CASE WHEN value LIKE 'group:%' THEN unhex(replace(substr(value, 7), '-', '')) END, \
                 CASE WHEN value LIKE 'service:%' THEN unhex(replace(substr(value, 9), '-', '')) END, $4 \
                 FROM json_each($3)",
        ),
        args![id, members, time],
    )
    .await
    .map(drop)
}

/// Removes direct members, and returns those who were.
pub async fn remove(tx: &Tx, id: GroupId, members: Vec<String>) -> Result<Vec<String>> {
    tx.column(
        sql!(
            "DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2 \
             AND member = ANY($3::text[]) RETURNING member"
        ),
        args![id, members],
    )
    .await
}

/// Removes all members of a group, and returns them.
pub async fn clear(tx: &Tx, id: GroupId) -> Result<Vec<String>> {
    tx.column(
        sql!("DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2 RETURNING member"),
        args![id],
    )
    .await
}

/// Takes a group out of all groups, and returns those that it was in.
pub async fn leave_all(tx: &Tx, id: GroupId) -> Result<Vec<GroupId>> {
    tx.column(
        sql!("DELETE FROM group_member WHERE tenant_id = $1 AND member = $2 RETURNING group_id"),
        args![group_name(id)],
    )
    .await
}

/// Takes all grants of a group back, and returns them.
pub async fn revoke_all(tx: &Tx, id: GroupId) -> Result<Vec<Grant>> {
    tx.all(
        sql!("DELETE FROM access_grant WHERE tenant_id = $1 AND group_id = $2 RETURNING *"),
        args![id],
    )
    .await
}
