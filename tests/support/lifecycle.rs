//! Deleting, restoring and purging, and the time that passes between.

use precinct::server::Server;
use serde_json::{Value as Json, json};
use tonic::Status;

use super::App;
use super::actor::Actor;

/// Longer than anything can be restored.
const MONTH: i64 = 31 * 24 * 60 * 60 * 1_000_000;

/// Does a slice of what is to be purged; false if nothing is.
pub async fn purge_step(server: &Server) -> bool {
    let purger = server.purger().expect("the server is open");
    purger.step().await.expect("the database answers")
}

// === impl App ===

impl App {
    /// Purges all that is to be purged; in how many slices.
    pub async fn purge(&self) -> usize {
        let mut slices = 0;
        while purge_step(&self.server).await {
            slices += 1;
        }
        slices
    }

    /// Everything that is deleted was deleted a month earlier.
    pub async fn a_month_passes(&self) {
        let older = |table| {
            format!(
                "UPDATE {table} SET delete_time = delete_time - {MONTH}, purge_time = purge_time - {MONTH} \
                 WHERE purge_time IS NOT NULL; "
            )
        };
        let tables = ["tenant", "workspace", "person_partition", "person"].map(older).concat();
        let due = format!("UPDATE due SET at = at - {MONTH} WHERE kind <> 'OPERATION'");
        self.database.sabotage(&(tables + &due), "").await;
    }

    /// Whatever waits is looked at now, whether its time has come or not.
    pub async fn wake_purges(&self) {
        self.database.sabotage("UPDATE due SET at = 0 WHERE kind <> 'OPERATION'", "").await;
    }
}

// === impl Actor ===

impl Actor {
    /// Calls an rpc that answers once.
    pub async fn try_call(&self, label: &str, request: &Json) -> Result<Json, Status> {
        self.make(label, request).await.result().map(|mut answers| answers.remove(0))
    }

    /// Deletes a workspace with all that it holds.
    pub async fn delete_workspace(&self, id: &str) {
        let assets = self.asset_names(id).await.len();
        let request =
            json!({ "workspace_id": id, "force": assets > 0, "expected_asset_count": assets });
        self.try_call("WorkspaceService/DeleteWorkspace", &request).await.expect("it goes");
    }

    pub async fn try_undelete_workspace(&self, id: &str) -> Result<Json, Status> {
        self.try_call("WorkspaceService/UndeleteWorkspace", &json!({ "workspace_id": id })).await
    }

    pub async fn try_undelete_partition(&self, id: &str) -> Result<Json, Status> {
        self.try_call("PartitionService/UndeletePartition", &json!({ "partition_id": id })).await
    }

    pub async fn try_delete_person(&self, workspace: &str, id: &str) -> Result<Json, Status> {
        let request = json!({ "workspace_id": workspace, "person_id": id });
        self.try_call("PersonService/DeletePerson", &request).await
    }

    pub async fn try_undelete_person(&self, workspace: &str, id: &str) -> Result<Json, Status> {
        let request = json!({ "workspace_id": workspace, "person_id": id });
        self.try_call("PersonService/UndeletePerson", &request).await
    }
}
