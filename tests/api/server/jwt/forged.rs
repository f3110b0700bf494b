//! Forged tokens. Each is one that is accepted, but for what it is about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Door, parse};
use crate::support::status::reason;
use crate::support::tokens::{
    AUDIENCE, ISSUER, Key, RSA_PUBLIC, TENANT, changed, claims, encode, jwks, message,
};

const OTHER_ISSUER: &str = "https://other.example.com";

/// The keys of the issuer, of another issuer that is known too, and of somebody else.
struct Keys {
    ec: Key,
    rsa: Key,
    other: Key,
    foreign: Key,
}

/// A description, and the values of the `authorization` headers.
type Forged = (String, Vec<String>);

async fn door(keys: &Keys) -> Door {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), jwks(&[&keys.ec, &keys.rsa])).unwrap();
    std::fs::write(folder.path().join("b.json"), jwks(&[&keys.other])).unwrap();
    let issuer = |name: &str, file: &str| json!({ "issuer": name, "audiences": [AUDIENCE], "jwks": file, "subject_prefix": "" });
    let issuers = [issuer(ISSUER, "a.json"), issuer(OTHER_ISSUER, "b.json")];
    let issuers = parse(&issuers, folder.path());
    Door::over(folder, issuers, false).await
}

/// H-01: whatever is wrong with a token, the answer is the same to the last byte.
#[tokio::test]
async fn h_01_forged_tokens_are_refused_alike() {
    let keys = Keys {
        ec: Key::es256("ec"),
        rsa: Key::rsa("rsa", "RS256"),
        other: Key::es256("other"),
        foreign: Key::es256("ec"),
    };
    let door = door(&keys).await;
    // The tokens that the forged ones are made from.
    let of_other = keys.other.saying(&json!({ "iss": OTHER_ISSUER }));
    for good in [keys.ec.good(), keys.rsa.good(), of_other, keys.ec.headed(&json!({ "kid": null }))]
    {
        assert_eq!(door.judge(&good).await, "Ok", "{good}");
    }
    let nobody = door.answer(&[]).await;
    assert_eq!(reason(&nobody), super::REFUSED);
    let forged = [
        algorithms(&keys),
        headers(&keys),
        key_ids(&keys),
        times_and_types(&keys),
        signatures(&keys),
        authorizations(&keys),
    ];
    for (what, values) in forged.concat() {
        let values: Vec<_> = values.iter().map(|value| ("authorization", value.as_str())).collect();
        let status = door.answer(&values).await;
        assert_eq!(whole(&status), whole(&nobody), "{what}");
    }
}

/// H-01: what a refusal says is what the ways that are on need.
#[tokio::test]
async fn h_01_the_refusal_says_what_is_needed() {
    let status = Door::of(&[&Key::es256("ec")]).await.answer(&[]).await;
    assert!(status.message().contains("Bearer"), "{status:?}");
    assert!(!status.message().contains("x-precinct-principal"), "{status:?}");
}

/// A status to the last byte.
fn whole(status: &Status) -> (Code, String, Vec<u8>) {
    assert_eq!(status.get_details_request_info().expect("the id").request_id, "the call");
    (status.code(), status.message().into(), status.details().into())
}

fn bearer((what, token): (impl Into<String>, String)) -> Forged {
    (what.into(), vec![format!("Bearer {token}")])
}

fn algorithms(keys: &Keys) -> Vec<Forged> {
    let mut forged = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let message = message(&changed(keys.ec.header(), &json!({ "alg": none })), &claims());
        forged.push((format!("alg {none:?}, not signed"), format!("{message}.")));
        forged.push((format!("alg {none:?}, two parts"), message));
        forged.push((format!("alg {none:?}, signed"), keys.ec.headed(&json!({ "alg": none }))));
    }
    let inner: String = RSA_PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let secrets = [
        ("PEM", RSA_PUBLIC.as_bytes().to_vec()),
        ("PEM without its last line break", RSA_PUBLIC.trim_end().as_bytes().to_vec()),
        ("DER", STANDARD.decode(inner).unwrap()),
        ("JWK", keys.rsa.jwk().to_string().into_bytes()),
        ("nothing", Vec::new()),
    ];
    for (what, secret) in secrets {
        let message = message(&changed(keys.rsa.header(), &json!({ "alg": "HS256" })), &claims());
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signature = encode(hmac::sign(&secret, message.as_bytes()));
        forged.push((
            format!("HS256 with {what} of the public key"),
            format!("{message}.{signature}"),
        ));
    }
    for other in ["RS256", "ES384", "PS256", "EdDSA", "ES256K", "es256"] {
        forged.push((
            format!("an EC key, said to be {other}"),
            keys.ec.headed(&json!({ "alg": other })),
        ));
    }
    forged.push(("alg is a list".into(), keys.ec.headed(&json!({ "alg": ["ES256"] }))));
    forged.push(("no alg".into(), keys.ec.headed(&json!({ "alg": null }))));
    forged.into_iter().map(bearer).collect()
}

fn headers(keys: &Keys) -> Vec<Forged> {
    let url = "http://127.0.0.1:1/jwks";
    let changes = [
        ("jwk", json!({ "jwk": keys.foreign.jwk() })),
        ("jwk without a kid", json!({ "jwk": keys.foreign.jwk(), "kid": null })),
        ("jku", json!({ "jku": url })),
        ("x5u", json!({ "x5u": url })),
        ("x5c", json!({ "x5c": ["MIIB"] })),
        ("nothing more", json!({})),
    ];
    let foreign = changes.iter().map(|(what, change)| {
        (format!("signed by somebody else, with {what}"), keys.foreign.headed(change))
    });
    let carried = [
        json!({ "jwk": keys.ec.jwk() }),
        json!({ "jku": url }),
        json!({ "x5u": url }),
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "crit": { "crit": ["b64"] } }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "zip": "DEF" }),
        json!({ "enc": "A128GCM" }),
        json!({ "typ": "JWE" }),
        json!({ "typ": 7 }),
    ];
    let ours =
        carried.iter().map(|change| (format!("ours, with {change}"), keys.ec.headed(change)));
    foreign.chain(ours).map(bearer).collect()
}

fn key_ids(keys: &Keys) -> Vec<Forged> {
    let ids: [Value; 8] = [
        "../../dev/null".into(),
        "' OR 1=1 --".into(),
        "ec\0".into(),
        "".into(),
        "k".repeat(4_000).into(),
        "rsa".into(),
        "other".into(),
        json!(["ec"]),
    ];
    let ids = ids.iter().map(|id| (format!("kid {id}"), keys.ec.headed(&json!({ "kid": id }))));
    let issuers = [
        ("the other issuer's key and kid", keys.other.good()),
        ("the other issuer's name", keys.ec.saying(&json!({ "iss": OTHER_ISSUER }))),
        ("the other issuer's key under our kid", keys.other.headed(&json!({ "kid": "ec" }))),
    ];
    ids.chain(issuers.map(|(what, token)| (what.to_owned(), token))).map(bearer).collect()
}

fn times_and_types(keys: &Keys) -> Vec<Forged> {
    let now = precinct::clock::now() / 1_000_000;
    let changes = [
        json!({ "exp": now - 31 }),
        json!({ "exp": (now + 3_600).to_string() }),
        json!({ "exp": null }),
        json!({ "exp": [now + 3_600] }),
        json!({ "exp": -1 }),
        json!({ "nbf": now + 3_000 }),
        json!({ "nbf": "0" }),
        json!({ "iat": now + 3_000 }),
        json!({ "iat": "0" }),
        json!({ "sub": 7 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "ann\nbob" }),
        json!({ "sub": "a".repeat(300) }),
        json!({ "aud": "other" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": [AUDIENCE, 7] }),
        json!({ "aud": 7 }),
        json!({ "iss": "https://id.example.com/" }),
        json!({ "iss": null }),
        json!({ "iss": [ISSUER] }),
        json!({ "iss": 7 }),
        json!({ "tenant_id": "acme" }),
        json!({ "tenant_id": TENANT.replace('-', "") }),
        json!({ "tenant_id": 7 }),
        json!({ "tenant_id": [TENANT] }),
        json!({ "tenant_id": null }),
        json!({ "padding": "a".repeat(8 * 1024) }),
    ];
    changes.iter().map(|change| bearer((change.to_string(), keys.ec.saying(change)))).collect()
}

fn signatures(keys: &Keys) -> Vec<Forged> {
    let good = keys.ec.good();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let another = keys.ec.saying(&json!({ "sub": "bob" }));
    let (_, another) = another.rsplit_once('.').unwrap();
    let [header, payload] = signed.split('.').collect::<Vec<_>>()[..] else { panic!("two parts") };
    let forged = [
        ("half a signature", format!("{signed}.{}", &signature[..43])),
        ("no signature", format!("{signed}.")),
        ("the signature of another token", format!("{signed}.{another}")),
        ("zeros", format!("{signed}.{}", encode([0; 64]))),
        ("zeros in DER", format!("{signed}.{}", encode([0x30, 6, 2, 1, 0, 2, 1, 0]))),
        ("padding", format!("{signed}.{signature}==")),
        ("a fourth part", format!("{good}.")),
        ("a fourth part in front", format!(".{good}")),
        ("one part", "token".into()),
        ("dots", "..".into()),
        ("no claims", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("claims that are a list", keys.ec.token(&keys.ec.header(), &json!(["ann"]))),
        ("an API key", "pct_abc".into()),
    ];
    forged.map(bearer).into()
}

fn authorizations(keys: &Keys) -> Vec<Forged> {
    let good = keys.ec.good();
    let whole = format!("Bearer {good}");
    let one = |what: &str, value: String| (what.to_owned(), vec![value]);
    vec![
        ("there twice".into(), vec![whole.clone(), whole.clone()]),
        ("there twice, once empty".into(), vec![whole, String::new()]),
        one("Basic", format!("Basic {good}")),
        one("no scheme", good.clone()),
        one("no token", "Bearer".into()),
        one("an empty token", "Bearer ".into()),
        one("two spaces", format!("Bearer  {good}")),
        one("a space at the end", format!("Bearer {good} x")),
        one("a space inside", format!("Bearer {}", good.replacen('.', " .", 1))),
        one("a tab", format!("Bearer\t{good}")),
        one("a list", format!("Bearer {good}, Bearer {good}")),
        one("too long", format!("Bearer {good}{}", "a".repeat(8 * 1024))),
    ]
}
