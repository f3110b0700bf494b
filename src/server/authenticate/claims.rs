//! What a token whose signature is good says of its bearer.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Why;
use crate::clock::Micros;
use crate::config::{Issuer, TOKEN_LEEWAY};
use crate::context::{Caller, Principal};
use crate::id::TenantId;

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// The caller, and when the token expires, if an issuer says so in a token that holds at a time.
pub(super) fn accept(
    claims: &Claims,
    issuer: &Issuer,
    now: Micros,
) -> Result<(Caller, Micros), Why> {
    let expires = times(claims, now)?;
    let audiences = audiences(claims).ok_or(Why::Audience)?;
    if !audiences.iter().any(|audience| issuer.audiences.iter().any(|known| known == audience)) {
        return Err(Why::Audience);
    }
    let subject =
        find(claims, &issuer.subject_claim).and_then(Value::as_str).ok_or(Why::Subject)?;
    if subject.is_empty() {
        return Err(Why::Subject);
    }
    let subject = [issuer.subject_prefix.as_deref().unwrap_or_default(), subject].concat();
    // Operators keep to the same form, which bounds the length and keeps logs to a line.
    let principal = Principal::parse(&format!("user:{subject}")).map_err(|_| Why::Subject)?;
    let caller = match operator(claims, issuer)? {
        true => Caller::operator(&subject, None).ok_or(Why::Subject)?,
        false => Caller::Member { tenant: tenant(claims, issuer)?, principal },
    };
    Ok((caller, expires))
}

/// When the token expires; an error if that has been, or if it is not valid yet.
fn times(claims: &Claims, now: Micros) -> Result<Micros, Why> {
    let leeway = micros(TOKEN_LEEWAY.as_secs_f64());
    let expires = claims.get("exp").and_then(Value::as_f64).map(micros).ok_or(Why::Expired)?;
    let expires = expires.saturating_add(leeway);
    if expires <= now {
        return Err(Why::Expired);
    }
    for name in ["nbf", "iat"] {
        let Some(claim) = claims.get(name) else { continue };
        let from = claim.as_f64().map(micros).ok_or(Why::Early)?;
        if from.saturating_sub(leeway) > now {
            return Err(Why::Early);
        }
    }
    Ok(expires)
}

/// Seconds as microseconds; what is beyond time stays at its end.
#[allow(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
fn micros(seconds: f64) -> Micros {
    (seconds * Duration::from_secs(1).as_micros() as f64) as Micros
}

fn audiences(claims: &Claims) -> Option<Vec<&str>> {
    match claims.get("aud")? {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => several.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn operator(claims: &Claims, issuer: &Issuer) -> Result<bool, Why> {
    let claim = issuer.operator_claim.as_deref().and_then(|name| find(claims, name));
    claim.map_or(Ok(false), |claim| claim.as_bool().ok_or(Why::Operator))
}

fn tenant(claims: &Claims, issuer: &Issuer) -> Result<TenantId, Why> {
    match issuer.tenant {
        Some(tenant) => Ok(tenant),
        None => find(claims, &issuer.tenant_claim)
            .and_then(Value::as_str)
            .and_then(TenantId::parse_usual)
            .ok_or(Why::Tenant),
    }
}

/// A claim by its exact name, else by a dotted path. Names with dots in them are URLs as a rule.
fn find<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(name) {
        return Some(claim);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.').try_fold(claims.get(first)?, |claim, part| claim.get(part))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    const ACME: &str = "0192f0c1-0000-7000-8000-000000000001";
    const NOW: i64 = 1_000_000;

    fn issuer(more: &str) -> Issuer {
        let text = format!(
            r#"[{{"issuer": "a", "audiences": ["precinct", "p"], "jwks": "https://a/"{more}}}]"#
        );
        Issuer::parse(&text, Path::new("")).unwrap().remove(0)
    }

    /// Claims that are good, with some put in their place; null takes one out.
    fn claims(changes: Value) -> Claims {
        let mut claims = json!({"aud": "p", "exp": NOW, "sub": "ann", "tenant_id": ACME});
        let claims = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            claims.insert(name.clone(), value.clone());
            if value.is_null() {
                claims.remove(name);
            }
        }
        claims.clone()
    }

    fn judged(changes: Value, more: &str) -> Result<String, Why> {
        let (caller, _) = accept(&claims(changes), &issuer(more), NOW * 1_000_000)?;
        Ok(match caller {
            Caller::Member { tenant, principal } => format!("{tenant} {}", principal.as_str()),
            operator => operator.to_string(),
        })
    }

    #[test]
    fn h_01_who_is_who() {
        let ann = Ok(format!("{ACME} user:ann"));
        assert_eq!(judged(json!({}), ""), ann);
        assert_eq!(judged(json!({"aud": ["other", "p"]}), ""), ann);
        assert_eq!(judged(json!({"tenant_id": null}), &format!(r#", "tenant": "{ACME}""#)), ann);
        let prefixed = judged(json!({}), r#", "subject_prefix": "a/""#);
        assert_eq!(prefixed, Ok(format!("{ACME} user:a/ann")));
        let nested = r#", "tenant_claim": "org.id", "subject_claim": "https://a.b/who""#;
        let named = json!({"tenant_id": null, "org": {"id": ACME}, "https://a.b/who": "bob"});
        assert_eq!(judged(named, nested), Ok(format!("{ACME} user:bob")));
    }

    #[test]
    fn h_01_operators_by_a_claim_that_the_issuer_is_given() {
        let admin = r#", "operator_claim": "realm.admin""#;
        let of = |value: Value| json!({"realm": {"admin": value}});
        assert_eq!(judged(of(json!(true)), admin), Ok("platform:ann".into()));
        assert_eq!(judged(of(json!(false)), admin), Ok(format!("{ACME} user:ann")));
        assert_eq!(judged(of(json!(true)), ""), Ok(format!("{ACME} user:ann")));
        for odd in [json!("true"), json!(1), json!([true])] {
            assert_eq!(judged(of(odd), admin), Err(Why::Operator));
        }
    }

    #[test]
    fn h_01_times_hold_within_the_leeway() {
        for (changes, judgement) in [
            (json!({"exp": NOW - 29}), Ok(())),
            (json!({"exp": NOW - 30}), Err(Why::Expired)),
            (json!({"exp": null}), Err(Why::Expired)),
            (json!({"exp": "1000000"}), Err(Why::Expired)),
            (json!({"exp": NOW as f64 + 0.5}), Ok(())),
            (json!({"exp": 1e300}), Ok(())),
            (json!({"exp": -1}), Err(Why::Expired)),
            (json!({"nbf": NOW + 30, "iat": NOW + 30}), Ok(())),
            (json!({"nbf": NOW + 31}), Err(Why::Early)),
            (json!({"iat": NOW + 31}), Err(Why::Early)),
            (json!({"nbf": "0"}), Err(Why::Early)),
            (json!({"iat": [0]}), Err(Why::Early)),
        ] {
            assert_eq!(judged(changes.clone(), "").map(|_| ()), judgement, "{changes}");
        }
    }

    #[test]
    fn h_01_claims_of_the_wrong_type_are_refused() {
        for (changes, why) in [
            (json!({"aud": null}), Why::Audience),
            (json!({"aud": []}), Why::Audience),
            (json!({"aud": "P"}), Why::Audience),
            (json!({"aud": ["p", 7]}), Why::Audience),
            (json!({"aud": {"p": true}}), Why::Audience),
            (json!({"sub": null}), Why::Subject),
            (json!({"sub": 7}), Why::Subject),
            (json!({"sub": ""}), Why::Subject),
            (json!({"sub": "a\nb"}), Why::Subject),
            (json!({"sub": "a".repeat(251)}), Why::Subject),
            (json!({"tenant_id": null}), Why::Tenant),
            (json!({"tenant_id": "acme"}), Why::Tenant),
            (json!({"tenant_id": 7}), Why::Tenant),
            (json!({"tenant_id": ACME.replace('-', "")}), Why::Tenant),
            (json!({"tenant_id": [ACME]}), Why::Tenant),
        ] {
            assert_eq!(judged(changes.clone(), ""), Err(why), "{changes}");
        }
    }
}
