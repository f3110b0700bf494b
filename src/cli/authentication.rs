//! The flags of `precinct serve` that say how callers prove who they are.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::Failure;
use crate::clock::Clock;
use crate::config::{Authentication, Issuer};

/// How callers prove who they are; all ways that are on hold.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Who may call")]
pub(super) struct Ways {
    /// Take the caller from x-precinct-tenant and x-precinct-principal: only behind a proxy or mesh that sets
    /// them itself [default: on loopback, if no other way is on].
    #[arg(long, env = "PRECINCT_TRUSTED_HEADERS", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    trusted_headers: Option<bool>,

    /// Take tokens of the identity providers that this file lists.
    #[arg(long, env = "PRECINCT_JWT_ISSUERS", value_name = "FILE")]
    jwt_issuers: Option<PathBuf>,

    /// Take API keys of service accounts.
    #[arg(long, env = "PRECINCT_API_KEYS", value_parser = BoolishValueParser::new())]
    api_keys: bool,
}

// === impl Ways ===

impl Ways {
    /// The ways that are on, one of which there has to be.
    pub(super) fn on(&self, listen: SocketAddr) -> Result<Authentication, Failure> {
        let jwt = match &self.jwt_issuers {
            // A variable that is set to nothing is a flag that is not given.
            Some(file) if !file.as_os_str().is_empty() => Issuer::read(file).map_err(|error| {
                Failure::Config(format!("--jwt-issuers {}: {error}", file.display()))
            })?,
            _ => Vec::new(),
        };
        let others = !jwt.is_empty() || self.api_keys;
        let ways = Authentication {
            trusted_headers: self.trusted_headers.unwrap_or(listen.ip().is_loopback() && !others),
            jwt,
            api_keys: self.api_keys,
            clock: Clock::default(),
        };
        if ways.is_empty() { Err(nobody(listen)) } else { Ok(ways) }
    }
}

fn nobody(listen: SocketAddr) -> Failure {
    let why = match listen.ip().is_loopback() {
        true => "nothing authenticates callers".into(),
        false => {
            format!(
                "{listen} can be reached from other machines, and nothing authenticates callers"
            )
        }
    };
    Failure::Config(format!(
        "{why}: set --jwt-issuers FILE (PRECINCT_JWT_ISSUERS) for tokens of an identity provider, --api-keys \
         (PRECINCT_API_KEYS=true) for keys of service accounts, or, behind a proxy or mesh that sets \
         x-precinct-tenant and x-precinct-principal, --trusted-headers (PRECINCT_TRUSTED_HEADERS=true); else \
         listen on 127.0.0.1 without --trusted-headers=false"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(ways: &Ways, listen: &str) -> Option<(bool, bool)> {
        let on = ways.on(listen.parse().unwrap()).ok()?;
        Some((on.trusted_headers, on.api_keys))
    }

    #[test]
    fn h_01_headers_are_trusted_where_nothing_else_is_said_and_nobody_else_can_call() {
        let silent = Ways::default();
        assert_eq!(on(&silent, "127.0.0.1:0"), Some((true, false)));
        assert_eq!(on(&silent, "[::1]:0"), Some((true, false)));
        assert_eq!(on(&silent, "0.0.0.0:0"), None);
        let keys = Ways { api_keys: true, ..Ways::default() };
        assert_eq!(on(&keys, "127.0.0.1:0"), Some((false, true)));
        assert_eq!(on(&keys, "0.0.0.0:0"), Some((false, true)));
    }

    #[test]
    fn h_01_what_is_said_holds() {
        let said = |trusted, api_keys| Ways {
            trusted_headers: Some(trusted),
            api_keys,
            ..Ways::default()
        };
        assert_eq!(on(&said(true, true), "0.0.0.0:0"), Some((true, true)));
        assert_eq!(on(&said(true, false), "0.0.0.0:0"), Some((true, false)));
        assert_eq!(on(&said(false, false), "127.0.0.1:0"), None);
    }
}
