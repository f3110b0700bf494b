//! Requests about what somebody sees.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// The one of `TopologyService` about what a workspace sees.
pub fn topology(world: &World, rpc: &str) -> Option<Json> {
    (rpc == "ExplainVisibility").then(|| {
        json!({
            "workspace_id": world.workspace,
            "person_id": world.person,
            "asset_id": world.holders.list,
        })
    })
}

/// The one of `AssetService` about what a person gets to see.
pub fn content(world: &World, rpc: &str) -> Option<Json> {
    (rpc == "ResolveContent").then(|| {
        json!({
            "workspace_id": world.workspace,
            "asset_id": world.assets.form,
            "person_id": world.person,
        })
    })
}
