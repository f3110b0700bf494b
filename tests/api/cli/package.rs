//! `precinct package`.

use serde_json::json;

use super::Site;
use crate::support::actor::Actor;

/// K-03: assets go from one tenant to another as a file; again it changes nothing, damaged it is refused.
#[tokio::test]
async fn k_03_a_package_is_exported_and_imported() {
    let mut site = Site::new().await;
    let ada = Actor::over(site.server.line())
        .with("x-precinct-tenant", &site.tenant)
        .with("x-precinct-principal", "user:owner");
    let made = json!({
        "workspace_id": site.workspace,
        "asset": { "type": "ASSET_TYPE_STATIC_LIST", "display_name": "Guests" },
    });
    ada.make("AssetService/CreateAsset", &made).await.ok();
    let said = site.run(&["package", "export", "--type", "static-list", "--output", "lists.jsonl"]);
    assert_eq!(said.code, Some(0), "{}", said.errors);
    site.another().await;
    let said = site.run(&["package", "import", "lists.jsonl", "--dry-run"]);
    assert_eq!(said.output, "add STATIC_LIST \"Guests\"\n", "{}", said.errors);
    assert!(said.errors.contains("would be 1 added"), "{}", said.errors);
    let said = site.run(&["package", "import", "lists.jsonl"]);
    assert_eq!((said.code, said.output.as_str()), (Some(0), "add STATIC_LIST \"Guests\"\n"));
    let said = site.run(&["package", "import", "lists.jsonl"]);
    assert_eq!((said.code, said.output.as_str()), (Some(0), "keep STATIC_LIST \"Guests\"\n"));
    site.write("damaged.jsonl", site.read("lists.jsonl").replace("Guests", "Hosts"));
    let said = site.run(&["package", "import", "damaged.jsonl"]);
    assert_eq!(said.code, Some(1));
    assert!(said.errors.contains("the package item"), "{}", said.errors);
}
