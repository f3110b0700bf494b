//! Who is calling: ways to prove it, tried in order.

use http::{HeaderMap, HeaderName};

use crate::context::{Caller, Principal, Source};
use crate::error::{Error, Reason, Result};
use crate::id::TenantId;

const TENANT: HeaderName = HeaderName::from_static("x-precinct-tenant");
const PRINCIPAL: HeaderName = HeaderName::from_static("x-precinct-principal");
const AT_LEAST_REVISION: HeaderName = HeaderName::from_static("x-precinct-at-least-revision");

/// A way to prove who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticator {
    /// Headers that a trusted proxy or mesh sets, and strips from what comes from outside.
    TrustedHeaders,
}

/// The caller, by the first way that applies. One text for all that is missing or wrong: a guess learns
/// nothing from it.
pub fn caller(ways: &[Authenticator], headers: &HeaderMap) -> Result<(Caller, Source)> {
    ways.iter().find_map(|way| way.caller(headers)).ok_or_else(|| {
        Error::new(
            Reason::CredentialsRequired,
            "valid credentials are required: x-precinct-tenant (a UUID) and x-precinct-principal \
             (user:<subject>, group:<id> or service:<id>), each once, set by a trusted proxy",
        )
    })
}

/// The revision that a read must have reached, if the caller names one.
pub fn at_least_revision(headers: &HeaderMap) -> Result<Option<i64>> {
    if !headers.contains_key(AT_LEAST_REVISION) {
        return Ok(None);
    }
    let revision = single(headers, &AT_LEAST_REVISION)
        .and_then(|text| text.parse().ok())
        .filter(|revision| *revision >= 0);
    match revision {
        Some(revision) => Ok(Some(revision)),
        None => {
            Err(Error::invalid(AT_LEAST_REVISION.as_str(), "must be a number, 0 or more, once"))
        }
    }
}

// === impl Authenticator ===

impl Authenticator {
    fn caller(self, headers: &HeaderMap) -> Option<(Caller, Source)> {
        match self {
            Self::TrustedHeaders => Some((trusted(headers)?, Source::TrustedHeaders)),
        }
    }
}

fn trusted(headers: &HeaderMap) -> Option<Caller> {
    let principal = single(headers, &PRINCIPAL)?;
    let tenant = match headers.contains_key(TENANT) {
        true => Some(tenant_id(single(headers, &TENANT)?)?),
        false => None,
    };
    match principal.strip_prefix("platform:") {
        Some(name) => {
            let known = !name.is_empty() && principal.len() <= Principal::MAX_BYTES;
            known.then(|| Caller::Operator { name: name.into(), acting_on: tenant })
        }
        None => {
            let principal = Principal::parse(principal).ok()?;
            Some(Caller::Member { tenant: tenant?, principal })
        }
    }
}

fn tenant_id(text: &str) -> Option<TenantId> {
    // Only the usual form, as in requests.
    text.parse().ok().filter(|_| text.len() == 36)
}

/// The value of a header that is there exactly once; a second one would let two readers see two callers.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "0192f0c1-0000-7000-8000-000000000001";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let parse = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(parse) {
            headers.append(name, value);
        }
        headers
    }

    fn trust(pairs: &[(&'static str, &str)]) -> Result<Caller> {
        caller(&[Authenticator::TrustedHeaders], &headers(pairs)).map(|(caller, _)| caller)
    }

    #[test]
    fn h_01_members_and_operators() {
        let member =
            trust(&[("x-precinct-tenant", ACME), ("x-precinct-principal", "user:ann")]).unwrap();
        assert_eq!(member.to_string(), "user:ann");
        let operator = trust(&[("x-precinct-principal", "platform:ops")]).unwrap();
        assert_eq!(operator, Caller::Operator { name: "ops".into(), acting_on: None });
    }

    #[test]
    fn h_01_missing_malformed_and_duplicated_headers_are_refused_alike() {
        let refused: [&[(&str, &str)]; 8] = [
            &[],
            &[("x-precinct-tenant", ACME)],
            &[("x-precinct-principal", "user:ann")],
            &[("x-precinct-tenant", "acme"), ("x-precinct-principal", "user:ann")],
            &[("x-precinct-tenant", ACME), ("x-precinct-principal", "ann")],
            &[("x-precinct-principal", "platform:")],
            &[("x-precinct-tenant", ""), ("x-precinct-principal", "platform:ops")],
            &[
                ("x-precinct-tenant", ACME),
                ("x-precinct-tenant", ACME),
                ("x-precinct-principal", "user:ann"),
            ],
        ];
        let texts = refused.map(|pairs| trust(pairs).unwrap_err().to_string());
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        assert!(texts[0].starts_with("CREDENTIALS_REQUIRED"));
    }

    #[test]
    fn h_08_at_least_revision() {
        let read = |value| at_least_revision(&headers(&[("x-precinct-at-least-revision", value)]));
        assert_eq!(at_least_revision(&HeaderMap::new()).unwrap(), None);
        assert_eq!(read("7").unwrap(), Some(7));
        for refused in ["", "-1", "x", "9223372036854775808"] {
            assert_eq!(read(refused).unwrap_err().reason(), Some(Reason::InvalidField));
        }
    }
}
