//! Good requests of `TransferService`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use precinct::domain::asset::{Area, Type};
use precinct::domain::package::{Folder, Item, Package, write};
use precinct::id::{AssetId, FolderId};
use serde_json::{Value as Json, json};

use crate::support::world::World;

pub fn request(world: &World, rpc: &str) -> Option<Json> {
    let (workspace, form) = (&world.workspace, &world.assets.form);
    Some(match rpc {
        "Promote" => json!({
            "source_workspace_id": workspace,
            "target_workspace_id": world.tenant.default_workspace,
            "asset_ids": [form],
            "options": options(world),
        }),
        "ExportPackage" => json!({ "workspace_id": workspace, "asset_ids": [form] }),
        // All that is asked of every rpc is asked of it in turn: it is only tried.
        "ImportPackage" => json!([
            { "header": {
                "workspace_id": world.tenant.default_workspace,
                "options": options(world),
                "validate_only": true,
            } },
            { "data": BASE64_STANDARD.encode(write(&package(), "")) },
        ]),
        _ => return None,
    })
}

/// One mapping of each kind.
fn options(world: &World) -> Json {
    let (assets, partition) = (&world.assets, &world.partition);
    json!({
        "names": [{ "asset_id": assets.form, "display_name": "Promoted" }],
        "folders": [{ "source_folder_id": assets.folder, "target_folder_id": assets.target_folder }],
        "assets": [{ "source_asset_id": assets.snippet, "target_asset_id": assets.target_snippet }],
        "partitions": [{ "source_partition_id": partition, "target_partition_id": partition }],
    })
}

/// A package of one email.
fn package() -> Package {
    let root = Folder {
        id: FolderId::new(),
        area: Area::DesignStudio,
        parent_id: None,
        display_name: "Design studio".into(),
        description: String::new(),
    };
    let email = Item {
        id: AssetId::new(),
        kind: Type::Email,
        display_name: "Imported".into(),
        description: String::new(),
        folder_id: root.id,
        program_id: None,
        content: json!({}),
        references: Vec::new(),
    };
    Package { folders: vec![root], assets: vec![email], ..Package::default() }
}
