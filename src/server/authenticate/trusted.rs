//! Callers by headers that a trusted proxy or mesh sets, and strips from what comes from outside.

use http::{HeaderMap, HeaderName};

use super::{Why, single, tenant};
use crate::context::{Caller, Principal, Source};

const PRINCIPAL: HeaderName = HeaderName::from_static("x-precinct-principal");

/// The caller that the headers name.
pub(super) fn caller(headers: &HeaderMap) -> Result<(Caller, Source), Why> {
    let principal = single(headers, &PRINCIPAL).ok_or(Why::Headers)?;
    let tenant = tenant(headers)?;
    let caller = match principal.strip_prefix("platform:") {
        Some(name) => Caller::operator(name, tenant),
        None => {
            let principal = Principal::parse(principal).ok().filter(Principal::can_call);
            principal.zip(tenant).map(|(principal, tenant)| Caller::Member { tenant, principal })
        }
    };
    Ok((caller.ok_or(Why::Headers)?, Source::TrustedHeaders))
}

#[cfg(test)]
mod tests {
    use super::super::tests::headers;
    use super::*;

    const ACME: &str = "0192f0c1-0000-7000-8000-000000000001";

    fn trust(pairs: &[(&'static str, &str)]) -> Result<Caller, Why> {
        caller(&headers(pairs)).map(|(caller, _)| caller)
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
    fn h_01_missing_malformed_and_duplicated_headers_are_refused() {
        let refused: [&[(&str, &str)]; 10] = [
            &[],
            &[("x-precinct-tenant", ACME)],
            &[("x-precinct-principal", "user:ann")],
            &[("x-precinct-tenant", "acme"), ("x-precinct-principal", "user:ann")],
            &[("x-precinct-tenant", ACME), ("x-precinct-principal", "ann")],
            // Groups hold grants; they do not call.
            &[("x-precinct-tenant", ACME), ("x-precinct-principal", "group:sales")],
            &[("x-precinct-principal", "platform:")],
            // The service itself, in audit logs.
            &[("x-precinct-principal", "platform:precinct")],
            &[("x-precinct-tenant", ""), ("x-precinct-principal", "platform:ops")],
            &[
                ("x-precinct-tenant", ACME),
                ("x-precinct-tenant", ACME),
                ("x-precinct-principal", "user:ann"),
            ],
        ];
        for pairs in refused {
            assert!(trust(pairs).is_err(), "{pairs:?}");
        }
    }
}
