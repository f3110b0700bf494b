//! Good requests of `google.longrunning.Operations`.

use serde_json::{Value as Json, json};

use crate::support::world::World;

pub fn request(world: &World, rpc: &str) -> Option<Json> {
    Some(match rpc {
        "ListOperations" => json!({ "name": "operations" }),
        "GetOperation" | "WaitOperation" | "CancelOperation" | "DeleteOperation" => {
            json!({ "name": world.operation })
        }
        _ => return None,
    })
}
