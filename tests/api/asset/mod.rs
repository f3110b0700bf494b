//! `AssetService`, its members and clones aside.

mod budget;
mod crud;
mod deletes;
mod doc;
mod lists;
mod moves;
mod names;
mod references;
mod resolve;
mod segmentations;
mod sharing;
mod uses;
mod versions;

use precinct::pb::{Area, AssetType};

use crate::support::actor::{Actor, ok};
use crate::support::{App, Tenant};

/// Two workspaces of a tenant, and a folder of the one that is shared to the other.
struct Pair {
    tenant: Tenant,
    admin: Actor,
    owner: String,
    target: String,
    folder: String,
}

// === impl Pair ===

impl Pair {
    async fn new(app: &App, area: Area) -> Self {
        let tenant = app.tenant("acme").await;
        let admin = tenant.admin();
        let owner = admin.workspace("Owner", &[]).await;
        let target = admin.workspace("Target", &[]).await;
        let root = admin.root(&owner, area).await;
        let folder = admin.folder(&owner, &root, "Shared").await;
        ok(admin.try_share(&owner, &folder, &[&target]).await);
        Self { tenant, admin, owner, target, folder }
    }

    /// An asset in the shared folder; its id.
    async fn shared(&self, kind: AssetType, name: &str) -> String {
        self.admin.asset_in(&self.owner, &self.folder, kind, name).await
    }
}

/// A workspace of a new tenant, and the tenant's admin.
async fn workspace(app: &App) -> (Actor, String) {
    let admin = app.tenant("acme").await.admin();
    let workspace = admin.workspace("Main", &[]).await;
    (admin, workspace)
}
