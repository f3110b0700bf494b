//! One tenant with many people in four partitions, and the server that serves it.

use precinct::pb;

use super::Size;
use super::caller::Caller;
use super::cluster::{Cluster, Database};
use super::rows;
use super::server::Server;

/// Workspaces with one partition each; they are what writes of the control plane change.
pub const WORKSPACES: usize = 64;

pub struct World {
    pub size: Size,
    pub database: Database,
    pub server: Server,
    pub operator: Caller,
    pub member: Caller,
    pub tenant: String,
    /// Sees all four partitions.
    pub everything: String,
    /// Sees one of the four each, in turns.
    pub workspaces: Vec<String>,
}

/// A new tenant: its id, its default workspace and partition, and the fields `city` and `score`.
pub async fn tenant(operator: &Caller, name: &str) -> pb::CreateTenantResponse {
    let tenant = pb::Tenant { display_name: name.into(), ..pb::Tenant::default() };
    let request = pb::CreateTenantRequest {
        tenant: Some(tenant),
        owner: "user:bench".into(),
        ..pb::CreateTenantRequest::default()
    };
    let made = operator.tenants().create_tenant(request).await.expect("a tenant").into_inner();
    let mut fields = operator.member(id(&made)).fields();
    for (name, kind) in [("city", pb::FieldType::Text), ("score", pb::FieldType::Integer)] {
        let field = pb::Field { name: name.into(), r#type: kind.into(), ..pb::Field::default() };
        let request =
            pb::CreateFieldRequest { field: Some(field), ..pb::CreateFieldRequest::default() };
        fields.create_field(request).await.expect("a field");
    }
    made
}

/// The id of a tenant that was made.
pub fn id(made: &pb::CreateTenantResponse) -> &str {
    &made.tenant.as_ref().expect("the tenant").tenant_id
}

// === impl World ===

impl World {
    pub async fn new(cluster: &Cluster, size: Size) -> Self {
        let database = cluster.database("world").await;
        let server = Server::start(&database.service_url).await;
        let operator = Caller::operator(&server.address).await;
        let made = tenant(&operator, "World").await;
        let member = operator.member(id(&made));
        let mut partitions = vec![made.default_partition_id.clone()];
        for name in ["North", "East", "South"] {
            partitions.push(partition(&member, name).await);
        }
        let everything = workspace(&member, "Everything", &[]).await;
        let mut workspaces = Vec::new();
        for nth in 0..WORKSPACES {
            let partition = &partitions[nth % partitions.len()];
            let seen = std::slice::from_ref(partition);
            workspaces.push(workspace(&member, &format!("Workspace {nth}"), seen).await);
        }
        let tenant = id(&made).to_owned();
        rows::store(&database, &tenant, &partitions, size.people).await;
        database.fill_pgbench(size.people).await;
        Self { size, database, server, operator, member, tenant, everything, workspaces }
    }
}

/// A new partition of a tenant: its id.
pub async fn partition(member: &Caller, name: &str) -> String {
    let partition = pb::Partition { display_name: name.into(), ..pb::Partition::default() };
    let request = pb::CreatePartitionRequest {
        partition: Some(partition),
        ..pb::CreatePartitionRequest::default()
    };
    let made = member.partitions().create_partition(request).await.expect("a partition");
    made.into_inner().partition.expect("the partition").partition_id
}

/// A new workspace that sees these partitions, or all if there are none: its id.
pub async fn workspace(member: &Caller, name: &str, partitions: &[String]) -> String {
    let workspace = pb::Workspace {
        display_name: name.into(),
        all_partitions: partitions.is_empty(),
        ..pb::Workspace::default()
    };
    let request = pb::CreateWorkspaceRequest {
        workspace: Some(workspace),
        partition_ids: partitions.to_vec(),
        primary_partition_id: partitions.first().cloned().unwrap_or_default(),
        ..pb::CreateWorkspaceRequest::default()
    };
    let made = member.workspaces(0).create_workspace(request).await.expect("a workspace");
    made.into_inner().workspace.expect("the workspace").workspace_id
}
