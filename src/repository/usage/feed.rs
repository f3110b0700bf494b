//! The change feed, as far as it tells who is where, who sees what, and what happened through which workspace.

use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::clock::Micros;
use crate::domain::usage::Event;
use crate::error::{Error, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::scope::Scope;
use crate::{args, sql};

/// A change.
#[derive(Debug, FromQueryResult)]
pub(super) struct Row {
    pub(super) kind: String,
    resource_id: Option<Uuid>,
    workspace_id: Option<String>,
    /// What it says of a workspace; of other changes nothing, since that may be long.
    detail: Option<Json>,
    flow: Option<Json>,
    pub(super) create_time: Micros,
}

/// People who went from one partition to another.
#[derive(Deserialize)]
struct Flow {
    from: Option<PartitionId>,
    to: Option<PartitionId>,
    people: i64,
}

/// The changes of some revisions, in their order.
pub(super) async fn changes(scope: &Scope, after: i64, up_to: i64) -> Result<Vec<Row>> {
    scope
        .all(
            sql!(
                "SELECT kind, resource_id, detail->>'workspace_id' AS workspace_id, \
                     CASE WHEN kind IN ('tenant.created', 'workspace.created', 'workspace.updated', \
                         'workspace.primary_changed') THEN detail END AS detail, flow, create_time \
                 FROM change WHERE tenant_id = $1 AND revision > $2 AND revision <= $3 ORDER BY revision, ordinal"
            ),
            args![after, up_to],
        )
        .await
}

// === impl Row ===

impl Row {
    /// The workspace through which it happened.
    pub(super) fn through(&self) -> Result<Option<WorkspaceId>> {
        self.workspace_id.as_ref().map(|id| id.parse().map_err(Error::internal)).transpose()
    }

    /// What it means for who sees whom.
    pub(super) fn events(&self) -> Result<Vec<Event>> {
        let mut events = self.flows()?;
        let partition = PartitionId(self.resource_id.unwrap_or_default());
        let workspace =
            self.through()?.unwrap_or(WorkspaceId(self.resource_id.unwrap_or_default()));
        match self.kind.as_str() {
            "tenant.created" => {
                let default: WorkspaceId = self.told("default_workspace_id")?;
                events.push(Event::Made(default, true));
                events.push(Event::Bound(default, self.told("default_partition_id")?));
            }
            "workspace.created" => {
                events.push(Event::Made(workspace, self.told("all_partitions")?));
            }
            "workspace.updated" => {
                let fields: Vec<String> = self.told("fields")?;
                if fields.iter().any(|field| field == "all_partitions") {
                    events.push(Event::Switched(workspace));
                }
            }
            "workspace.deleted" => events.push(Event::Deleted(workspace)),
            "workspace.undeleted" => events.push(Event::Restored(workspace)),
            // A primary that was seen with all others is a binding of its own from then on.
            "workspace.primary_changed" => {
                events.push(Event::Bound(workspace, self.told("to_partition_id")?));
            }
            "binding.created" => events.push(Event::Bound(workspace, partition)),
            "binding.deleted" => events.push(Event::Unbound(workspace, partition)),
            _ => {}
        }
        Ok(events)
    }

    fn flows(&self) -> Result<Vec<Event>> {
        let Some(flow) = &self.flow else { return Ok(Vec::new()) };
        let flows = Vec::<Flow>::deserialize(flow).map_err(Error::internal)?;
        Ok(flows.into_iter().map(|one| Event::Flow(one.from, one.to, one.people)).collect())
    }

    fn told<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.detail.as_ref().and_then(|detail| detail.get(name));
        T::deserialize(value.unwrap_or(&Json::Null)).map_err(Error::internal)
    }
}
