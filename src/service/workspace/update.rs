//! Changing a workspace (W-05, W-06).

use serde_json::{Value as Json, json};

use super::{Workspaces, lock_active};
use crate::clock::now;
use crate::context::Context;
use crate::domain::text;
use crate::entity::Workspace;
use crate::entity::workspace::Environment;
use crate::error::{Error, Noun, OnUnique, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::workspace::Detail;
use crate::repository::{Answer, Change, Touches, Tx, visibility};
use crate::service::access::{self, At, Over, Permission};
use crate::service::patch::Changed;
use crate::service::refuse;

/// What to change of a workspace; nothing: leave it as it is.
#[derive(Clone, Debug, Default)]
pub struct WorkspacePatch {
    /// Which one.
    pub id: WorkspaceId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// The name.
    pub display_name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Production, staging or development.
    pub environment: Option<Environment>,
    /// Its brand.
    pub brand: Option<String>,
    /// Its web domain.
    pub domain: Option<String>,
    /// A JSON object.
    pub settings: Option<Json>,
    /// Sees all partitions.
    pub all_partitions: Option<bool>,
    /// The language that the caller believes it has.
    pub language: Option<String>,
    /// The region that the caller believes it has.
    pub region: Option<String>,
}

impl Workspaces {
    /// Changes a workspace.
    pub async fn update(&self, ctx: &Context, patch: &WorkspacePatch) -> Result<Answer<Detail>> {
        self.store
            .write(ctx, |tx| async move {
                let here = At::Workspace(patch.id);
                access::demand(&tx, ctx, here).await?;
                update(&tx, ctx, patch).await
            })
            .await
    }
}

async fn update(tx: &Tx, ctx: &Context, patch: &WorkspacePatch) -> Result<Detail> {
    let before = lock_active(tx, patch.id).await?;
    let stored = &before.workspace;
    refuse::stale_etag(&patch.etag, stored.version, Noun::Workspace, stored.id)?;
    refuse::immutable("language", patch.language.as_ref(), &stored.language)?;
    refuse::immutable("region", patch.region.as_ref(), &stored.region)?;
    let mut after = before.clone();
    let changed = patch.apply(&mut after.workspace);
    if changed.is_empty() {
        return Ok(before);
    }
    if after.workspace.all_partitions && !after.workspace.region.is_empty() {
        return Err(Error::invalid(
            "workspace.all_partitions",
            "must not be set for a workspace with a region",
        ));
    }
    let access = changed.has("all_partitions");
    if access {
        // Nobody widens the sight of their own workspace (P-07).
        let over = Over::workspaces(std::slice::from_ref(&patch.id));
        access::demand_also(tx, ctx, Permission::PartitionsManage, over).await?;
    }
    let saw = if access { visibility::partitions_of(tx, patch.id).await? } else { Vec::new() };
    after.workspace.version += 1;
    after.workspace.update_time = now();
    tx.update(&after.workspace).await.on_unique("workspace_name", || {
        refuse::name_taken(Noun::Workspace, &after.workspace.display_name)
    })?;
    let mut detail = json!({ "fields": changed.0 });
    if access {
        let sees = visibility::partitions_of(tx, patch.id).await?;
        let only = |these: &[PartitionId], others: &[PartitionId]| -> Vec<PartitionId> {
            these.iter().copied().filter(|id| !others.contains(id)).collect()
        };
        detail["entered"] = json!(only(&sees, &saw));
        detail["left"] = json!(only(&saw, &sees));
    }
    tx.record(Change {
        kind: "workspace.updated",
        resource_id: Some(patch.id.0),
        workspace_id: Some(patch.id),
        detail,
        before: json!(before),
        after: json!(after),
        touches: if access { Touches::Access } else { Touches::Nothing },
    });
    Ok(after)
}

// === impl WorkspacePatch ===

impl WorkspacePatch {
    fn apply(&self, to: &mut Workspace) -> Changed {
        let mut changed = Changed::default();
        changed.set("display_name", &mut to.display_name, self.display_name.as_ref());
        changed.set("description", &mut to.description, self.description.as_ref());
        changed.set("environment", &mut to.environment, self.environment.as_ref());
        changed.set("brand", &mut to.brand, self.brand.as_ref());
        changed.set("domain", &mut to.domain, self.domain.as_ref());
        changed.set("settings", &mut to.settings, self.settings.as_ref());
        changed.set("all_partitions", &mut to.all_partitions, self.all_partitions.as_ref());
        to.name_key = text::key(&to.display_name);
        changed
    }
}
