//! Fields of requests, parsed once; every violated one is reported, not just the first.

use std::collections::HashSet;
use std::str::FromStr;
use std::time::Duration;

use crate::clock::{Micros, timestamp};
use crate::context::Principal;
use crate::domain::order::Order;
use crate::error::{Error, Reason, Result, Violation};

/// Collects the violations of one request.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<Violation>,
}

// === impl Fields ===

impl Fields {
    /// Notes a violation.
    pub fn violate(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation::new(field, description));
    }

    /// A parsed value; its default stands in for a refused one until [`Fields::check`].
    pub fn take<T: Default>(&mut self, field: &str, parsed: Result<T, String>) -> T {
        parsed.unwrap_or_else(|description| {
            self.violate(field, description);
            T::default()
        })
    }

    /// A required id.
    pub fn id<T: FromStr + Default>(&mut self, field: &str, text: &str) -> T {
        self.take(field, parse_id(text))
    }

    /// An id, or nothing.
    pub fn optional_id<T: FromStr>(&mut self, field: &str, text: &str) -> Option<T> {
        if text.is_empty() { None } else { self.take(field, parse_id(text).map(Some)) }
    }

    /// Ids, at most `max`, each once.
    pub fn ids<T: FromStr + Default>(
        &mut self,
        field: &str,
        texts: &[String],
        max: usize,
    ) -> Vec<T> {
        if texts.len() > max {
            self.violate(field, format!("must have at most {max} items"));
            return Vec::new();
        }
        let mut seen = HashSet::new();
        for (i, text) in texts.iter().enumerate() {
            if !seen.insert(text.to_ascii_lowercase()) {
                self.violate(format!("{field}[{i}]"), "must not be named twice");
            }
        }
        texts.iter().enumerate().map(|(i, text)| self.id(&format!("{field}[{i}]"), text)).collect()
    }

    /// A time, or nothing.
    pub fn optional_time(
        &mut self,
        field: &str,
        time: Option<&prost_types::Timestamp>,
    ) -> Option<Micros> {
        time.and_then(|time| self.take(field, micros(time).map(Some)))
    }

    /// A duration from nothing to `most`, or none.
    pub fn optional_duration(
        &mut self,
        field: &str,
        duration: Option<&prost_types::Duration>,
        most: Duration,
    ) -> Option<Duration> {
        let parse = |given: &prost_types::Duration| {
            let given = Duration::try_from(*given).ok().filter(|given| *given <= most);
            given.map(Some).ok_or_else(|| format!("must be 0 to {} seconds", most.as_secs()))
        };
        duration.and_then(|duration| self.take(field, parse(duration)))
    }

    /// A required principal.
    pub fn principal(&mut self, field: &str, text: &str) -> Principal {
        self.parsed(field, Principal::parse(text))
    }

    /// A principal, or nothing.
    pub fn optional_principal(&mut self, field: &str, text: &str) -> Option<Principal> {
        if text.is_empty() { None } else { Some(self.principal(field, text)) }
    }

    /// A required user.
    pub fn user(&mut self, field: &str, text: &str) -> Principal {
        let user = Principal::parse(text).ok().filter(Principal::is_user);
        self.parsed(field, user.ok_or_else(|| "must be a user: user:<subject>".into()))
    }

    fn parsed(&mut self, field: &str, parsed: Result<Principal, String>) -> Principal {
        parsed.unwrap_or_else(|description| {
            self.violate(field, description);
            Principal::nobody()
        })
    }

    /// What was violated, if anything.
    pub fn violations(self) -> Option<Vec<Violation>> {
        Some(self.violations).filter(|all| !all.is_empty())
    }

    /// Refuses the request if anything was violated.
    pub fn check(self) -> Result<()> {
        if self.violations.is_empty() { Ok(()) } else { Err(Error::violations(self.violations)) }
    }
}

/// An id alone in its request.
pub fn id<T: FromStr + Default>(field: &str, text: &str) -> Result<T> {
    let mut fields = Fields::default();
    let id = fields.id(field, text);
    fields.check().map(|()| id)
}

/// Ids alone in their request: 1 to `max`, each once.
pub fn some_ids<T: FromStr + Default>(field: &str, texts: &[String], max: usize) -> Result<Vec<T>> {
    let mut fields = Fields::default();
    if texts.is_empty() {
        fields.violate(field, format!("must have 1 to {max} items"));
    }
    let ids = fields.ids(field, texts, max);
    fields.check().map(|()| ids)
}

/// The order of a list by name or time; `name` is what the list calls its names.
pub fn order(order_by: &str, name: &str) -> Result<Order> {
    Order::parse(order_by, name).map_err(|description| Error::invalid("order_by", description))
}

/// A message that must be there.
pub fn required<T>(field: &str, message: Option<T>) -> Result<T> {
    message.ok_or_else(|| Error::invalid(field, "must be set"))
}

/// The paths of a field mask, checked against what can be updated. Without a mask, the paths that the
/// message fills. IMMUTABLE_FIELD for what exists and cannot change, INVALID_FIELD for what does not exist.
pub fn mask(
    mask: Option<prost_types::FieldMask>,
    filled: &[&str],
    mutable: &[&str],
    immutable: &[&str],
) -> Result<HashSet<String>> {
    let paths: HashSet<String> = match mask {
        Some(mask) if !mask.paths.is_empty() => mask.paths.into_iter().collect(),
        _ => filled.iter().map(|path| (*path).to_owned()).collect(),
    };
    if let Some(path) = paths.iter().find(|path| immutable.contains(&path.as_str())) {
        let message = format!("{path} cannot change; leave it out of update_mask");
        return Err(Error::new(Reason::ImmutableField, message)
            .with("field", path)
            .field(path.clone()));
    }
    let known = |path: &&String| {
        let path = path.as_str();
        let parent = path.split_once('.').map(|(parent, _)| format!("{parent}.*"));
        mutable.contains(&path) || parent.is_some_and(|parent| mutable.contains(&parent.as_str()))
    };
    let mut unknown: Vec<&String> = paths.iter().filter(|path| !known(path)).collect();
    unknown.sort();
    if unknown.is_empty() {
        return Ok(paths);
    }
    let description = |path: &&String| {
        Violation::new(
            "update_mask",
            format!("{path}: no such field; known are {}", mutable.join(", ")),
        )
    };
    Err(Error::violations(unknown.iter().map(description).collect()))
}

/// Stored times on the wire.
pub fn times(micros: Option<Micros>) -> Option<prost_types::Timestamp> {
    micros.map(timestamp)
}

/// A time of the wire as it is stored: of the years 1 to 9999, as the wire type has them.
pub fn micros(time: &prost_types::Timestamp) -> Result<Micros, String> {
    let known = (-62_135_596_800..=253_402_300_799).contains(&time.seconds)
        && (0..1_000_000_000).contains(&time.nanos);
    if known {
        Ok(time.seconds * 1_000_000 + i64::from(time.nanos / 1_000))
    } else {
        Err("must be a timestamp of the years 1 to 9999".into())
    }
}

fn parse_id<T: FromStr>(text: &str) -> Result<T, String> {
    if text.is_empty() {
        return Err("must be set".into());
    }
    // Only the usual form: braces, URNs and missing hyphens would let one id be written in many ways.
    let usual = text.len() == 36;
    text.parse().ok().filter(|_| usual).ok_or_else(|| "must be a UUID".into())
}
