//! Good requests of `google.longrunning.Operations`.

use serde_json::{Value as Json, json};

use crate::support::world::World;

pub fn request(world: &World, rpc: &str) -> Option<Json> {
    Some(match rpc {
        "ListOperations" => json!({ "name": "operations" }),
        "GetOperation" | "WaitOperation" | "CancelOperation" => {
            json!({ "name": world.operation })
        }
        "DeleteOperation" => json!({ "name": world.spare_operation }),
        _ => return None,
    })
}
