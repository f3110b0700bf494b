//! Somebody who calls a server over a few connections.

use precinct::config::BULK_MESSAGE_BYTES;
use precinct::pb::access_service_client::AccessServiceClient;
use precinct::pb::asset_service_client::AssetServiceClient;
use precinct::pb::longrunning::operations_client::OperationsClient;
use precinct::pb::person_service_client::PersonServiceClient;
use precinct::pb::segmentation_service_client::SegmentationServiceClient;
use precinct::pb::system_service_client::SystemServiceClient;
use precinct::pb::tenant_service_client::TenantServiceClient;
use precinct::pb::workspace_service_client::WorkspaceServiceClient;
use precinct::pb::{
    field_service_client::FieldServiceClient, partition_service_client::PartitionServiceClient,
};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// Connections: one alone runs into its own flow control and locks.
const CONNECTIONS: usize = 4;

pub type Way = InterceptedService<Channel, Headers>;

#[derive(Clone)]
pub struct Caller {
    channels: Vec<Channel>,
    headers: Headers,
}

/// Who calls.
#[derive(Clone)]
pub struct Headers {
    tenant: Option<MetadataValue<Ascii>>,
    principal: MetadataValue<Ascii>,
}

// === impl Headers ===

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        if let Some(tenant) = &self.tenant {
            metadata.insert("x-precinct-tenant", tenant.clone());
        }
        metadata.insert("x-precinct-principal", self.principal.clone());
        Ok(request)
    }
}

// === impl Caller ===

impl Caller {
    /// An operator of the platform.
    pub async fn operator(address: &str) -> Self {
        Self::connect(address, Headers { tenant: None, principal: value("platform:bench") }).await
    }

    async fn connect(address: &str, headers: Headers) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            channels.push(endpoint.connect().await.expect("the server listens"));
        }
        Self { channels, headers }
    }

    /// The owner of a tenant, over the same connections.
    pub fn member(&self, tenant: &str) -> Self {
        self.principal(tenant, "user:bench")
    }

    /// Somebody of a tenant, over the same connections.
    pub fn principal(&self, tenant: &str, principal: &str) -> Self {
        let headers = Headers { tenant: Some(value(tenant)), principal: value(principal) };
        Self { headers, ..self.clone() }
    }

    /// The way of the calls of one slot.
    pub fn way(&self, slot: usize) -> Way {
        let channel = self.channels[slot % CONNECTIONS].clone();
        InterceptedService::new(channel, self.headers.clone())
    }

    pub fn people(&self, slot: usize) -> PersonServiceClient<Way> {
        PersonServiceClient::new(self.way(slot))
            .max_encoding_message_size(BULK_MESSAGE_BYTES)
            .max_decoding_message_size(BULK_MESSAGE_BYTES)
    }

    pub fn workspaces(&self, slot: usize) -> WorkspaceServiceClient<Way> {
        WorkspaceServiceClient::new(self.way(slot))
    }

    pub fn access(&self, slot: usize) -> AccessServiceClient<Way> {
        AccessServiceClient::new(self.way(slot))
    }

    pub fn assets(&self, slot: usize) -> AssetServiceClient<Way> {
        AssetServiceClient::new(self.way(slot))
    }

    pub fn segmentations(&self, slot: usize) -> SegmentationServiceClient<Way> {
        SegmentationServiceClient::new(self.way(slot))
    }

    pub fn operations(&self) -> OperationsClient<Way> {
        OperationsClient::new(self.way(0))
    }

    pub fn partitions(&self) -> PartitionServiceClient<Way> {
        PartitionServiceClient::new(self.way(0))
    }

    pub fn fields(&self) -> FieldServiceClient<Way> {
        FieldServiceClient::new(self.way(0))
    }

    pub fn tenants(&self) -> TenantServiceClient<Way> {
        TenantServiceClient::new(self.way(0))
    }

    pub fn system(&self, slot: usize) -> SystemServiceClient<Way> {
        SystemServiceClient::new(self.way(slot))
    }
}

fn value(text: &str) -> MetadataValue<Ascii> {
    text.parse().expect("ASCII")
}
