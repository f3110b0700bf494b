//! Requests about where new people go.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// Those of `RoutingService`.
pub fn request(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, second_partition, .. } = world;
    Some(match rpc {
        "GetRoutingPolicy" | "ListRoutingPolicyVersions" => json!({}),
        "UpdateRoutingPolicy" => json!({
            "policy": {
                "rules": [{ "partition_id": second_partition, "sources": ["PERSON_SOURCE_CRM"] }],
            },
        }),
        "SimulateRouting" => json!({
            "workspace_id": workspace,
            "person": { "email": "new@example.com" },
        }),
        "ReroutePeople" => json!({ "workspace_id": workspace }),
        _ => return None,
    })
}

/// That of `AssetService` that people send.
pub fn form(world: &World, rpc: &str) -> Option<Json> {
    (rpc == "SubmitForm").then(|| {
        json!({
            "workspace_id": world.workspace,
            "form_id": world.assets.form,
            "program_id": world.holders.program,
            "person": { "email": "ada@example.com", "last_name": "Lovelace" },
        })
    })
}
