//! The deployment's secret, and a key for each use of it.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Shortest secret that is accepted, in bytes.
pub const MIN_BYTES: usize = 16;

/// What a key is for: keys of different uses are unrelated.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// Signing page tokens.
    PageTokens,
    /// Hashing email keys whose owners unsubscribed.
    Consent,
    /// Chaining audit records.
    Audit,
    /// Telling one secret from another without storing it.
    Fingerprint,
}

/// A rotatable list of secrets, newest first. What passes (page tokens) is made with the newest and verified
/// with any; what is kept in the database (hashes of unsubscribed emails, the audit chain) is made with the
/// oldest, which therefore stays in the list for as long as the database lives.
#[derive(Clone)]
pub struct Secrets(Vec<Vec<u8>>);

// === impl Secrets ===

impl Secrets {
    /// Parses `newest[,older…]`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let list: Vec<Vec<u8>> =
            text.split(',').map(|one| one.trim().as_bytes().to_vec()).collect();
        if list.iter().any(|one| one.len() < MIN_BYTES) {
            return Err(format!("each secret must have at least {MIN_BYTES} characters"));
        }
        Ok(Self(list))
    }

    /// A keyed hash of parts.
    pub fn mac(&self, purpose: Use, parts: &[&[u8]]) -> [u8; 32] {
        let secret = if purpose.is_kept() { self.0.last() } else { self.0.first() };
        mac(secret.map_or(&[], Vec::as_slice), purpose, parts)
    }

    /// Whether a keyed hash was made with any of the secrets.
    pub fn verify(&self, purpose: Use, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.0.iter().any(|secret| keyed(secret, purpose, parts).verify_slice(tag).is_ok())
    }

    /// Tells the oldest secret from others without giving it away.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.mac(Use::Fingerprint, &[])
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

// === impl Use ===

impl Use {
    fn is_kept(self) -> bool {
        !matches!(self, Self::PageTokens)
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::PageTokens => b"precinct page tokens v1",
            Self::Consent => b"precinct consent v1",
            Self::Audit => b"precinct audit v1",
            Self::Fingerprint => b"precinct fingerprint v1",
        }
    }
}

fn mac(secret: &[u8], purpose: Use, parts: &[&[u8]]) -> [u8; 32] {
    keyed(secret, purpose, parts).finalize().into_bytes().into()
}

fn keyed(secret: &[u8], purpose: Use, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut key = [0; 32];
    // Cannot fail: 32 bytes are far below HKDF's limit of 255 hashes.
    Hkdf::<Sha256>::new(None, secret).expand(purpose.label(), &mut key).unwrap_or_default();
    // Cannot fail: HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap_or_else(|_| unreachable!());
    for part in parts {
        // The length before each part keeps ("ab", "c") and ("a", "bc") apart.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// A plain hash of parts, for fingerprints of content.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
