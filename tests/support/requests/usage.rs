//! Requests about what is used.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// Those of `UsageService`.
pub fn request(world: &World, rpc: &str) -> Option<Json> {
    Some(match rpc {
        "GetUsage" => json!({
            "from": "2024-01-01",
            "to": "2024-01-02",
            "workspace_id": world.workspace,
        }),
        "AllocateCosts" => json!({
            "bill": { "amount": "150.00", "from": "2024-01-01", "to": "2024-01-31" },
        }),
        _ => return None,
    })
}
