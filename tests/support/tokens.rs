//! An identity provider: keys, their public sets, and tokens, good ones and forged ones.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding,
    RsaKeyPair,
};
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// The RSA key of all tests, since making one takes seconds. It protects nothing.
pub const RSA: &str = include_str!("keys/rsa.pem");
/// Its public half.
pub const RSA_PUBLIC: &str = include_str!("keys/rsa.pub.pem");

/// The name of the provider.
pub const ISSUER: &str = "https://id.example.com";
/// What its tokens for this service are meant for.
pub const AUDIENCE: &str = "precinct";
/// The tenant that they name.
pub const TENANT: &str = "0192f0c1-0000-7000-8000-000000000001";

/// A key that signs tokens.
pub struct Key {
    pub id: String,
    pub algorithm: &'static str,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
}

/// Claims of a token that is good for an hour.
pub fn claims() -> Value {
    let now = precinct::clock::now() / 1_000_000;
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "tenant_id": TENANT,
        "exp": now + 3_600, "iat": now, "nbf": now,
    })
}

/// A JSON object with some of its members changed; null takes one out.
pub fn changed(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
        if value.is_null() {
            members.remove(name);
        }
    }
    object
}

/// The set of some public keys.
pub fn jwks(keys: &[&Key]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
}

/// Bytes as tokens have them.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The part of a token that is signed.
pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}

// === impl Key ===

impl Key {
    /// A new key on P-256.
    pub fn es256(id: &str) -> Self {
        let (rng, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(kind, &rng).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &rng).expect("a key");
        Self { id: id.into(), algorithm: "ES256", pair: Pair::P256(pair) }
    }

    /// A new key on Ed25519.
    pub fn ed25519(id: &str) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key");
        Self { id: id.into(), algorithm: "EdDSA", pair: Pair::Ed25519(pair) }
    }

    /// The RSA key, for one of its algorithms.
    pub fn rsa(id: &str, algorithm: &'static str) -> Self {
        let encoding: &'static dyn RsaEncoding = match algorithm {
            "RS256" => &signature::RSA_PKCS1_SHA256,
            "RS384" => &signature::RSA_PKCS1_SHA384,
            "RS512" => &signature::RSA_PKCS1_SHA512,
            "PS256" => &signature::RSA_PSS_SHA256,
            "PS384" => &signature::RSA_PSS_SHA384,
            "PS512" => &signature::RSA_PSS_SHA512,
            other => panic!("{other} is not of RSA"),
        };
        let document = PrivateKeyDer::from_pem_slice(RSA.as_bytes()).expect("a key");
        let pair = RsaKeyPair::from_pkcs8(document.secret_der()).expect("a key");
        Self { id: id.into(), algorithm, pair: Pair::Rsa(pair, encoding) }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key()) })
            }
            Pair::Rsa(pair, _) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
                json!({ "kty": "RSA", "n": encode(n), "e": encode(e) })
            }
        };
        jwk["kid"] = self.id.as_str().into();
        jwk
    }

    /// The header of its tokens.
    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.id })
    }

    /// A good token.
    pub fn good(&self) -> String {
        self.token(&self.header(), &claims())
    }

    /// A token with other claims.
    pub fn saying(&self, changes: &Value) -> String {
        self.token(&self.header(), &changed(claims(), changes))
    }

    /// A token with another header.
    pub fn headed(&self, changes: &Value) -> String {
        self.token(&changed(self.header(), changes), &claims())
    }

    /// A token of whatever it is given.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = encode(self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => pair.sign(&rng, message).expect("a signature").as_ref().into(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().into(),
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &rng, message, &mut signature).expect("a signature");
                signature
            }
        }
    }
}
