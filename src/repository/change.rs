//! What a write did, as the feed and the audit log keep it.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::id::WorkspaceId;

/// One change, for the feed and the audit log.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What happened, as `noun.verb`.
    pub kind: &'static str,
    /// What it happened to, where it is one thing.
    pub resource_id: Option<Uuid>,
    /// The workspace through which it happened.
    pub workspace_id: Option<WorkspaceId>,
    /// Ids, counts and names of fields, for the feed; never personal values. Workspaces and partitions under names that
    /// end with `workspace_id`, `partition_ids` and the like are those that the call concerns; under `fields` stand
    /// the names of those that were changed.
    pub detail: Json,
    /// The thing before, for the audit log.
    pub before: Json,
    /// The thing after, for the audit log.
    pub after: Json,
    /// What caches and indexes have to follow.
    pub touches: Touches,
}

/// What a change makes stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Touches {
    /// Nothing that is cached.
    #[default]
    Nothing,
    /// Who may see and do what.
    Access,
    /// The fields of people.
    Fields,
    /// Where new people go.
    Routing,
}

// === impl Change ===

impl Change {
    /// The thing that an index has to look at again: a binding stands in its workspace, a key in its account.
    pub(super) fn thing(&self) -> (&'static str, Uuid) {
        let noun = self.kind.split('.').next().unwrap_or_default();
        match (noun, self.workspace_id) {
            ("binding", Some(workspace)) => ("workspace", workspace.0),
            _ => (noun, self.resource_id.unwrap_or_default()),
        }
    }
}
