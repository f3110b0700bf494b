//! What proves a caller stays out of the logs.

use std::fs;

use precinct::pb;
use serde_json::json;

use crate::support::actor::{Actor, ok};
use crate::support::process::{Process, sqlite};
use crate::support::tokens::{AUDIENCE, ISSUER, Key, jwks};

/// H-01: no part of a token is logged, at whatever level, be it good or forged; why it is refused is.
#[tokio::test]
async fn h_01_tokens_are_not_logged() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::es256("k");
    fs::write(folder.path().join("keys.json"), jwks(&[&key])).unwrap();
    let issuer = json!([{ "issuer": ISSUER, "audiences": [AUDIENCE], "jwks": "keys.json" }]);
    let issuers = folder.path().join("issuers.json");
    fs::write(&issuers, issuer.to_string()).unwrap();
    let server = Process::logging(folder, &["--jwt-issuers", issuers.to_str().unwrap()]);
    server.ready().await;

    let call = async |value: &str| {
        let actor = Actor::over(server.line()).with("authorization", value);
        actor.system().get_server_info(pb::GetServerInfoRequest {}).await
    };
    let subject = "somebody-who-is-told-by-a-claim";
    let good = key.saying(&json!({ "sub": "ann", "mark": subject }));
    ok(call(&format!("Bearer {good}")).await);
    let forged = [
        key.saying(&json!({ "sub": 7, "mark": subject })),
        key.saying(&json!({ "exp": 1 })),
        Key::es256("k").good(),
        key.headed(&json!({ "kid": "a-key-that-nobody-has" })),
        "a-word-that-is-no-token".into(),
        "pct_a-secret-that-is-no-key".into(),
    ];
    for token in &forged {
        call(&format!("Bearer {token}")).await.expect_err("it is forged");
    }
    let basic = "Basic dGhlIHVzZXIncyBwYXNzd29yZA==";
    call(basic).await.expect_err("it is no token");

    let log = server.log();
    for why in ["Subject", "Expired", "Signature", "Key", "Form", "NotOffered", "Headers"] {
        assert!(log.contains(&format!("\"why\":\"{why}\"")), "{why} is logged");
    }
    let (_, password) = basic.split_once(' ').unwrap();
    let parts = forged.iter().chain([&good]).flat_map(|token| token.split('.'));
    // The header alone says nothing, and all have the same.
    let parts = parts.filter(|part| **part != *good.split('.').next().unwrap());
    for secret in parts.chain([password, subject, "a-key-that-nobody-has"]) {
        assert!(!log.contains(secret), "{secret} is logged");
    }
}

/// A new tenant; its id.
async fn tenant(server: &Process) -> String {
    let made = ok(server.operator().try_create_tenant("acme", None).await).tenant;
    made.map(|tenant| tenant.tenant_id).unwrap_or_default()
}

fn owner(server: &Process, tenant: &str) -> Actor {
    Actor::over(server.line())
        .with("x-precinct-tenant", tenant)
        .with("x-precinct-principal", "user:owner")
}

const KEYS_AND_HEADERS: [&str; 4] = ["--api-keys", "--trusted-headers", "--drain-delay", "0s"];

/// no part of a key is logged, neither when it is made nor when it is used.
#[tokio::test]
async fn a_08_keys_are_not_logged() {
    let server = Process::logging(tempfile::tempdir().unwrap(), &KEYS_AND_HEADERS);
    server.ready().await;
    let owner = owner(&server, &tenant(&server).await);
    let account = owner.account("Robot").await;
    let (_, key) = owner.key(&account).await;
    let robot = Actor::over(server.line()).with("authorization", &format!("Bearer {key}"));
    let context = ok(robot.system().get_call_context(pb::GetCallContextRequest {}).await);
    assert_eq!(context.principal, format!("service:{account}"));
    let log = server.log();
    assert!(log.contains(&context.principal), "who called is logged");
    let body = key.strip_prefix("pct_").unwrap();
    // Its middle is the secret: what comes before names the tenant and the key, which are no secrets.
    assert!(!log.contains(&key) && !log.contains(&body[45..80]), "the key is logged");
}

/// W-10: what was used shortly before the end is remembered after it.
#[tokio::test]
async fn w_10_a_server_that_stops_writes_down_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let serve =
        || Process::on(&sqlite(folder.path()), tempfile::tempdir().unwrap(), &KEYS_AND_HEADERS);
    let server = serve();
    server.ready().await;
    let tenant = tenant(&server).await;
    let admin = owner(&server, &tenant);
    let account = admin.account("Robot").await;
    let (_, key) = admin.key(&account).await;
    let robot = Actor::over(server.line()).with("authorization", &format!("Bearer {key}"));
    ok(robot.system().get_server_info(pb::GetServerInfoRequest {}).await);
    server.signal("TERM");
    assert!(server.exit().await.success());
    let server = serve();
    server.ready().await;
    let found = owner(&server, &tenant).try_get_account(&account).await.unwrap();
    assert!(found.last_used_time.is_some());
}
