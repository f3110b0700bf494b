//! One good request of every rpc of `AssetService`, its members aside.

use serde_json::{Value as Json, json};

use crate::support::world::World;

/// As [`super::request`].
pub fn request(world: &World, rpc: &str) -> Option<Json> {
    let (workspace, assets) = (&world.workspace, &world.assets);
    let of = |id: &String| json!({ "workspace_id": workspace, "asset_id": id });
    let uses = json!([{ "kind": "REFERENCE_KIND_SNIPPET", "asset_id": assets.snippet }]);
    Some(match rpc {
        "CreateAsset" => json!({
            "workspace_id": workspace,
            "asset": {
                "type": "ASSET_TYPE_EMAIL",
                "display_name": "New",
                "folder_id": assets.folder,
                "references": uses,
            },
        }),
        "BatchGetAssets" => json!({ "workspace_id": workspace, "asset_ids": [assets.email] }),
        "ListAssets" => json!({ "workspace_id": workspace }),
        "UpdateAsset" => json!({
            "workspace_id": workspace,
            "asset": { "asset_id": assets.email, "description": "changed", "references": uses },
        }),
        "GetAsset" | "ApproveAsset" | "DeleteAsset" => of(&assets.email),
        "UnapproveAsset" | "ListAssetVersions" => of(&assets.form),
        "DiscardDraft" => of(&assets.page),
        "MoveAsset" => json!({
            "workspace_id": workspace,
            "asset_id": assets.email,
            "target_folder_id": assets.folder,
        }),
        "ListUsedBy" => of(&assets.snippet),
        "CloneAsset" => json!({
            "workspace_id": workspace,
            "asset_id": assets.form,
            "target_workspace_id": world.tenant.default_workspace,
        }),
        _ => return None,
    })
}
