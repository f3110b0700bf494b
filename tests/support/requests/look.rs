//! Requests about what somebody sees.

use serde_json::{Value as Json, json};

use crate::support::world::{MEMBER, World};

/// Those of `TopologyService` about what is seen.
pub fn topology(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, person, holders, .. } = world;
    Some(match rpc {
        "DescribeTopology" => json!({ "workspace_ids": [workspace] }),
        "ExplainVisibility" => json!({
            "workspace_id": workspace,
            "person_id": person,
            "asset_id": holders.list,
        }),
        "WhatCanSee" => json!({ "principal": MEMBER, "kind": "SEEN_KIND_WORKSPACE" }),
        "WhoCanSee" => json!({ "workspace_id": workspace, "person_id": person }),
        _ => return None,
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
