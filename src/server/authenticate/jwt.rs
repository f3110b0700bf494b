//! Callers by tokens that an identity provider has signed.
//!
//! The token says which issuer and which key; everything else is decided by what this server was told of that
//! issuer. URLs, keys and certificates in a token are never looked at. All claims are checked here, by our own
//! clock and with their types, rather than by a library that skips what it does not understand.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Header, decode_header};
use lru::LruCache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Why;
use super::claims::{self, Claims};
use super::jwks::KeySet;
use super::keys::Keys;
use crate::clock::{Clock, Micros};
use crate::config::{Issuer, TOKENS_CACHED};
use crate::context::{Caller, Source};

/// The issuers whose tokens are taken.
#[derive(Debug)]
pub(super) struct Jwt {
    issuers: HashMap<String, Arc<Known>>,
    verified: Mutex<LruCache<[u8; 32], Verified>>,
    clock: Clock,
}

/// One issuer.
#[derive(Debug)]
struct Known {
    issuer: Issuer,
    keys: Arc<KeySet>,
    source: Source,
}

/// A token that was checked before.
#[derive(Clone, Debug)]
struct Verified {
    by: Arc<Known>,
    /// The set of keys that the signature was checked with; another one asks for another check.
    digest: [u8; 32],
    caller: Caller,
    expires: Micros,
}

// === impl Jwt ===

impl Jwt {
    /// Tokens of these issuers.
    pub(super) fn new(issuers: &[Issuer], clock: &Clock) -> Self {
        let known = issuers.iter().map(|issuer| {
            let known = Known {
                keys: KeySet::new(issuer, clock),
                source: source(issuer),
                issuer: issuer.clone(),
            };
            (issuer.issuer.clone(), Arc::new(known))
        });
        let room = NonZeroUsize::new(TOKENS_CACHED).unwrap_or(NonZeroUsize::MIN);
        Self {
            issuers: known.collect(),
            verified: Mutex::new(LruCache::new(room)),
            clock: clock.clone(),
        }
    }

    /// Fetches the keys before the first call asks for them.
    pub(super) fn prepare(&self) {
        for known in self.issuers.values() {
            let keys = known.keys.clone();
            tokio::spawn(async move { keys.current().await });
        }
    }

    /// Who bears a token.
    pub(super) async fn caller(&self, token: &str) -> Result<(Caller, Source), Why> {
        let id: [u8; 32] = Sha256::digest(token).into();
        let hit = self.verified().get(&id).cloned();
        if let Some(Verified { by, digest, caller, expires }) = hit {
            let keys = by.keys.current().await?;
            if expires <= self.clock.now() {
                self.verified().pop(&id);
                return Err(Why::Expired);
            }
            if keys.digest() == digest {
                return Ok((caller, by.source.clone()));
            }
        }
        let (by, keys, claims) = self.verify(token).await?;
        let (caller, expires) = claims::accept(&claims, &by.issuer, self.clock.now())?;
        let source = by.source.clone();
        let verified = Verified { by, digest: keys.digest(), caller: caller.clone(), expires };
        self.verified().put(id, verified);
        Ok((caller, source))
    }

    /// Checks the signature: the issuer, the keys that it was checked with, and the claims that are now the
    /// issuer's.
    async fn verify(&self, token: &str) -> Result<(Arc<Known>, Arc<Keys>, Claims), Why> {
        let (message, signature) = token.rsplit_once('.').ok_or(Why::Form)?;
        let (_, payload) = message.split_once('.').ok_or(Why::Form)?;
        if payload.contains('.') {
            return Err(Why::Form);
        }
        let header = decode_header(token).map_err(|_| Why::Header)?;
        check(&header)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Why::Form)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Why::Form)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Why::Form)?;
        // Not proved yet: it only says with whose keys to try.
        let issuer = claims.get("iss").and_then(Value::as_str).ok_or(Why::Issuer)?;
        let by = self.issuers.get(issuer).ok_or(Why::Issuer)?;
        if !by.issuer.algorithms.contains(&header.alg) {
            return Err(Why::Algorithm);
        }
        let kid = header.kid.as_deref();
        let mut keys = by.keys.current().await?;
        if !keys.has(kid, header.alg) {
            keys = by.keys.again(&keys).await?;
        }
        keys.verify(kid, header.alg, message.as_bytes(), &signature)?;
        Ok((by.clone(), keys, claims))
    }

    fn verified(&self) -> MutexGuard<'_, LruCache<[u8; 32], Verified>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token's header may ask for.
fn check(header: &Header) -> Result<(), Why> {
    let typ = header.typ.as_deref().unwrap_or("JWT");
    let known = ["jwt", "at+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known));
    // What brings or points to keys of its own, and what must be understood and is not.
    let brings = header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some();
    let asks = header.crit.is_some() || header.zip.is_some() || header.enc.is_some();
    // Payloads that are not encoded (RFC 7797) are another format.
    let unencoded = header.extras.inner().contains_key("b64");
    if known && !brings && !asks && !unencoded { Ok(()) } else { Err(Why::Header) }
}

fn source(issuer: &Issuer) -> Source {
    Source::Jwt {
        tenant_claim: issuer.tenant.is_none().then(|| issuer.tenant_claim.as_str().into()),
        subject_claim: issuer.subject_claim.as_str().into(),
    }
}
