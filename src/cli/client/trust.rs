//! Whom to believe that it is the service.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

use super::{Error, Result};

/// Whom to believe that it is the service, over TLS.
#[derive(Args, Clone, Debug, Default)]
pub struct Trust {
    /// Who vouches for the service's certificate, as PEM [default: those whom browsers trust].
    #[arg(long, env = "PRECINCT_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

// === impl Trust ===

impl Trust {
    /// The service at an address.
    pub fn endpoint(&self, address: &str) -> Result<Endpoint> {
        let unusable = |error| Error::Input(format!("--address {address}: {error}"));
        let endpoint = Endpoint::from_shared(address.to_owned())
            .and_then(|endpoint| {
                endpoint.user_agent(concat!("precinct/", env!("CARGO_PKG_VERSION")))
            })
            .map_err(unusable)?;
        if endpoint.uri().scheme_str() != Some("https") {
            return match &self.ca {
                Some(_) => Err(Error::Input("--ca: needs an --address of https://".into())),
                None => Ok(endpoint),
            };
        }
        let tls = match &self.ca {
            Some(file) => {
                let pem = fs::read(file).map_err(|error| Error::file(file, error))?;
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem))
            }
            None => ClientTlsConfig::new().with_webpki_roots(),
        };
        endpoint.tls_config(tls).map_err(unusable)
    }
}
