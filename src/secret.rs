//! The deployment's secret, and a key for each use of it.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Shortest secret that is accepted, in bytes.
pub const MIN_BYTES: usize = 16;
/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// What a key is for: keys of different uses are unrelated.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// Signing page tokens.
    PageTokens,
    /// Hashing email keys whose owners unsubscribed.
    Consent,
    /// Hashing email keys that were erased.
    Erasure,
    /// Chaining audit records.
    Audit,
    /// Binding plans to the facts that they were made from.
    Plans,
    /// Telling API keys that were made here from made-up ones.
    ApiKeys,
    /// Sealing what is kept for a repeat of its call and shown to nobody else.
    Answers,
    /// Telling one secret from another without storing it.
    Fingerprint,
}

/// A rotatable list of secrets, newest first. What passes (page tokens) is made with the newest and verified
/// with any; what is kept (hashes of unsubscribed emails and the audit chain in the database, API keys in the
/// programs that use them) is made with the oldest, which therefore stays in the list for as long as the
/// database lives.
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

    /// The beginning of a keyed hash, for texts that have to be short.
    pub fn tag(&self, purpose: Use, parts: &[&[u8]]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&self.mac(purpose, parts)[..TAG_BYTES]);
        tag
    }

    /// Whether a tag was made with any of the secrets.
    pub fn verify_tag(&self, purpose: Use, parts: &[&[u8]], tag: &[u8; TAG_BYTES]) -> bool {
        let made = |secret| keyed(secret, purpose, parts).verify_truncated_left(tag).is_ok();
        self.0.iter().any(|secret| made(secret))
    }

    /// Seals 32 bytes under a name, or unseals them. A name seals one text only: two would give each other
    /// away.
    pub fn seal(&self, purpose: Use, name: &[&[u8]], text: [u8; 32]) -> [u8; 32] {
        let mut sealed = self.mac(purpose, name);
        sealed.iter_mut().zip(text).for_each(|(key, byte)| *key ^= byte);
        sealed
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
        !matches!(self, Self::PageTokens | Self::Plans)
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::PageTokens => b"precinct page tokens v1",
            Self::Plans => b"precinct plans v1",
            Self::Consent => b"precinct consent v1",
            Self::Erasure => b"precinct erasure v1",
            Self::Audit => b"precinct audit v1",
            Self::ApiKeys => b"precinct api keys v1",
            Self::Answers => b"precinct answers v1",
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

/// Whether two texts are the same, found out in a time that does not tell where they differ.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(text: &str) -> Secrets {
        Secrets::parse(text).unwrap()
    }

    #[test]
    fn a_tag_verifies_with_any_secret_of_the_list_and_with_no_other() {
        let (old, new) = (secrets("the old secret of it"), secrets("another one and newer"));
        let both = secrets("another one and newer,the old secret of it");
        let tag = old.tag(Use::ApiKeys, &[b"a", b"b"]);
        assert!(old.verify_tag(Use::ApiKeys, &[b"a", b"b"], &tag));
        assert!(both.verify_tag(Use::ApiKeys, &[b"a", b"b"], &tag));
        assert!(!new.verify_tag(Use::ApiKeys, &[b"a", b"b"], &tag));
        assert!(!old.verify_tag(Use::ApiKeys, &[b"ab", b""], &tag));
        assert!(!old.verify_tag(Use::PageTokens, &[b"a", b"b"], &tag));
        // Made with the oldest, which stays: keys outlive a change of the secret.
        assert_eq!(both.tag(Use::ApiKeys, &[b"a", b"b"]), tag);
    }

    #[test]
    fn what_is_sealed_is_unsealed_under_its_own_name_only() {
        let (one, text) = (secrets("the secret of this test"), [7; 32]);
        let sealed = one.seal(Use::Answers, &[b"key 1"], text);
        assert_ne!(sealed, text);
        assert_eq!(one.seal(Use::Answers, &[b"key 1"], sealed), text);
        assert_ne!(one.seal(Use::Answers, &[b"key 2"], sealed), text);
    }

    #[test]
    fn same_is_same() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab"));
    }
}
