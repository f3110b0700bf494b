//! A company in the making: calls with the ids of what was made before, each with a request id of its own, so that a
//! repeated run gets the first answers again.

use std::collections::BTreeMap;

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::{Uuid, uuid};

use super::people::FIELDS;
use super::{Made, there};
use crate::cli::client::{Identity, Result, Way};
use crate::pb;
use crate::pb::access_service_client::AccessServiceClient;
use crate::pb::field_service_client::FieldServiceClient;
use crate::pb::partition_service_client::PartitionServiceClient;
use crate::pb::person_service_client::PersonServiceClient;
use crate::pb::tenant_service_client::TenantServiceClient;
use crate::pb::workspace_service_client::WorkspaceServiceClient;

/// What request ids are derived from.
const NAMESPACE: Uuid = uuid!("6a1de0c5-53f4-4f0e-9d5b-7d8f7f1d2c30");
/// Who owns each company.
pub(super) const OWNER: &str = "user:ada";

/// A company in the making.
pub(super) struct Company {
    name: &'static str,
    tenant: pb::Tenant,
    pub(super) way: Way,
    calls: u32,
    roles: BTreeMap<String, String>,
    workspaces: BTreeMap<String, String>,
    partitions: BTreeMap<String, String>,
    pub(super) folders: BTreeMap<String, String>,
    pub(super) assets: BTreeMap<String, String>,
}

// === impl Company ===

impl Company {
    /// Founds a company, or finds it founded.
    pub(super) async fn found(
        channel: Channel,
        operator: &str,
        name: &'static str,
        settings: pb::TenantSettings,
    ) -> Result<Self> {
        let operator = Identity::named(None, operator)?;
        let tenant = pb::Tenant {
            display_name: name.into(),
            settings: Some(settings),
            ..pb::Tenant::default()
        };
        let request = pb::CreateTenantRequest {
            tenant: Some(tenant),
            owner: OWNER.into(),
            request_id: request_id(name, 0),
            ..pb::CreateTenantRequest::default()
        };
        let mut platform =
            TenantServiceClient::new(InterceptedService::new(channel.clone(), operator));
        let made = platform.create_tenant(request).await?.into_inner();
        let tenant = there(made.tenant)?;
        let owner = Identity::named(Some(&tenant.tenant_id), OWNER)?;
        let way = InterceptedService::new(channel, owner);
        let roles = AccessServiceClient::new(way.clone());
        let roles = { roles }.list_roles(pb::ListRolesRequest::default()).await?.into_inner().roles;
        Ok(Self {
            name,
            way,
            calls: 0,
            roles: roles.into_iter().map(|role| (role.display_name, role.role_id)).collect(),
            workspaces: [("Default".to_owned(), made.default_workspace_id)].into(),
            partitions: [("Default".to_owned(), made.default_partition_id)].into(),
            folders: BTreeMap::new(),
            assets: BTreeMap::new(),
            tenant,
        })
    }

    /// All that was made.
    pub(super) fn made(self, principals: &[(&'static str, &'static str)]) -> Made {
        Made {
            display_name: self.tenant.display_name,
            tenant_id: self.tenant.tenant_id,
            principals: principals.iter().copied().collect(),
            workspaces: self.workspaces,
            partitions: self.partitions,
            assets: self.assets,
            folders: self.folders,
        }
    }

    /// A request id for the next call.
    pub(super) fn next(&mut self) -> String {
        self.calls += 1;
        request_id(self.name, self.calls)
    }

    /// The id of a workspace that was made.
    pub(super) fn workspace(&self, name: &str) -> String {
        self.workspaces.get(name).cloned().unwrap_or_default()
    }

    /// The id of a partition that was made.
    pub(super) fn partition(&self, name: &str) -> String {
        self.partitions.get(name).cloned().unwrap_or_default()
    }

    /// The id of a folder that was made.
    pub(super) fn folder(&self, name: &str) -> String {
        self.folders.get(name).cloned().unwrap_or_default()
    }

    /// The id of an asset that was made.
    pub(super) fn asset(&self, name: &str) -> String {
        self.assets.get(name).cloned().unwrap_or_default()
    }

    /// What made-up people have.
    pub(super) async fn make_fields(&mut self) -> Result<()> {
        let mut fields = FieldServiceClient::new(self.way.clone());
        for (name, kind) in FIELDS {
            let field =
                pb::Field { name: name.into(), r#type: kind.into(), ..pb::Field::default() };
            let request = pb::CreateFieldRequest {
                field: Some(field),
                request_id: self.next(),
                ..pb::CreateFieldRequest::default()
            };
            fields.create_field(request).await?;
        }
        Ok(())
    }

    pub(super) async fn make_partition(&mut self, name: &str, region: &str) -> Result<()> {
        let partition = pb::Partition {
            display_name: name.into(),
            region: region.into(),
            ..pb::Partition::default()
        };
        let request = pb::CreatePartitionRequest {
            partition: Some(partition),
            request_id: self.next(),
            ..pb::CreatePartitionRequest::default()
        };
        let mut partitions = PartitionServiceClient::new(self.way.clone());
        let made = there(partitions.create_partition(request).await?.into_inner().partition)?;
        self.partitions.insert(name.into(), made.partition_id);
        Ok(())
    }

    /// A workspace over a partition, which is its primary.
    pub(super) async fn make_workspace(
        &mut self,
        workspace: pb::Workspace,
        primary: &str,
    ) -> Result<()> {
        let name = workspace.display_name.clone();
        let request = pb::CreateWorkspaceRequest {
            workspace: Some(workspace),
            partition_ids: vec![self.partition(primary)],
            primary_partition_id: self.partition(primary),
            request_id: self.next(),
            ..pb::CreateWorkspaceRequest::default()
        };
        let mut workspaces = WorkspaceServiceClient::new(self.way.clone());
        let made = there(workspaces.create_workspace(request).await?.into_inner().workspace)?;
        self.workspaces.insert(name, made.workspace_id);
        Ok(())
    }

    /// Lets a workspace read a partition.
    pub(super) async fn let_read(&mut self, workspace: &str, partition: &str) -> Result<()> {
        let request = pb::BindPartitionRequest {
            workspace_id: self.workspace(workspace),
            partition_id: self.partition(partition),
            access: pb::BindingAccess::ReadOnly.into(),
            request_id: self.next(),
            ..pb::BindPartitionRequest::default()
        };
        PartitionServiceClient::new(self.way.clone()).bind_partition(request).await?;
        Ok(())
    }

    /// Gives somebody a role in a workspace.
    pub(super) async fn grant(&mut self, who: &str, role: &str, workspace: &str) -> Result<()> {
        let grant = pb::Grant {
            principal: who.into(),
            role_id: self.roles.get(role).cloned().unwrap_or_default(),
            workspace_id: self.workspace(workspace),
            ..pb::Grant::default()
        };
        let request = pb::CreateGrantRequest {
            grant: Some(grant),
            request_id: self.next(),
            ..pb::CreateGrantRequest::default()
        };
        AccessServiceClient::new(self.way.clone()).create_grant(request).await?;
        Ok(())
    }

    /// Puts people into a partition, through the Default workspace; their ids, in order.
    pub(super) async fn put(
        &mut self,
        partition: &str,
        people: Vec<pb::Person>,
    ) -> Result<Vec<String>> {
        let request = pb::SyncPeopleRequest {
            workspace_id: self.workspace("Default"),
            partition_id: self.partition(partition),
            mode: pb::PersonWriteMode::CreateOrUpdate.into(),
            lookup_field: pb::PersonLookupField::Email.into(),
            people,
            source: pb::PersonSource::Crm.into(),
            request_id: self.next(),
            ..pb::SyncPeopleRequest::default()
        };
        let mut service = PersonServiceClient::new(self.way.clone());
        let results = service.sync_people(request).await?.into_inner().results;
        Ok(results.into_iter().map(|one| one.person_id).collect())
    }
}

fn request_id(company: &str, call: u32) -> String {
    Uuid::new_v5(&NAMESPACE, format!("{company} {call}").as_bytes()).to_string()
}
