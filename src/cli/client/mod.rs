//! The way to a running service, and who calls.

mod error;
mod patience;
mod trust;

use std::time::Duration;

use clap::Args;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

pub use self::error::{Error, Result};
pub use self::patience::{Patience, persist};
pub use self::trust::Trust;
use crate::config::PAGE_MAX;
use crate::pb::activity_service_client::ActivityServiceClient;
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
    /// The address of the service; https://… if it serves with TLS.
    #[arg(long, env = "PRECINCT_ADDRESS", default_value = "http://127.0.0.1:50051")]
    pub address: String,

    #[command(flatten)]
    pub trust: Trust,

    /// The bearer token or API key to call with; rather by the variable, since others can see arguments.
    #[arg(long, env = "PRECINCT_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// The tenant, by its id, where headers are trusted.
    #[arg(long, env = "PRECINCT_TENANT", required_unless_present = "token")]
    pub tenant: Option<String>,

    /// The caller, where headers are trusted: `user:<subject>` or `service:<id>`.
    #[arg(long, env = "PRECINCT_PRINCIPAL", required_unless_present = "token")]
    pub principal: Option<String>,
}

/// Clients of the service, over one connection, which is made again when it is lost.
#[derive(Clone, Debug)]
pub struct Client {
    channel: InterceptedService<Channel, Identity>,
}

/// Puts who calls into every call.
#[derive(Clone, Debug)]
pub enum Identity {
    /// By headers that are trusted.
    Named {
        /// The tenant.
        tenant: MetadataValue<Ascii>,
        /// The principal.
        principal: MetadataValue<Ascii>,
    },
    /// By a token.
    Bearer(MetadataValue<Ascii>),
}

// === impl Server ===

impl Server {
    /// Clients of this server, which has to be there.
    pub async fn client(&self) -> Result<Client> {
        let channel = self
            .trust
            .endpoint(&self.address)?
            .connect_timeout(CONNECT)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE)
            .connect()
            .await
            .map_err(|error| Error::unreachable(&self.address, &error))?;
        let identity = self.identity()?;
        Ok(Client { channel: InterceptedService::new(channel, identity) })
    }

    /// A token says who calls; beside it the headers would say it twice.
    fn identity(&self) -> Result<Identity> {
        let Some(token) = self.token.as_deref().filter(|token| !token.is_empty()) else {
            let given =
                |flag, value: &Option<String>| header(flag, value.as_deref().unwrap_or_default());
            let tenant = given("--tenant", &self.tenant)?;
            return Ok(Identity::Named {
                tenant,
                principal: given("--principal", &self.principal)?,
            });
        };
        let mut bearer = header("--token", &format!("Bearer {token}"))?;
        bearer.set_sensitive(true);
        Ok(Identity::Bearer(bearer))
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

    /// What happens.
    pub fn activity(&self) -> ActivityServiceClient<InterceptedService<Channel, Identity>> {
        ActivityServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
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
        match self {
            Self::Named { tenant, principal } => {
                metadata.insert("x-precinct-tenant", tenant.clone());
                metadata.insert("x-precinct-principal", principal.clone());
            }
            Self::Bearer(bearer) => {
                metadata.insert("authorization", bearer.clone());
            }
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        server: Server,
    }

    fn keys(arguments: &[&str]) -> Vec<String> {
        let parsed = Arguments::try_parse_from([&["x"], arguments].concat()).unwrap();
        let request = parsed.server.identity().unwrap().call(Request::new(())).unwrap();
        let headers = request.metadata().clone().into_headers();
        headers.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn h_01_a_token_or_headers_say_who_calls() {
        let named = ["--tenant", "t", "--principal", "user:ann"];
        assert_eq!(keys(&named), ["x-precinct-tenant", "x-precinct-principal"]);
        assert_eq!(keys(&["--token", "a.b.c"]), ["authorization"]);
        assert_eq!(keys(&[&named[..], &["--token", "a.b.c"]].concat()), ["authorization"]);
        assert!(Arguments::try_parse_from(["x", "--tenant", "t"]).is_err());
    }
}
