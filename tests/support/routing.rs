//! Shorthands for where new people go, and for the forms that they fill in.

use precinct::pb;
use precinct::pb::attribute_value::Kind;
use precinct::pb::routing_service_client::RoutingServiceClient;
use precinct::pb::{AssetType, BindingAccess, PersonSource, RoutingOperator};
use prost::Message;
use tonic::metadata::KeyAndValueRef;
use tonic::{Response, Status};

use super::App;
use super::Tenant;
use super::actor::{Actor, Way, ok};

/// A rule about everybody.
pub fn always(partition: &str) -> pb::RoutingRule {
    pb::RoutingRule { partition_id: partition.into(), ..pb::RoutingRule::default() }
}

/// A rule about everybody who comes in this way.
pub fn from(source: PersonSource, partition: &str) -> pb::RoutingRule {
    pb::RoutingRule { sources: vec![source.into()], ..always(partition) }
}

/// A rule about a text.
pub fn text(
    field: &str,
    operator: RoutingOperator,
    value: &str,
    partition: &str,
) -> pb::RoutingRule {
    pb::RoutingRule {
        field: field.into(),
        operator: operator.into(),
        value: vec![pb::AttributeValue { kind: Some(Kind::TextValue(value.into())) }],
        ..always(partition)
    }
}

/// A policy of these rules, with the primary as the default choice.
pub fn policy(rules: &[pb::RoutingRule]) -> pb::RoutingPolicy {
    pb::RoutingPolicy { rules: rules.to_vec(), ..pb::RoutingPolicy::default() }
}

/// Somebody with an email and a first name.
pub fn somebody(email: &str, first_name: &str) -> pb::Person {
    pb::Person { email: email.into(), first_name: first_name.into(), ..pb::Person::default() }
}

/// A workspace with an approved form and a program.
pub struct Door {
    pub workspace: String,
    pub form: String,
    pub program: String,
}

// === impl Door ===

impl Door {
    pub async fn new(ada: &Actor, workspace: &str) -> Self {
        let form = ada.asset(workspace, AssetType::Form, "Sign up").await;
        ada.approve(workspace, &form).await;
        let program = ada.asset(workspace, AssetType::Program, "Fair").await;
        Self { workspace: workspace.into(), form, program }
    }

    pub fn request(&self, person: pb::Person) -> pb::SubmitFormRequest {
        pb::SubmitFormRequest {
            workspace_id: self.workspace.clone(),
            form_id: self.form.clone(),
            program_id: self.program.clone(),
            person: Some(person),
            ..pb::SubmitFormRequest::default()
        }
    }

    /// All that somebody who fills in the form learns: the bytes of the reply and its metadata, save for the id of the
    /// call and the revision, which each submission raises by one.
    pub async fn submit(&self, ada: &Actor, person: pb::Person) -> String {
        let before = ada.revision().await;
        let reply = ada.assets().submit_form(self.request(person)).await;
        let reply = reply.unwrap_or_else(|status| panic!("refused: {status:?}"));
        let pairs = reply.metadata().iter().map(|pair| match pair {
            KeyAndValueRef::Ascii(key, value) => format!("{key}: {value:?}"),
            KeyAndValueRef::Binary(key, value) => format!("{key}: {value:?}"),
        });
        let mut pairs: Vec<String> = pairs.filter(|one| !one.starts_with("x-request-id")).collect();
        pairs.sort();
        let mut message = reply.into_inner();
        assert_eq!(message.revision, before + 1, "H-08");
        let revision = format!("\"{}\"", message.revision);
        message.revision = 0;
        format!("{:?} {}", message.encode_to_vec(), pairs.join("\n").replace(&revision, "<rev>"))
    }

    /// How many members of the program the workspace sees, and how many others there are.
    pub async fn members(&self, ada: &Actor) -> (i64, i64) {
        let request = pb::CountProgramMembersRequest {
            workspace_id: self.workspace.clone(),
            program_id: self.program.clone(),
        };
        let count = ok(ada.assets().count_program_members(request).await);
        (count.total, count.hidden_count)
    }
}

// === impl Actor ===

impl Actor {
    pub fn routing(&self) -> RoutingServiceClient<Way> {
        RoutingServiceClient::new(self.way())
    }

    pub async fn try_route(
        &self,
        policy: pb::RoutingPolicy,
        paths: &[&str],
    ) -> Result<Response<pb::UpdateRoutingPolicyResponse>, Status> {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let request = pb::UpdateRoutingPolicyRequest {
            policy: Some(policy),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..pb::UpdateRoutingPolicyRequest::default()
        };
        self.routing().update_routing_policy(request).await
    }

    /// Puts these rules in force.
    pub async fn route(&self, rules: &[pb::RoutingRule]) -> pb::RoutingPolicy {
        ok(self.try_route(policy(rules), &["rules"]).await).policy.unwrap_or_default()
    }

    pub async fn policy(&self) -> pb::RoutingPolicy {
        let request = pb::GetRoutingPolicyRequest {};
        ok(self.routing().get_routing_policy(request).await).policy.unwrap_or_default()
    }

    pub async fn simulate(
        &self,
        workspace: &str,
        source: PersonSource,
        person: pb::Person,
    ) -> pb::SimulateRoutingResponse {
        let request = pb::SimulateRoutingRequest {
            workspace_id: workspace.into(),
            source: source.into(),
            person: Some(person),
            ..pb::SimulateRoutingRequest::default()
        };
        ok(self.routing().simulate_routing(request).await)
    }

    pub async fn try_create(
        &self,
        workspace: &str,
        source: PersonSource,
        person: pb::Person,
    ) -> Result<Response<pb::CreatePersonResponse>, Status> {
        let request = pb::CreatePersonRequest {
            workspace_id: workspace.into(),
            source: source.into(),
            person: Some(person),
            ..pb::CreatePersonRequest::default()
        };
        self.people().create_person(request).await
    }

    pub async fn sync(
        &self,
        workspace: &str,
        mode: pb::PersonWriteMode,
        people: Vec<pb::Person>,
    ) -> Vec<pb::SyncResult> {
        let request = pb::SyncPeopleRequest {
            workspace_id: workspace.into(),
            mode: mode.into(),
            people,
            ..pb::SyncPeopleRequest::default()
        };
        ok(self.people().sync_people(request).await).results
    }

    /// Lets a workspace read a partition, and not write it.
    pub async fn bind_read_only(&self, workspace: &str, partition: &str) {
        let bind = pb::BindPartitionRequest {
            workspace_id: workspace.into(),
            partition_id: partition.into(),
            access: BindingAccess::ReadOnly.into(),
            ..pb::BindPartitionRequest::default()
        };
        ok(self.partitions().bind_partition(bind).await);
    }

    pub async fn try_delete_partition(&self, id: &str) -> Result<(), Status> {
        let request = pb::DeletePartitionRequest {
            partition_id: id.into(),
            ..pb::DeletePartitionRequest::default()
        };
        self.partitions().delete_partition(request).await.map(drop)
    }
}

/// A tenant with these settings.
pub async fn tenant_with(app: &App, settings: pb::TenantSettings) -> Tenant {
    let tenant = app.tenant("acme").await;
    let change = pb::Tenant {
        tenant_id: tenant.id.clone(),
        settings: Some(settings),
        ..pb::Tenant::default()
    };
    let request =
        pb::UpdateTenantRequest { tenant: Some(change), ..pb::UpdateTenantRequest::default() };
    ok(tenant.admin().tenants().update_tenant(request).await);
    tenant
}
