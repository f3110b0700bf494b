//! Requests about the people in programs and lists.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// Those of `ListService`.
pub fn list(world: &World, rpc: &str) -> Option<Json> {
    let World { holders, workspace, person, .. } = world;
    Some(match rpc {
        "AddListMembers" => json!({
            "workspace_id": workspace,
            "list_id": holders.empty_list,
            "person_ids": [person],
        }),
        "RemoveListMembers" => json!({
            "workspace_id": workspace,
            "list_id": holders.list,
            "person_ids": [person],
        }),
        "AddListMembersByFilter" => json!({
            "workspace_id": workspace,
            "list_id": holders.empty_list,
            "filter": { "text": "email is not empty" },
        }),
        "PreviewFilter" => {
            json!({ "workspace_id": workspace, "filter": { "text": "email is not empty" } })
        }
        "ListListMembers" | "CountListMembers" => {
            json!({ "workspace_id": workspace, "list_id": holders.list })
        }
        _ => return None,
    })
}

/// Those of `AssetService`.
pub fn program(world: &World, rpc: &str) -> Option<Json> {
    let World { holders, workspace, person, .. } = world;
    Some(match rpc {
        "AddProgramMembers" => json!({
            "workspace_id": workspace,
            "program_id": holders.empty_program,
            "person_ids": [person],
        }),
        "RemoveProgramMembers" => json!({
            "workspace_id": workspace,
            "program_id": holders.program,
            "person_ids": [person],
        }),
        "ResolveAudience" => json!({ "workspace_id": workspace, "asset_id": holders.program }),
        "ListProgramMembers" | "CountProgramMembers" => {
            json!({ "workspace_id": workspace, "program_id": holders.program })
        }
        _ => return None,
    })
}
