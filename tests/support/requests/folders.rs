//! Requests about folders and shares.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// Those of `FolderService`.
pub fn folder(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, assets, tenant, .. } = world;
    let one = json!({ "workspace_id": workspace, "folder_id": assets.folder });
    Some(match rpc {
        "CreateFolder" => json!({
            "folder": {
                "workspace_id": workspace,
                "parent_folder_id": assets.folder,
                "display_name": "New",
            },
        }),
        "GetFolder" | "DeleteFolder" => one,
        "ListFolders" => json!({ "workspace_id": workspace }),
        "UpdateFolder" => json!({
            "folder": {
                "workspace_id": workspace,
                "folder_id": assets.folder,
                "description": "changed",
            },
        }),
        "MoveFolder" => json!({
            "workspace_id": workspace,
            "folder_id": assets.folder,
            "target_workspace_id": tenant.default_workspace,
        }),
        _ => return None,
    })
}

/// Those of `SharingService`.
pub fn sharing(world: &World, rpc: &str) -> Option<Json> {
    let World { workspace, assets, tenant, .. } = world;
    let share = |folder: &String| {
        json!({
            "workspace_id": workspace,
            "folder_id": folder,
            "target_workspace_ids": [tenant.default_workspace],
        })
    };
    Some(match rpc {
        "ShareFolder" => share(&assets.folder),
        "UnshareFolder" => share(&assets.shared_folder),
        "ListShares" | "ListShareTargets" => json!({ "workspace_id": workspace }),
        _ => return None,
    })
}
