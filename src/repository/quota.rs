//! Quotas: how much of something a tenant may have. The UPDATE that counts holds the limit, so that racing
//! calls cannot pass it.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use crate::config::{FIELDS_MAX, PARTITIONS_MAX, WORKSPACES_MAX};
use crate::error::{Error, Reason, Result};
use crate::{args, sql};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Fields of the tenant's own.
    Fields,
    /// Living partitions.
    Partitions,
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
    pub const ALL: [Self; 3] = [Self::Fields, Self::Partitions, Self::Workspaces];

    /// The quota as callers read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Partitions => "partitions",
            Self::Workspaces => "workspaces",
        }
    }

    /// How many there may be.
    pub fn limit(self) -> i64 {
        match self {
            Self::Fields => FIELDS_MAX,
            Self::Partitions => PARTITIONS_MAX,
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

/// Begins to count, for a new tenant.
pub async fn open(scope: &Scope, quota: Quota, used: i64) -> Result<()> {
    scope
        .execute(
            sql!("INSERT INTO quota (tenant_id, name, used, issued) VALUES ($1, $2, $3, $3)"),
            args![quota.name(), used],
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

async fn exceeded(scope: &Scope, quota: Quota) -> Result<Error> {
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
