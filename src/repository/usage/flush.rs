//! What was counted in memory is written behind the calls.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::FromQueryResult;

use super::memory::{Count, Whose};
use super::{Counts, add};
use crate::context::Context;
use crate::domain::usage::Entry;
use crate::error::{Reason, Result};
use crate::id::{AssetId, TenantId, WorkspaceId};
use crate::repository::scope::Scope;
use crate::repository::store::{Access, Store};
use crate::{args, sql};

/// What one tenant's share of a flush may take.
const PATIENCE: Duration = Duration::from_secs(5);

// === impl Store ===

impl Store {
    /// What this replica counts.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Writes what was counted since the last time, one transaction for each tenant. What cannot be written waits for
    /// the next time; what may or may not have been written is not written again: a count may be lost, and is never
    /// there twice.
    pub async fn flush_counts(&self) -> Result<()> {
        // Whoever comes second, as at a shutdown, finds all that is counted: what the first could not write too.
        let _one = self.counts.writing().await;
        let mut done = Ok(());
        for (tenant, counts) in self.counts.take() {
            let scope = match self.add_counts(tenant, &counts).await {
                Ok(scope) => scope,
                // A tenant that is gone for good, or never was, uses nothing.
                Err(error) if error.reason() == Some(Reason::TenantNotFound) => continue,
                Err(error) => {
                    counts.into_iter().for_each(|(count, value)| self.counts.add(count, value));
                    done = Err(error);
                    continue;
                }
            };
            if let Err(error) = scope.connection.into_inner().commit().await {
                done = Err(error);
            }
        }
        done
    }

    async fn add_counts(&self, tenant: TenantId, counts: &[(Count, i64)]) -> Result<Scope> {
        let ctx = Context::internal("usage", PATIENCE);
        let scope = self.open(&ctx, tenant, Access::Write).await?;
        let owners = owners(&scope, counts).await?;
        let mut sums: HashMap<_, i64> = HashMap::new();
        for (count, value) in counts {
            let workspace = match count.whose {
                Whose::Shared => None,
                Whose::Workspace(id) => Some(id),
                Whose::Asset(id) => owners.get(&id).copied(),
            };
            *sums.entry((workspace, count.day, count.series)).or_default() += value;
        }
        let entry = |((workspace, day, series), value)| Entry {
            workspace,
            day,
            series,
            key: String::new(),
            value,
        };
        let mut entries: Vec<Entry> = sums.into_iter().map(entry).collect();
        entries.sort_unstable();
        add(&scope, &entries).await?;
        Ok(scope)
    }
}

/// The workspaces of the assets that something was counted of; those that are gone are missing.
async fn owners(scope: &Scope, counts: &[(Count, i64)]) -> Result<HashMap<AssetId, WorkspaceId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: AssetId,
        workspace_id: WorkspaceId,
    }
    let asset = |(count, _): &(Count, i64)| match count.whose {
        Whose::Asset(id) => Some(id),
        Whose::Shared | Whose::Workspace(_) => None,
    };
    let assets: Vec<AssetId> = counts.iter().filter_map(asset).collect();
    if assets.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = sql!(
        "SELECT id, workspace_id FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id"
    );
    let rows: Vec<Row> = scope.all(sql, args![&assets[..]]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.workspace_id)).collect())
}
