//! Shorthands for questions of access.

use precinct::pb;
use precinct::pb::topology_service_client::TopologyServiceClient;
use tonic::{Response, Status};

use super::actor::{Actor, Way, ok};

/// A question: who, what, where, and what exactly; the last two may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a>(pub &'a str, pub &'a str, pub &'a str, pub &'a str);

// === impl Asked ===

impl Asked<'_> {
    /// As an item of a batch.
    pub fn item(self) -> pb::AccessCheck {
        let Self(principal, permission, workspace, resource) = self;
        pb::AccessCheck {
            principal: principal.into(),
            permission: permission.into(),
            workspace_id: workspace.into(),
            resource: resource.into(),
        }
    }
}

// === impl Actor ===

impl Actor {
    pub fn topology(&self) -> TopologyServiceClient<Way> {
        TopologyServiceClient::new(self.way())
    }

    pub async fn try_check(
        &self,
        asked: Asked<'_>,
    ) -> Result<Response<pb::CheckAccessResponse>, Status> {
        let pb::AccessCheck { principal, permission, workspace_id, resource } = asked.item();
        let request = pb::CheckAccessRequest { principal, permission, workspace_id, resource };
        self.access().check_access(request).await
    }

    /// The reason of an answer; GRANTED is yes.
    pub async fn check(&self, asked: Asked<'_>) -> pb::AccessReason {
        let answer = ok(self.try_check(asked).await);
        assert_eq!(answer.allowed, answer.reason() == pb::AccessReason::Granted);
        answer.reason()
    }

    pub async fn explain(&self, asked: Asked<'_>) -> pb::ExplainAccessResponse {
        let pb::AccessCheck { principal, permission, workspace_id, resource } = asked.item();
        let request = pb::ExplainAccessRequest { principal, permission, workspace_id, resource };
        ok(self.topology().explain_access(request).await)
    }

    /// The results of a batch.
    pub async fn check_all(&self, asked: &[Asked<'_>]) -> Vec<pb::AccessCheckResult> {
        let request =
            pb::BatchCheckAccessRequest { checks: asked.iter().map(|one| one.item()).collect() };
        ok(self.access().batch_check_access(request).await).results
    }

    /// Lets a workspace use a partition.
    pub async fn bind(&self, workspace: &str, partition: &str, access: pb::BindingAccess) {
        let request = pb::BindPartitionRequest {
            workspace_id: workspace.into(),
            partition_id: partition.into(),
            access: access.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(self.partitions().bind_partition(request).await);
    }
}

/// A count of the people whom a workspace sees.
pub fn count_request(workspace: &str) -> pb::CountPeopleRequest {
    pb::CountPeopleRequest { workspace_id: workspace.into(), ..pb::CountPeopleRequest::default() }
}
