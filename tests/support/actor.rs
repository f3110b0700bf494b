//! Somebody who calls: clients with the caller's headers, and shorthands for what many tests need.

use precinct::pb;
use precinct::pb::access_service_client::AccessServiceClient;
use precinct::pb::activity_service_client::ActivityServiceClient;
use precinct::pb::asset_service_client::AssetServiceClient;
use precinct::pb::field_service_client::FieldServiceClient;
use precinct::pb::folder_service_client::FolderServiceClient;
use precinct::pb::list_service_client::ListServiceClient;
use precinct::pb::partition_service_client::PartitionServiceClient;
use precinct::pb::person_service_client::PersonServiceClient;
use precinct::pb::sharing_service_client::SharingServiceClient;
use precinct::pb::system_service_client::SystemServiceClient;
use precinct::pb::tenant_service_client::TenantServiceClient;
use precinct::pb::workspace_service_client::WorkspaceServiceClient;
use precinct::server::Server;
use tonic::body::Body;
use tonic::metadata::{Ascii, MetadataKey, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Response, Status};
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::Tenant;

/// The way of an actor's calls.
pub type Way = InterceptedService<Line, Headers>;

/// A server within reach: in this process, or at the other end of a connection.
pub type Line = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Status>;

/// Somebody who calls.
#[derive(Clone)]
pub struct Actor {
    line: Line,
    headers: Headers,
}

/// A server in this process.
pub fn line(server: Server) -> Line {
    BoxCloneSyncService::new(server.map_err(|never| match never {}))
}

/// Headers that go with each call.
#[derive(Clone, Default)]
pub struct Headers(Vec<(MetadataKey<Ascii>, MetadataValue<Ascii>)>);

// === impl Headers ===

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for (key, value) in &self.0 {
            request.metadata_mut().insert(key.clone(), value.clone());
        }
        Ok(request)
    }
}

// === impl Actor ===

impl Actor {
    pub fn member(server: Server, tenant: &str, principal: &str) -> Self {
        Self::nobody(server)
            .with("x-precinct-tenant", tenant)
            .with("x-precinct-principal", principal)
    }

    pub fn operator(server: Server, name: &str) -> Self {
        Self::nobody(server).with("x-precinct-principal", &format!("platform:{name}"))
    }

    /// Somebody who does not say who.
    pub fn nobody(server: Server) -> Self {
        Self::over(line(server))
    }

    /// The same, wherever the server is.
    pub fn over(line: Line) -> Self {
        Self { line, headers: Headers::default() }
    }

    /// The same caller, with one header more.
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        let value = value.parse().expect("an ASCII header");
        self.headers.0.push((MetadataKey::from_static(key), value));
        self
    }

    pub fn way(&self) -> Way {
        InterceptedService::new(self.line.clone(), self.headers.clone())
    }

    pub fn system(&self) -> SystemServiceClient<Way> {
        SystemServiceClient::new(self.way())
    }

    pub fn tenants(&self) -> TenantServiceClient<Way> {
        TenantServiceClient::new(self.way())
    }

    pub fn workspaces(&self) -> WorkspaceServiceClient<Way> {
        WorkspaceServiceClient::new(self.way())
    }

    pub fn partitions(&self) -> PartitionServiceClient<Way> {
        PartitionServiceClient::new(self.way())
    }

    pub fn fields(&self) -> FieldServiceClient<Way> {
        FieldServiceClient::new(self.way())
    }

    pub fn access(&self) -> AccessServiceClient<Way> {
        AccessServiceClient::new(self.way())
    }

    pub fn folders(&self) -> FolderServiceClient<Way> {
        FolderServiceClient::new(self.way())
    }

    pub fn activity(&self) -> ActivityServiceClient<Way> {
        ActivityServiceClient::new(self.way())
    }

    pub fn assets(&self) -> AssetServiceClient<Way> {
        AssetServiceClient::new(self.way())
    }

    pub fn lists(&self) -> ListServiceClient<Way> {
        ListServiceClient::new(self.way())
    }

    pub fn sharing(&self) -> SharingServiceClient<Way> {
        SharingServiceClient::new(self.way())
    }

    pub fn people(&self) -> PersonServiceClient<Way> {
        let limit = precinct::config::BULK_MESSAGE_BYTES;
        PersonServiceClient::new(self.way()).max_decoding_message_size(limit)
    }

    pub async fn try_create_tenant(
        &self,
        name: &str,
        settings: Option<pb::TenantSettings>,
    ) -> Result<Response<pb::CreateTenantResponse>, Status> {
        let tenant = pb::Tenant { display_name: name.into(), settings, ..pb::Tenant::default() };
        let request = pb::CreateTenantRequest {
            tenant: Some(tenant),
            owner: "user:owner".into(),
            ..pb::CreateTenantRequest::default()
        };
        self.tenants().create_tenant(request).await
    }

    /// A new tenant.
    pub async fn tenant(&self, name: &str) -> Tenant {
        let made = ok(self.try_create_tenant(name, None).await);
        Tenant {
            id: made.tenant.map(|tenant| tenant.tenant_id).unwrap_or_default(),
            display_name: name.into(),
            default_workspace: made.default_workspace_id,
            default_partition: made.default_partition_id,
            line: self.line.clone(),
        }
    }

    /// A workspace that sees these partitions; the first is the primary. Of none: all of them.
    pub async fn workspace(&self, name: &str, partitions: &[&String]) -> String {
        let request = new_workspace(name, partitions);
        let made = ok(self.workspaces().create_workspace(request).await);
        made.workspace.map(|workspace| workspace.workspace_id).unwrap_or_default()
    }

    /// A partition that no workspace is bound to.
    pub async fn partition(&self, name: &str) -> String {
        self.regional_partition(name, "").await
    }

    pub async fn regional_partition(&self, name: &str, region: &str) -> String {
        let partition = pb::Partition {
            display_name: name.into(),
            region: region.into(),
            ..pb::Partition::default()
        };
        let request = pb::CreatePartitionRequest {
            partition: Some(partition),
            ..pb::CreatePartitionRequest::default()
        };
        let made = ok(self.partitions().create_partition(request).await);
        made.partition.map(|partition| partition.partition_id).unwrap_or_default()
    }

    pub async fn field(&self, name: &str, kind: pb::FieldType) -> String {
        let field = pb::Field { name: name.into(), r#type: kind.into(), ..pb::Field::default() };
        let request =
            pb::CreateFieldRequest { field: Some(field), ..pb::CreateFieldRequest::default() };
        let made = ok(self.fields().create_field(request).await);
        made.field.map(|field| field.field_id).unwrap_or_default()
    }

    /// A person of a workspace's primary partition.
    pub async fn person(&self, workspace: &str, email: &str) -> pb::Person {
        ok(self.try_person(workspace, "", email).await).person.unwrap_or_default()
    }

    pub async fn try_person(
        &self,
        workspace: &str,
        partition: &str,
        email: &str,
    ) -> Result<Response<pb::CreatePersonResponse>, Status> {
        let request = pb::CreatePersonRequest {
            workspace_id: workspace.into(),
            partition_id: partition.into(),
            person: Some(pb::Person { email: email.into(), ..pb::Person::default() }),
            ..pb::CreatePersonRequest::default()
        };
        self.people().create_person(request).await
    }

    pub async fn try_get_person(&self, workspace: &str, id: &str) -> Result<pb::Person, Status> {
        let request = pb::GetPersonRequest { workspace_id: workspace.into(), person_id: id.into() };
        let found = self.people().get_person(request).await?;
        Ok(found.into_inner().person.unwrap_or_default())
    }

    /// How many people a workspace sees.
    pub async fn count(&self, workspace: &str) -> i64 {
        let request = pb::CountPeopleRequest {
            workspace_id: workspace.into(),
            ..pb::CountPeopleRequest::default()
        };
        ok(self.people().count_people(request).await).total
    }

    /// All people whom a workspace sees, page by page.
    pub async fn list(&self, workspace: &str, page_size: i32) -> Vec<pb::Person> {
        let mut people = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListPeopleRequest {
                workspace_id: workspace.into(),
                page_size,
                page_token,
                ..pb::ListPeopleRequest::default()
            };
            let page = ok(self.people().list_people(request).await);
            people.extend(page.people);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return people;
            }
        }
    }

    /// The tenant's revision.
    pub async fn revision(&self) -> i64 {
        let request = pb::ListFieldsRequest::default();
        let reply = self.fields().list_fields(request).await.expect("fields are listed");
        let revision = reply.metadata().get("x-precinct-revision").expect("a read has a revision");
        revision.to_str().ok().and_then(|text| text.parse().ok()).expect("a number")
    }
}

/// A request for a workspace that sees these partitions; of none: all of them.
pub fn new_workspace(name: &str, partitions: &[&String]) -> pb::CreateWorkspaceRequest {
    let workspace = pb::Workspace {
        display_name: name.into(),
        all_partitions: partitions.is_empty(),
        ..pb::Workspace::default()
    };
    pb::CreateWorkspaceRequest {
        workspace: Some(workspace),
        partition_ids: partitions.iter().map(|id| (*id).clone()).collect(),
        primary_partition_id: partitions.first().map(|id| (*id).clone()).unwrap_or_default(),
        ..pb::CreateWorkspaceRequest::default()
    }
}

/// The message of a call that is not refused.
#[track_caller]
pub fn ok<T>(result: Result<Response<T>, Status>) -> T {
    match result {
        Ok(response) => response.into_inner(),
        Err(status) => panic!("refused: {} {}", super::status::reason(&status), status.message()),
    }
}
