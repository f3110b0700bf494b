//! Rows of the lists of people in programs and lists, and of what people are in.

use serde_json::json;

use super::List;
use crate::support::members::{Kind, Members};
use crate::support::world::World;

// === impl List ===

impl List {
    /// One who is not seen is deleted.
    pub async fn add_asset_member(&self, n: usize, seen: bool) {
        let World { workspace, holders, .. } = &self.world;
        let person = self.caller.person(workspace, &format!("row{n:02}@example.com")).await;
        let (kind, id) = match self.rpc.name() {
            "ListProgramMembers" => (Kind::Program, &holders.program),
            _ => (Kind::List, &holders.list),
        };
        Members::new(&self.caller, kind, workspace, id).add(&[&person.person_id]).await;
        if !seen {
            let delete = json!({ "workspace_id": workspace, "person_id": person.person_id });
            self.caller.make("PersonService/DeletePerson", &delete).await.ok();
        }
    }

    /// One that is not seen is in a list of another workspace.
    pub async fn add_membership(&self, n: usize, seen: bool) {
        let World { workspace, tenant, person, .. } = &self.world;
        let workspace = if seen { workspace } else { &tenant.default_workspace };
        let kind = if n.is_multiple_of(2) { Kind::List } else { Kind::Program };
        let root = self.caller.root(workspace, kind.area()).await;
        let name = format!("row {n:02}");
        let made = Members::make(&self.caller, kind, workspace, &root, &name).await;
        made.add(&[person]).await;
    }
}
