//! Requests about what was done.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// Those of `ActivityService`.
pub fn request(world: &World, rpc: &str) -> Option<Json> {
    Some(match rpc {
        "ListRecentActivity" | "ListAuditEntries" => json!({ "workspace_id": world.workspace }),
        "VerifyAuditLog" => json!({}),
        _ => return None,
    })
}
