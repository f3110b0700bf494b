//! Who is calling: the ways to prove it, and the one refusal of all that is missing or wrong.
//!
//! A call with an `authorization` header is judged by that alone wherever bearers of tokens are known; other
//! headers then prove nothing. The form of what is borne says which way it goes, so a new kind of bearer is
//! one arm in [`Ways::bearer`].

mod api_key;
mod claims;
mod fetch;
mod jwks;
mod jwt;
mod keys;
mod trusted;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use self::jwt::Jwt;
use crate::clock::Clock;
use crate::config::{Authentication, TOKEN_BYTES};
use crate::context::{Caller, Source};
use crate::domain::access::api_key::PREFIX;
use crate::error::{Error, Reason, Result};
use crate::id::TenantId;

pub(super) use self::api_key::Keys;

const TENANT: HeaderName = HeaderName::from_static("x-precinct-tenant");
const AT_LEAST_REVISION: HeaderName = HeaderName::from_static("x-precinct-at-least-revision");

/// The ways to prove who is calling.
#[derive(Debug)]
pub(super) struct Ways {
    trusted_headers: bool,
    jwt: Option<Jwt>,
    api_keys: bool,
    clock: Clock,
    refusal: String,
}

/// Why a caller is not known, for the log: callers learn nothing from it, and logs nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The headers of the call are missing, malformed or there twice.
    Headers,
    /// It is too long, or not of the form of a token.
    Form,
    /// The token's header asks for what is not done here, or leaves out what is needed.
    Header,
    /// The algorithm is not one of the issuer's.
    Algorithm,
    /// The issuer is not known.
    Issuer,
    /// The issuer has no such key.
    Key,
    /// The signature is not that of the key.
    Signature,
    /// It has expired, or does not say when it will.
    Expired,
    /// It is not valid yet.
    Early,
    /// It is meant for somebody else.
    Audience,
    /// The subject cannot be a caller.
    Subject,
    /// The tenant is missing, is not one, or is not that of the headers.
    Tenant,
    /// The claim that tells operators is not a boolean.
    Operator,
    /// There is no such API key with this secret, or it has ended, or its account is switched off.
    ApiKey,
    /// The way is not offered.
    NotOffered,
    /// The keys of the issuer cannot be had; the caller may be right.
    NoKeys,
}

/// A caller who is not known, or who cannot be known at the moment.
pub(super) enum Refused {
    /// What was brought is missing or wrong.
    Why(Why),
    /// It could not be looked at.
    Failed(Error),
}

// === impl Refused ===

impl From<Why> for Refused {
    fn from(why: Why) -> Self {
        Self::Why(why)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

// === impl Ways ===

impl Ways {
    /// The ways that are switched on.
    pub(super) fn new(config: &Authentication) -> Self {
        Self {
            trusted_headers: config.trusted_headers,
            jwt: (!config.jwt.is_empty()).then(|| Jwt::new(&config.jwt, &config.clock)),
            api_keys: config.api_keys,
            clock: config.clock.clone(),
            refusal: refusal(config),
        }
    }

    /// The caller. One text for all that is missing or wrong: a guess learns nothing from it. Without `keys`,
    /// which come with the database, nobody has an API key.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        keys: Option<Keys<'_>>,
    ) -> Result<(Caller, Source)> {
        let bearers = self.jwt.is_some() || self.api_keys;
        let judged = match bearers && headers.contains_key(AUTHORIZATION) {
            true => self.bearer(headers, keys).await,
            false if self.trusted_headers => trusted::caller(headers).map_err(Refused::Why),
            false => Err(Why::Headers.into()),
        };
        judged.map_err(|refused| {
            let why = match refused {
                Refused::Why(why) => why,
                Refused::Failed(error) => return error,
            };
            tracing::info!(?why, "the caller is refused");
            match why {
                Why::NoKeys => Error::new(
                    Reason::KeysUnavailable,
                    "the keys that tokens are checked with cannot be had at the moment; try again",
                ),
                _ => Error::new(Reason::CredentialsRequired, self.refusal.as_str()),
            }
        })
    }

    /// Fetches what will be needed.
    pub(super) fn prepare(&self) {
        if let Some(jwt) = &self.jwt {
            jwt.prepare();
        }
    }

    async fn bearer(
        &self,
        headers: &HeaderMap,
        keys: Option<Keys<'_>>,
    ) -> Result<(Caller, Source), Refused> {
        let token = borne(headers)?;
        // No JWT begins so: each begins with a brace in base64.
        let (mut caller, source) = match token.starts_with(PREFIX) {
            true if self.api_keys => {
                let keys = keys.ok_or_else(super::starting)?;
                keys.caller(token, &self.clock).await?
            }
            true => return Err(Why::NotOffered.into()),
            false => self.jwt.as_ref().ok_or(Why::NotOffered)?.caller(token).await?,
        };
        // A proxy may say the tenant too, and then has to agree. Operators say on which they act.
        let named = tenant(headers)?;
        match &mut caller {
            Caller::Member { tenant, .. } if named.is_some_and(|named| named != *tenant) => {
                return Err(Why::Tenant.into());
            }
            Caller::Member { .. } => {}
            Caller::Operator { acting_on, .. } => *acting_on = named,
        }
        Ok((caller, source))
    }
}

/// What a call must bring, by the ways that are on.
fn refusal(config: &Authentication) -> String {
    let ways = [
        (!config.jwt.is_empty(), "authorization: Bearer <token of a known issuer>"),
        (config.api_keys, "authorization: Bearer <API key>"),
        (
            config.trusted_headers,
            "x-precinct-tenant (a UUID) and x-precinct-principal (user:<subject> or service:<id>), each once, \
             set by a trusted proxy",
        ),
    ];
    let ways: Vec<&str> = ways.into_iter().filter_map(|(on, way)| on.then_some(way)).collect();
    match ways.is_empty() {
        true => "valid credentials are required, and this server knows no way to prove any".into(),
        false => format!("valid credentials are required: {}", ways.join("; or ")),
    }
}

/// The revision that a read must have reached, if the caller names one.
pub(super) fn at_least_revision(headers: &HeaderMap) -> Result<Option<i64>> {
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

/// What the caller bears.
fn borne(headers: &HeaderMap) -> Result<&str, Why> {
    let value = single(headers, &AUTHORIZATION).ok_or(Why::Headers)?;
    let (scheme, token) = value.split_once(' ').ok_or(Why::Headers)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Why::Headers);
    }
    let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    let sized = (1..=TOKEN_BYTES).contains(&token.len());
    if plain && sized { Ok(token) } else { Err(Why::Form) }
}

/// The tenant that the headers name, if they do.
fn tenant(headers: &HeaderMap) -> Result<Option<TenantId>, Why> {
    if !headers.contains_key(TENANT) {
        return Ok(None);
    }
    let named = single(headers, &TENANT).and_then(TenantId::parse_usual);
    named.map(Some).ok_or(Why::Tenant)
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

    pub(super) fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let parse = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.iter().map(parse) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn h_01_the_refusal_tells_the_ways_that_are_on() {
        let all =
            Authentication { trusted_headers: true, api_keys: true, ..Authentication::default() };
        assert!(
            refusal(&all).contains("API key") && refusal(&all).contains("x-precinct-principal")
        );
        assert!(!refusal(&Authentication::trusted_headers()).contains("Bearer"));
        assert!(refusal(&Authentication::default()).contains("no way"));
    }

    #[test]
    fn h_01_what_is_borne() {
        let borne_by = |values: &[&str]| {
            let pairs: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
            borne(&headers(&pairs)).map(str::to_owned)
        };
        assert_eq!(borne_by(&["Bearer a.b.c"]).as_deref(), Ok("a.b.c"));
        assert_eq!(borne_by(&["bearer pct_x"]).as_deref(), Ok("pct_x"));
        for refused in
            [&[][..], &["Bearer a", "Bearer a"], &["Bearer"], &["a.b.c"], &["Basic YTpi"]]
        {
            assert_eq!(borne_by(refused), Err(Why::Headers), "{refused:?}");
        }
        let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES + 1));
        for refused in ["Bearer ", "Bearer  a", "Bearer a b", "Bearer a,b c", long.as_str()] {
            assert_eq!(borne_by(&[refused]), Err(Why::Form), "{}", refused.len());
        }
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
