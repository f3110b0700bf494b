//! Who did what (K-04, K-06).

mod entries;
mod recent;
mod refusals;
mod verify;

use serde_json::{Value as Json, json};

use crate::support::access::built_in;
use crate::support::actor::Actor;
use crate::support::{App, Tenant};

/// A tenant with two workspaces, of one partition each.
struct Scene {
    acme: Tenant,
    admin: Actor,
    /// Sees the first workspace.
    ada: Actor,
    /// Administers the second.
    bob: Actor,
    p1: String,
    p2: String,
    one: String,
    two: String,
}

// === impl Scene ===

impl Scene {
    async fn new(app: &App) -> Self {
        let acme = app.tenant("acme").await;
        let admin = acme.admin();
        let (p1, p2) = (admin.partition("P1").await, admin.partition("P2").await);
        let one = admin.workspace("One", &[&p1]).await;
        let two = admin.workspace("Two", &[&p2]).await;
        admin.grant("user:ada", &built_in("Viewer"), &one).await;
        admin.grant("user:bob", &built_in("Workspace admin"), &two).await;
        let (ada, bob) = (acme.user("ada"), acme.user("bob"));
        Self { acme, admin, ada, bob, p1, p2, one, two }
    }

    /// A folder of the first workspace that is shared to the second.
    async fn shared_folder(&self) -> String {
        let root = self.admin.root(&self.one, precinct::pb::Area::DesignStudio).await;
        let folder = self.admin.folder(&self.one, &root, "Templates").await;
        self.share(&folder, &[&self.two]).await;
        folder
    }

    async fn share(&self, folder: &str, targets: &[&String]) {
        let request = json!({ "workspace_id": self.one, "folder_id": folder, "target_workspace_ids": targets });
        self.admin.make("SharingService/ShareFolder", &request).await.ok();
    }
}

/// All items of a list of the service, page by page of this size.
async fn walk(actor: &Actor, rpc: &str, request: &Json, size: i32) -> Vec<Json> {
    let (mut all, mut token) = (Vec::new(), json!(""));
    loop {
        let mut request = request.clone();
        request["page_size"] = json!(size);
        request["page_token"] = token;
        let mut reply = actor.make(&format!("ActivityService/{rpc}"), &request).await.ok();
        let name = if rpc == "ListAuditEntries" { "entries" } else { "activities" };
        let items = reply[name].as_array_mut().map(std::mem::take).unwrap_or_default();
        all.extend(items);
        token = reply["next_page_token"].take();
        if token.as_str().is_none_or(str::is_empty) {
            return all;
        }
    }
}

/// The values of a field.
fn each<'a>(items: &'a [Json], field: &str) -> Vec<&'a str> {
    items.iter().map(|one| one[field].as_str().unwrap_or_default()).collect()
}

/// The newest of a kind.
fn newest<'a>(items: &'a [Json], kind: &str) -> &'a Json {
    let found = items.iter().find(|one| one["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {items:#?}"))
}
