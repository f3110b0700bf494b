//! Quotas: how much of something a tenant may have. The UPDATE that counts holds the limit, so that racing
//! calls cannot pass it.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use super::write::Tx;
use crate::config::{
    ASSETS_MAX, FIELDS_MAX, FOLDERS_MAX, GRANTS_MAX, GROUP_MEMBERS_MAX, GROUPS_MAX, PARTITIONS_MAX,
    ROLES_MAX, SERVICE_ACCOUNTS_MAX, WORKSPACES_MAX,
};
use crate::error::{Error, Reason, Result};
use crate::{args, sql};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Assets of living workspaces.
    Assets,
    /// Fields of the tenant's own.
    Fields,
    /// Folders of living workspaces, the roots apart.
    Folders,
    /// Grants.
    Grants,
    /// Memberships in groups.
    GroupMembers,
    /// Groups of principals.
    Groups,
    /// Living partitions.
    Partitions,
    /// Custom roles.
    Roles,
    /// Service accounts.
    ServiceAccounts,
    /// Living workspaces.
    Workspaces,
}

/// How much of a quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The quota.
    pub quota: Quota,
    /// How many there are.
    pub used: i64,
}

// === impl Quota ===

impl Quota {
    /// All of them, by name.
    pub const ALL: [Self; 10] = [
        Self::Assets,
        Self::Fields,
        Self::Folders,
        Self::Grants,
        Self::GroupMembers,
        Self::Groups,
        Self::Partitions,
        Self::Roles,
        Self::ServiceAccounts,
        Self::Workspaces,
    ];

    /// The quota as callers read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assets => "assets",
            Self::Fields => "fields",
            Self::Folders => "folders",
            Self::Grants => "grants",
            Self::GroupMembers => "group_members",
            Self::Groups => "groups",
            Self::Partitions => "partitions",
            Self::Roles => "roles",
            Self::ServiceAccounts => "service_accounts",
            Self::Workspaces => "workspaces",
        }
    }

    /// How many there may be.
    pub fn limit(self) -> i64 {
        match self {
            Self::Assets => ASSETS_MAX,
            Self::Fields => FIELDS_MAX,
            Self::Folders => FOLDERS_MAX,
            Self::Grants => GRANTS_MAX,
            Self::GroupMembers => GROUP_MEMBERS_MAX,
            Self::Groups => GROUPS_MAX,
            Self::Partitions => PARTITIONS_MAX,
            Self::Roles => ROLES_MAX,
            Self::ServiceAccounts => SERVICE_ACCOUNTS_MAX,
            Self::Workspaces => WORKSPACES_MAX,
        }
    }
}

/// Counts one more, or QUOTA_EXCEEDED. Returns how many were ever counted, this one included: a number that
/// no other gets.
pub async fn take(scope: &Scope, quota: Quota) -> Result<i64> {
    let issued: Vec<i64> = scope
        .column(
            sql!(
                "UPDATE quota SET used = used + 1, issued = issued + 1 \
                 WHERE tenant_id = $1 AND name = $2 AND used < $3 RETURNING issued"
            ),
            args![quota.name(), quota.limit()],
        )
        .await?;
    match issued.first() {
        Some(issued) => Ok(*issued),
        None => Err(exceeded(scope, quota).await?),
    }
}

/// Counts so many more, or QUOTA_EXCEEDED.
pub async fn take_all(tx: &Tx, quota: Quota, count: i64) -> Result<()> {
    let taken = tx
        .execute(
            sql!(
                "UPDATE quota SET used = used + $3, issued = issued + $3 \
                 WHERE tenant_id = $1 AND name = $2 AND used + $3 <= $4"
            ),
            args![quota.name(), count, quota.limit()],
        )
        .await?;
    if taken == 1 { Ok(()) } else { Err(exceeded(tx, quota).await?) }
}

/// Counts one less.
pub async fn give_back(scope: &Scope, quota: Quota) -> Result<()> {
    scope
        .execute(
            sql!("UPDATE quota SET used = used - 1 WHERE tenant_id = $1 AND name = $2"),
            args![quota.name()],
        )
        .await
        .map(drop)
}

/// Counts up to so many more, as far as the limit allows, and returns how many. For what a lock keeps others
/// from counting meanwhile.
pub async fn take_some(tx: &Tx, quota: Quota, wanted: usize) -> Result<usize> {
    let name = quota.name();
    let used = tx
        .count(sql!("SELECT used FROM quota WHERE tenant_id = $1 AND name = $2"), args![name])
        .await?;
    let room = usize::try_from(quota.limit() - used).unwrap_or_default();
    let taken = wanted.min(room);
    tx.execute(
        sql!(
            "UPDATE quota SET used = used + $3, issued = issued + $3 \
             WHERE tenant_id = $1 AND name = $2"
        ),
        args![name, i64::try_from(taken).unwrap_or_default()],
    )
    .await?;
    Ok(taken)
}

/// Counts so many less.
pub async fn give_back_some(tx: &Tx, quota: Quota, count: usize) -> Result<()> {
    give_back_all(tx, quota, i64::try_from(count).unwrap_or_default()).await
}

/// Counts so many less.
pub async fn give_back_all(tx: &Tx, quota: Quota, count: i64) -> Result<()> {
    tx.execute(
        sql!("UPDATE quota SET used = used - $3 WHERE tenant_id = $1 AND name = $2"),
        args![quota.name(), count],
    )
    .await
    .map(drop)
}

/// Begins to count, for a new tenant: it has one partition and one workspace.
pub async fn open_all(scope: &Scope) -> Result<()> {
    let names = Quota::ALL.map(|quota| quota.name().to_owned()).to_vec();
    scope
        .execute(
            sql!(
                postgres: "INSERT INTO quota (tenant_id, name, used, issued) \
                     SELECT $1, n.name, n.used, n.used FROM (SELECT name, \
                     CASE WHEN name IN ('partitions', 'workspaces') THEN 1 ELSE 0 END AS used \
                     FROM unnest($2::text[]) AS t(name)) n",
                sqlite: "INSERT INTO quota (tenant_id, name, used, issued) \
                     SELECT $1, n.name, n.used, n.used FROM (SELECT value AS name, \
                     CASE WHEN value IN ('partitions', 'workspaces') THEN 1 ELSE 0 END AS used \
                     FROM json_each($2)) n",
            ),
            args![names],
        )
        .await
        .map(drop)
}

/// What is used of each, by name.
pub async fn list(scope: &Scope) -> Result<Vec<Usage>> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        used: i64,
    }
    let rows: Vec<Row> =
        scope.all(sql!("SELECT name, used FROM quota WHERE tenant_id = $1"), args![]).await?;
    let used = |quota: &Quota| rows.iter().find(|row| row.name == quota.name()).map(|row| row.used);
    let usage = |quota| Usage { quota, used: used(&quota).unwrap_or_default() };
    Ok(Quota::ALL.into_iter().map(usage).collect())
}

/// QUOTA_EXCEEDED.
pub async fn exceeded(scope: &Scope, quota: Quota) -> Result<Error> {
    let (name, limit) = (quota.name(), quota.limit());
    let used = scope
        .count(sql!("SELECT used FROM quota WHERE tenant_id = $1 AND name = $2"), args![name])
        .await?;
    let message = format!(
        "the tenant has {used} {name} and may have {limit}; delete some, or ask the platform's \
         operators for more"
    );
    Ok(Error::new(Reason::QuotaExceeded, message)
        .with("quota", name)
        .with("limit", limit)
        .with("used", used))
}
