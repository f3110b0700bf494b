//! `precinct health`: a probe for containers, which have no other.

use std::time::Duration;

use clap::Args;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::Failure;
use super::client::Trust;

const PATIENCE: Duration = Duration::from_secs(3);

/// Arguments of `health`.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// The server to ask; https://… for one that serves with TLS.
    #[arg(long, env = "PRECINCT_HEALTH_ADDRESS", default_value = "127.0.0.1:50051")]
    address: String,

    #[command(flatten)]
    trust: Trust,

    /// What to ask about: readiness, liveness, startup, or a service such as precinct.v1.PersonService.
    #[arg(long, default_value = "readiness")]
    service: String,
}

// === impl Health ===

impl Health {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let address = match self.address.contains("://") {
            true => self.address.clone(),
            false => format!("http://{}", self.address),
        };
        let endpoint =
            self.trust.endpoint(&address).map_err(|error| Failure::Config(error.to_string()))?;
        let unreachable = |what: &dyn std::fmt::Display| {
            Failure::Unreachable(format!("no answer from {}: {what}", self.address))
        };
        let channel = endpoint.connect_timeout(PATIENCE).timeout(PATIENCE).connect().await;
        let mut client = HealthClient::new(channel.map_err(|error| unreachable(&error))?);
        let request = HealthCheckRequest { service: self.service.clone() };
        match client.check(request).await {
            Ok(reply) if reply.get_ref().status() == ServingStatus::Serving => {
                println!("serving");
                Ok(())
            }
            Ok(_) => Err(Failure::NotServing(format!("{}: not serving", self.service))),
            Err(status) if status.code() == tonic::Code::NotFound => {
                Err(Failure::NotServing(format!("{}: no such service", self.service)))
            }
            Err(status) => Err(unreachable(&status.message())),
        }
    }
}
