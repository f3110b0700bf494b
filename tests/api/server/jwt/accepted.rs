//! Good tokens, and who the server takes their bearers for.

use precinct::pb;
use serde_json::json;
use tonic::Code;

use super::{Door, REFUSED};
use crate::support::actor::{Actor, ok};
use crate::support::status::reason;
use crate::support::tokens::{Key, TENANT};

const OTHER_TENANT: &str = "0192f0c1-0000-7000-8000-000000000002";

/// H-01: every algorithm, and the forms that tokens may take.
#[tokio::test]
async fn h_01_good_tokens() {
    let rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    for key in rsa.map(|algorithm| Key::rsa("k", algorithm)) {
        assert_eq!(Door::of(&[&key]).await.judge(&key.good()).await, "Ok", "{}", key.algorithm);
    }
    let (ec, ed) = (Key::es256("ec"), Key::ed25519("ed"));
    let door = Door::of(&[&ec, &ed]).await;
    let good = [
        ec.good(),
        ed.good(),
        ec.headed(&json!({ "typ": "at+jwt" })),
        ec.headed(&json!({ "typ": null })),
        // The one key that fits the algorithm.
        ed.headed(&json!({ "kid": null })),
        ec.saying(&json!({ "aud": ["other", "precinct"] })),
        ec.saying(&json!({ "nbf": null, "iat": null })),
    ];
    for token in good {
        assert_eq!(door.judge(&token).await, "Ok", "{token}");
    }
}

/// H-01: without a kid there must be no doubt which key is meant.
#[tokio::test]
async fn h_01_no_key_is_guessed() {
    let (a, b) = (Key::es256("a"), Key::es256("b"));
    let door = Door::of(&[&a, &b]).await;
    assert_eq!(door.judge(&a.good()).await, "Ok");
    assert_eq!(door.judge(&a.headed(&json!({ "kid": null }))).await, REFUSED);
}

/// H-01: an issuer that says so signs with no other algorithm.
#[tokio::test]
async fn h_01_algorithms_of_an_issuer() {
    let (rs, ps) = (Key::rsa("k", "RS256"), Key::rsa("k", "PS256"));
    let door = Door::with(&[&rs], &json!({ "algorithms": ["PS256"] }), false).await;
    assert_eq!(door.judge(&ps.good()).await, "Ok");
    assert_eq!(door.judge(&rs.good()).await, REFUSED);
}

async fn context(
    door: &Door,
    token: &str,
    more: &[(&'static str, &str)],
) -> pb::GetCallContextResponse {
    let mut actor =
        Actor::nobody(door.server.clone()).with("authorization", &format!("Bearer {token}"));
    for (name, value) in more {
        actor = actor.with(name, value);
    }
    ok(actor.system().get_call_context(pb::GetCallContextRequest {}).await)
}

/// H-01: the caller is who the token says, and the answer says by which claims.
#[tokio::test]
async fn h_01_the_call_context_of_a_token() {
    let key = Key::es256("k");
    let more =
        json!({ "subject_prefix": "acme/", "tenant_claim": "org.id", "subject_claim": "email" });
    let door = Door::with(&[&key], &more, false).await;
    let token = key.saying(&json!({ "org": { "id": TENANT }, "email": "ann@example.com" }));
    // The second time it is remembered.
    for _ in 0..2 {
        let said = context(&door, &token, &[]).await;
        assert_eq!((said.tenant_id.as_str(), said.tenant_source.as_str()), (TENANT, "jwt:org.id"));
        let (principal, source) = (said.principal, said.principal_source);
        assert_eq!(
            (principal.as_str(), source.as_str()),
            ("user:acme/ann@example.com", "jwt:email")
        );
    }
}

/// H-01: all tokens of an issuer may be of one tenant.
#[tokio::test]
async fn h_01_the_tenant_of_an_issuer() {
    let key = Key::es256("k");
    let door = Door::with(&[&key], &json!({ "tenant": OTHER_TENANT }), false).await;
    let said = context(&door, &key.good(), &[]).await;
    assert_eq!(
        (said.tenant_id.as_str(), said.tenant_source.as_str()),
        (OTHER_TENANT, "jwt-issuer")
    );
}

/// H-01: operators by a claim that the server was told of, and by no other.
#[tokio::test]
async fn h_01_operators() {
    let key = Key::es256("k");
    let admin = key.saying(&json!({ "admin": true, "tenant_id": null }));
    let door = Door::with(&[&key], &json!({ "operator_claim": "admin" }), false).await;
    let said = context(&door, &admin, &[]).await;
    assert_eq!((said.tenant_id.as_str(), said.principal.as_str()), ("", "platform:ann"));
    assert!(said.permissions.contains(&"tenants.administer".to_owned()));
    let said = context(&door, &admin, &[("x-precinct-tenant", TENANT)]).await;
    assert_eq!(
        (said.tenant_id.as_str(), said.tenant_source.as_str()),
        (TENANT, "x-precinct-tenant")
    );
    let member = context(&door, &key.saying(&json!({ "admin": false })), &[]).await;
    assert_eq!(member.principal, "user:ann");
    assert_eq!(door.judge(&key.saying(&json!({ "admin": "true" }))).await, REFUSED);
    let elsewhere = Door::of(&[&key]).await;
    assert_eq!(elsewhere.judge(&admin).await, REFUSED, "a member of no tenant");
}

/// H-01: headers beside a token cannot change who calls.
#[tokio::test]
async fn h_01_headers_beside_a_token() {
    let key = Key::es256("k");
    let door = Door::with(&[&key], &json!({}), true).await;
    let bearer = format!("Bearer {}", key.good());
    let token = ("authorization", bearer.as_str());
    let answer = async |headers: &[(&'static str, &str)]| {
        let status = door.answer(headers).await;
        if status.code() == Code::Ok { "Ok".into() } else { reason(&status) }
    };
    let tenant = |id| ("x-precinct-tenant", id);
    assert_eq!(answer(&[token, tenant(TENANT)]).await, "Ok");
    assert_eq!(answer(&[token, tenant(OTHER_TENANT)]).await, REFUSED);
    assert_eq!(answer(&[token, tenant("acme")]).await, REFUSED);
    assert_eq!(answer(&[token, tenant(TENANT), tenant(TENANT)]).await, REFUSED);
    let bob = ("x-precinct-principal", "platform:bob");
    let said = context(&door, &key.good(), &[bob]).await;
    assert_eq!(said.principal, "user:ann");
    // Trusted headers do for themselves, and never for a token that is no good.
    assert_eq!(answer(&[bob]).await, "Ok");
    assert_eq!(answer(&[bob, ("authorization", "Bearer a.b.c")]).await, REFUSED);
    assert_eq!(answer(&[bob, ("authorization", "Basic YTpi")]).await, REFUSED);
}

/// H-01: a token is good until it expires, remembered or not.
#[tokio::test]
async fn h_01_remembered_tokens_expire() {
    use std::time::Duration;
    let key = Key::es256("k");
    let door = Door::of(&[&key]).await;
    let now = precinct::clock::now() / 1_000_000;
    let token = key.saying(&json!({ "exp": now + 1_000 }));
    assert_eq!(door.judge(&token).await, "Ok");
    // Less than the leeway after the end.
    door.clock.advance(Duration::from_secs(1_000));
    assert_eq!(door.judge(&token).await, "Ok");
    door.clock.advance(Duration::from_secs(31));
    assert_eq!(door.judge(&token).await, REFUSED);
    assert_eq!(door.judge(&key.saying(&json!({ "exp": now + 2_000 }))).await, "Ok");
}
