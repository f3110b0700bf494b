//! The public keys of one issuer, and what they can verify.

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use ring::signature::{
    self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Why;
use crate::config::Algorithm;

/// A set of keys as it was fetched.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<Key>,
    digest: [u8; 32],
}

/// A key that verifies signatures.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// What it may verify, by its type and by what it says of itself.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

// === impl Keys ===

impl Keys {
    /// Reads a JWKS. Keys of kinds that are not known, for encryption, or that are secrets, are left out.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let keys =
            set.keys.into_iter().filter_map(|key| Key::new(serde_json::from_value(key).ok()?));
        Ok(Self { keys: keys.collect(), digest: Sha256::digest(text).into() })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What tells this set from others.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Whether a key fits; more than one is a doubt, and fits no better than none.
    pub(super) fn has(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        self.fitting(id, algorithm).next().is_some()
    }

    /// Verifies a signature by the one key that fits.
    pub(super) fn verify(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Why> {
        let mut fitting = self.fitting(id, algorithm);
        let key = match (fitting.next(), fitting.next()) {
            (Some(key), None) => key,
            _ => return Err(Why::Key),
        };
        if key.verifies(algorithm, message, signature) { Ok(()) } else { Err(Why::Signature) }
    }

    fn fitting<'a>(
        &'a self,
        id: Option<&'a str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| {
            key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id)
        })
    }
}

// === impl Key ===

impl Key {
    fn new(jwk: Jwk) -> Option<Self> {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        let by_type: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => &[ES256],
                EllipticCurve::P384 => &[ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) => match key.curve {
                EllipticCurve::Ed25519 => &[EdDSA],
                _ => return None,
            },
            // A secret in a public set is known to all.
            _ => return None,
        };
        let signs = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let operations = jwk.common.key_operations.as_ref();
        if !signs || operations.is_some_and(|list| !list.contains(&KeyOperations::Verify)) {
            return None;
        }
        let said = jwk.common.key_algorithm;
        let may = |algorithm: &&Algorithm| {
            said.is_none_or(|said| said == KeyAlgorithm::from(**algorithm))
        };
        let algorithms: Vec<Algorithm> = by_type.iter().filter(may).copied().collect();
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        (!algorithms.is_empty()).then_some(Self { id: jwk.common.key_id, algorithms, key })
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => rsa(algorithm)
                .map(|rsa| RsaPublicKeyComponents { n, e }.verify(rsa, message, signature)),
            DecodingKeyKind::SecretOrDer(key) => curve(algorithm)
                .map(|curve| UnparsedPublicKey::new(curve, key).verify(message, signature)),
        };
        verified.is_some_and(|verified| verified.is_ok())
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn curve(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &signature::ED25519,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set of one key on P-256, with more said of it.
    fn set(more: &str) -> Keys {
        let point = "A".repeat(43);
        let key =
            format!(r#"{{"kty": "EC", "crv": "P-256", "x": "{point}", "y": "{point}"{more}}}"#);
        Keys::parse(format!(r#"{{"keys": [{key}]}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn h_01_a_key_verifies_what_its_type_and_its_own_words_allow() {
        assert!(set("").has(None, Algorithm::ES256));
        assert!(
            set(r#", "alg": "ES256", "use": "sig", "key_ops": ["verify"]"#)
                .has(None, Algorithm::ES256)
        );
        for other in [Algorithm::ES384, Algorithm::RS256, Algorithm::EdDSA, Algorithm::HS256] {
            assert!(!set("").has(None, other), "{other:?}");
        }
        for more in [
            r#", "alg": "ES384""#,
            r#", "alg": "HS256""#,
            r#", "use": "enc""#,
            r#", "key_ops": ["sign"]"#,
        ] {
            assert_eq!(set(more).len(), 0, "{more}");
        }
    }

    #[test]
    fn h_01_secrets_and_unknown_kinds_are_left_out() {
        let text = br#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "new"}, {}, 7,
            {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}]}"#;
        assert_eq!(Keys::parse(text).unwrap().len(), 0);
        for broken in [&b""[..], b"[]", b"{}", br#"{"keys": {}}"#] {
            assert!(Keys::parse(broken).is_err());
        }
    }

    #[test]
    fn h_01_a_key_is_found_by_its_id_and_nothing_else() {
        let keys = set(r#", "kid": "a""#);
        assert!(keys.has(Some("a"), Algorithm::ES256) && keys.has(None, Algorithm::ES256));
        for id in ["", "A", "b", "../../dev/null"] {
            assert!(!keys.has(Some(id), Algorithm::ES256), "{id}");
        }
    }
}
