//! The text of an API key: whose it is, which one, its secret, and a tag by which one that was never made
//! here is told without looking anything up.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::id::{ApiKeyId, TenantId};

/// What each begins with, so that one that leaked is known for what it is.
pub const PREFIX: &str = "pct_";
/// Bytes of the secret.
pub const SECRET_BYTES: usize = 32;
/// Bytes of the tag.
const TAG_BYTES: usize = 16;
/// Bytes of the whole.
const BYTES: usize = 16 + 16 + SECRET_BYTES + TAG_BYTES;

/// What an API key says.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyText {
    /// The tenant.
    pub tenant: TenantId,
    /// Which key it is.
    pub id: ApiKeyId,
    /// What nobody else knows.
    pub secret: [u8; SECRET_BYTES],
}

// === impl ApiKeyText ===

impl ApiKeyText {
    /// Reads a key and its tag, which is not checked here.
    pub fn parse(text: &str) -> Option<(Self, [u8; TAG_BYTES])> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: &[u8; BYTES] = bytes.as_slice().try_into().ok()?;
        let (tenant, rest) = bytes.split_first_chunk::<16>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (secret, rest) = rest.split_first_chunk::<SECRET_BYTES>()?;
        let tag = rest.first_chunk::<TAG_BYTES>()?;
        let tenant = TenantId(Uuid::from_bytes(*tenant));
        let id = ApiKeyId(Uuid::from_bytes(*id));
        Some((Self { tenant, id, secret: *secret }, *tag))
    }

    /// The key as programs send it.
    pub fn text(&self, tag: &[u8; TAG_BYTES]) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        self.parts().iter().for_each(|part| bytes.extend_from_slice(part));
        bytes.extend_from_slice(tag);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What the tag is made of.
    pub fn parts(&self) -> [&[u8]; 3] {
        [self.tenant.0.as_bytes(), self.id.0.as_bytes(), &self.secret]
    }
}

/// Without the secret: keys are in no log.
impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeyText({}, {})", self.tenant, self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(tenant: u128, id: u128, secret: [u8; 32]) -> ApiKeyText {
        ApiKeyText {
            tenant: TenantId(Uuid::from_u128(tenant)),
            id: ApiKeyId(Uuid::from_u128(id)),
            secret,
        }
    }

    #[test]
    fn a_08_a_key_looks_like_this() {
        let text = key(1, 2, [3; 32]).text(&[4; 16]);
        assert_eq!(text.len(), PREFIX.len() + 107);
        assert!(text.starts_with("pct_AAAAAAAAAAAAAAAAAAAAAQ"), "{text}");
        assert_eq!(format!("{:?}", key(1, 2, [3; 32])).matches("3, 3").count(), 0);
    }

    #[test]
    fn a_08_what_is_no_key() {
        let good = key(1, 2, [3; 32]).text(&[4; 16]);
        let bare = good.trim_start_matches(PREFIX);
        for text in [
            "",
            PREFIX,
            bare,
            &good[..good.len() - 1],
            &format!("{good}A"),
            &format!("{good}="),
            &format!(" {good}"),
            &format!("PCT_{bare}"),
            &good.replace("pct_", "pct-"),
            // The last character stands for more bits than are left: one key is written in one way.
            &format!("{}B", &good[..good.len() - 1]),
        ] {
            assert_eq!(ApiKeyText::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_08_what_is_written_is_read(tenant: u128, id: u128, secret: [u8; 32], tag: [u8; 16]) {
            let key = key(tenant, id, secret);
            let text = key.text(&tag);
            prop_assert_eq!(ApiKeyText::parse(&text), Some((key, tag)));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        }

        #[test]
        fn a_08_another_text_is_another_key(secret: [u8; 32], at in 4usize..110, to in "[A-Za-z0-9_-]") {
            let text = key(1, 2, secret).text(&[9; 16]);
            let mut other = text.clone();
            other.replace_range(at..=at, &to);
            let read = ApiKeyText::parse(&other);
            prop_assert!(other == text || read != ApiKeyText::parse(&text));
        }

        #[test]
        fn a_08_reading_never_panics(text in ".{0,200}") {
            let _ = ApiKeyText::parse(&text);
            let _ = ApiKeyText::parse(&format!("{PREFIX}{text}"));
        }
    }
}
