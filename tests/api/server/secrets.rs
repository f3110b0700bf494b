//! What proves a caller stays out of the logs.

use std::fs;

use precinct::pb;
use serde_json::json;

use crate::support::actor::{Actor, ok};
use crate::support::process::Process;
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
