//! Keyset pages: a size, a place to go on, and tokens that nobody can forge or carry elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::{PAGE_DEFAULT, PAGE_MAX};
use crate::context::Context;
use crate::error::{Error, Reason, Result};
use crate::secret::{Secrets, Use, digest};

const TAG_BYTES: usize = 32;

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub struct PageRequest<K> {
    /// How many items at most.
    pub size: i64,
    /// The key of the last item that the caller has.
    pub after: Option<K>,
}

/// One page, and the key to go on after.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether more follow.
    pub more: bool,
}

/// A page as it is answered.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token of the next page; empty on the last.
    pub next: String,
}

impl<T> Listed<T> {
    /// The same page of other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// Makes and reads the tokens of one query of one caller: the token of another tenant, caller, method or
/// query does not verify.
#[derive(Clone, Debug)]
pub struct Tokens {
    secrets: Secrets,
    binding: [u8; 32],
}

// === impl PageRequest ===

impl<K> PageRequest<K> {
    /// How many rows to ask the database for: one more than the page, to know whether more follow.
    pub fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Whether so many items are more than the page takes: more follow.
    pub fn is_over(&self, items: usize) -> bool {
        i64::try_from(items).is_ok_and(|items| items > self.size)
    }

    /// The page, from the rows that [`PageRequest::limit`] gave.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or_default();
        let more = rows.len() > size;
        rows.truncate(size);
        Page { items: rows, more }
    }
}

// === impl Tokens ===

impl Tokens {
    /// Tokens for a query; `query` is everything in the request that decides which items there are and in
    /// which order.
    pub fn new(secrets: &Secrets, ctx: &Context, query: &[&str]) -> Self {
        let caller = format!("{:?}", ctx.caller);
        let mut parts: Vec<&[u8]> = vec![caller.as_bytes(), ctx.method.as_bytes()];
        parts.extend(query.iter().map(|part| part.as_bytes()));
        Self { secrets: secrets.clone(), binding: digest(&parts) }
    }

    /// Reads `page_size` and `page_token`.
    pub fn request<K: DeserializeOwned>(&self, size: i32, token: &str) -> Result<PageRequest<K>> {
        let size = page_size(size)?;
        let after = self.read(token).map_err(|error| error.field("page_token"))?;
        Ok(PageRequest { size, after })
    }

    /// The token to go on after a key.
    pub fn write<K: Serialize>(&self, key: &K) -> String {
        // Keys are tuples of numbers, ids and strings, which always serialize.
        let mut bytes = serde_json::to_vec(key).unwrap_or_default();
        let tag = self.secrets.mac(Use::PageTokens, &[&self.binding, &bytes]);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The token of the next page, empty on the last.
    pub fn next<T, K: Serialize>(&self, page: &Page<T>, key: impl FnOnce(&T) -> K) -> String {
        match page.items.last() {
            Some(last) if page.more => self.write(&key(last)),
            _ => String::new(),
        }
    }

    /// A page with the token of the next.
    pub fn list<T, K: Serialize>(&self, page: Page<T>, key: impl FnOnce(&T) -> K) -> Listed<T> {
        let next = self.next(&page, key);
        Listed { items: page.items, next }
    }

    /// The key in a token; nothing for an empty one.
    pub fn read<K: DeserializeOwned>(&self, token: &str) -> Result<Option<K>> {
        if token.is_empty() {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let (key, tag) =
            bytes.len().checked_sub(TAG_BYTES).map(|at| bytes.split_at(at)).ok_or_else(invalid)?;
        if !self.secrets.verify(Use::PageTokens, &[&self.binding, key], tag) {
            return Err(invalid());
        }
        serde_json::from_slice(key).map(Some).map_err(|_| invalid())
    }
}

/// The size of a page: default 50, more than 1,000 is taken as 1,000, less than 0 is refused (H-04).
pub fn page_size(size: i32) -> Result<i64> {
    match size {
        ..0 => Err(Error::invalid("page_size", "must not be negative; 0 takes the default of 50")),
        0 => Ok(PAGE_DEFAULT.into()),
        _ => Ok(size.min(PAGE_MAX).into()),
    }
}

fn invalid() -> Error {
    Error::new(
        Reason::InvalidPageToken,
        "the token is not one that this query was given; send the next_page_token of the page before, \
         with the same request otherwise, or none to start anew",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_04_sizes() {
        assert_eq!(page_size(0).unwrap(), 50);
        assert_eq!(page_size(7).unwrap(), 7);
        assert_eq!(page_size(5_000).unwrap(), 1_000);
        assert!(page_size(-1).is_err());
    }
}
