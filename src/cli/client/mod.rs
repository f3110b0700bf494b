//! The way to a running service, and who calls.

mod error;
mod patience;

use std::time::Duration;

use clap::Args;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

pub use self::error::{Error, Result};
pub use self::patience::{Patience, persist};
use crate::config::PAGE_MAX;
use crate::pb::field_service_client::FieldServiceClient;
use crate::pb::person_service_client::PersonServiceClient;
use crate::pb::{Field, ListFieldsRequest};

/// Connecting takes at most this.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection on which nothing came is asked for a sign of life after this, and given up after as long
/// again: else a stream would wait for ever on a server that is gone.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Where the service is, and who calls.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct Server {
    /// The address of the service.
    #[arg(long, env = "PRECINCT_ADDRESS", default_value = "http://127.0.0.1:50051")]
    pub address: String,

    /// The tenant, by its id.
    #[arg(long, env = "PRECINCT_TENANT")]
    pub tenant: String,

    /// The caller: `user:<subject>` or `service:<id>`.
    #[arg(long, env = "PRECINCT_PRINCIPAL")]
    pub principal: String,
}

/// Clients of the service, over one connection, which is made again when it is lost.
#[derive(Clone, Debug)]
pub struct Client {
    channel: InterceptedService<Channel, Identity>,
}

/// Puts who calls into every call.
#[derive(Clone, Debug)]
pub struct Identity {
    tenant: MetadataValue<Ascii>,
    principal: MetadataValue<Ascii>,
}

// === impl Server ===

impl Server {
    /// Clients of this server, which has to be there.
    pub async fn client(&self) -> Result<Client> {
        let unusable = |error| Error::Input(format!("--address {}: {error}", self.address));
        let channel = Endpoint::from_shared(self.address.clone())
            .map_err(unusable)?
            .user_agent(concat!("precinct/", env!("CARGO_PKG_VERSION")))
            .map_err(unusable)?
            .connect_timeout(CONNECT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE)
            .connect()
            .await
            .map_err(|error| Error::unreachable(&self.address, &error))?;
        let identity = Identity {
            tenant: header("--tenant", &self.tenant)?,
            principal: header("--principal", &self.principal)?,
        };
        Ok(Client { channel: InterceptedService::new(channel, identity) })
    }
}

fn header(flag: &str, value: &str) -> Result<MetadataValue<Ascii>> {
    value.parse().map_err(|_| Error::Input(format!("{flag}: must be printable ASCII")))
}

// === impl Client ===

impl Client {
    /// The people. Answers may be as large as the service makes them.
    pub fn people(&self) -> PersonServiceClient<InterceptedService<Channel, Identity>> {
        PersonServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    /// All fields of the tenant, built-in ones included.
    pub async fn fields(&self) -> Result<Vec<Field>> {
        let mut client = FieldServiceClient::new(self.channel.clone());
        let mut request = ListFieldsRequest { page_size: PAGE_MAX, ..ListFieldsRequest::default() };
        let mut fields = Vec::new();
        loop {
            let page = client.list_fields(request.clone()).await?.into_inner();
            fields.extend(page.fields);
            if page.next_page_token.is_empty() {
                return Ok(fields);
            }
            request.page_token = page.next_page_token;
        }
    }
}

// === impl Identity ===

impl Interceptor for Identity {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("x-precinct-tenant", self.tenant.clone());
        metadata.insert("x-precinct-principal", self.principal.clone());
        Ok(request)
    }
}
