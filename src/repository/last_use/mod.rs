//! When somebody last used something (W-10): kept to the hour, written behind the calls.

mod memory;

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use self::memory::{Use, workspace};
use super::scope::Scope;
use super::store::{Access, Store};
use crate::clock::Micros;
use crate::context::Context;
use crate::domain::visibility::account_name;
use crate::error::{Reason, Result};
use crate::id::{ApiKeyId, ServiceAccountId, TenantId, WorkspaceId};
use crate::{args, sql};

pub use self::memory::Uses;

/// Rows of a statement.
const CHUNK: usize = 5_000;
/// What one tenant's share of a flush may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A key as a subject: `key:<id>`.
pub fn key_name(id: ApiKeyId) -> String {
    format!("key:{id}")
}

/// When these subjects last made a good call, whatever through; those that never did are left out.
pub async fn of_subjects(
    scope: &Scope,
    uses: &Uses,
    subjects: Vec<String>,
) -> Result<HashMap<String, Micros>> {
    #[derive(FromQueryResult)]
    struct Row {
        subject: String,
        use_time: Micros,
    }
    let nil = workspace(None);
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT subject, use_time FROM last_use \
                 WHERE tenant_id = $1 AND subject = ANY($2::text[]) AND workspace_id = $3"
            ),
            args![subjects.clone(), nil],
        )
        .await?;
    let mut times: HashMap<_, _> =
        rows.into_iter().map(|row| (row.subject, row.use_time)).collect();
    for subject in subjects {
        let one = Use { tenant: scope.tenant(), subject: subject.clone(), workspace: nil };
        merge(&mut times, subject, uses.last(&one));
    }
    Ok(times)
}

/// When a principal last made a good call through each of these workspaces; those where it never did are
/// left out.
pub async fn of_workspaces(
    scope: &Scope,
    uses: &Uses,
    principal: &str,
    workspaces: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, Micros>> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: WorkspaceId,
        use_time: Micros,
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT workspace_id, use_time FROM last_use \
                 WHERE tenant_id = $1 AND subject = $2 AND workspace_id = ANY($3::uuid[])"
            ),
            args![principal, workspaces],
        )
        .await?;
    let mut times: HashMap<_, _> =
        rows.into_iter().map(|row| (row.workspace_id, row.use_time)).collect();
    for workspace in workspaces.iter().copied() {
        let one = Use { tenant: scope.tenant(), subject: principal.into(), workspace };
        merge(&mut times, workspace, uses.last(&one));
    }
    Ok(times)
}

/// Forgets a service account and its keys.
pub async fn forget(scope: &Scope, account: ServiceAccountId, keys: &[ApiKeyId]) -> Result<()> {
    let keys = keys.iter().copied().map(key_name);
    let subjects: Vec<String> = keys.chain([account_name(account)]).collect();
    scope
        .execute(
            sql!("DELETE FROM last_use WHERE tenant_id = $1 AND subject = ANY($2::text[])"),
            args![subjects],
        )
        .await
        .map(drop)
}

/// What this replica knows may not be written yet, and what another wrote may be newer.
fn merge<K: std::hash::Hash + Eq>(times: &mut HashMap<K, Micros>, key: K, known: Option<Micros>) {
    if let Some(known) = known {
        let time = times.entry(key).or_insert(known);
        *time = known.max(*time);
    }
}

// === impl Store ===

impl Store {
    /// The uses that this replica knows of.
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Writes the uses that were noted since the last time, one transaction for each tenant. What cannot be
    /// written waits for the next time.
    pub async fn flush_uses(&self) -> Result<()> {
        let mut done = Ok(());
        for (tenant, uses) in self.uses.take() {
            if let Err(error) = self.write_uses(tenant, &uses).await
                // A tenant that is gone for good is used by nobody.
                && error.reason() != Some(Reason::TenantNotFound)
            {
                self.uses.put_back(uses);
                done = Err(error);
            }
        }
        done
    }

    async fn write_uses(&self, tenant: TenantId, uses: &[(Use, Micros)]) -> Result<()> {
        let ctx = Context::internal("last_use", PATIENCE);
        let scope = self.open(&ctx, tenant, Access::Write).await?;
        for chunk in uses.chunks(CHUNK) {
            let subjects: Vec<String> = chunk.iter().map(|(one, _)| one.subject.clone()).collect();
            let workspaces: Vec<Uuid> = chunk.iter().map(|(one, _)| one.workspace.0).collect();
            let times: Vec<Micros> = chunk.iter().map(|(_, time)| *time).collect();
            scope.execute(UPSERT, args![subjects, workspaces, times]).await?;
        }
        scope.connection.into_inner().commit().await
    }
}

const UPSERT: super::sql::Sql = sql!(
    postgres: "INSERT INTO last_use (tenant_id, subject, workspace_id, use_time) \
         SELECT $1, u.subject, u.workspace_id, u.use_time \
         FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS u(subject, workspace_id, use_time) \
         ON CONFLICT (tenant_id, subject, workspace_id) DO UPDATE SET use_time = excluded.use_time \
         WHERE last_use.use_time < excluded.use_time",
    sqlite: "INSERT INTO last_use (tenant_id, subject, workspace_id, use_time) \
         SELECT $1, s.value, unhex(w.value), t.value FROM json_each($2) s \
         JOIN json_each($3) w ON w.key = s.key JOIN json_each($4) t ON t.key = s.key WHERE true \
         ON CONFLICT (tenant_id, subject, workspace_id) DO UPDATE SET use_time = excluded.use_time \
         WHERE last_use.use_time < excluded.use_time",
);
