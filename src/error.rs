//! What can go wrong, in the caller's terms; the only file that names gRPC codes for domain failures.
//!
//! A refusal has a stable [`Reason`], documented in `proto/precinct/v1/error.proto`; the code and the
//! standard `google.rpc` details follow from it, so that no call site can get them wrong.

mod kept;
mod noun;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub use self::kept::is_passing;
pub use self::noun::Noun;
pub use crate::pb::ErrorReason as Reason;

/// The `domain` of every `google.rpc.ErrorInfo` of this service.
pub const DOMAIN: &str = "precinct";

/// Most bytes of the offenders that a refusal names.
const DETAILS_BYTES: usize = 4_800;
/// What an offender takes beside its id and matter.
const OFFENDER_BYTES: usize = 30;

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure on its way to the caller.
#[derive(Debug)]
pub enum Error {
    /// The call is refused; the caller is told why.
    Refused(Box<Refusal>),
    /// A unique index refused a row; the use case that knows it turns this into a refusal.
    Unique(Cow<'static, str>),
    /// The transaction lost against another and may be run again.
    Contended,
    /// A bug or a broken database: logged in full, the caller learns nothing but that it happened.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// Why a call, or one item of it, is refused. Kept with the answer of a call, so it can be written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable reason.
    #[serde(with = "by_number")]
    pub reason: Reason,
    /// One sentence: what happened, and what to do.
    pub message: String,
    /// Facts for machines; ids and numbers only, never personal data.
    pub metadata: HashMap<String, String>,
    /// Every field that is at fault.
    pub violations: Vec<Violation>,
    /// The kind and id of the thing that is missing or in the way.
    pub resource: Option<(String, String)>,
    /// All things that are in the way, where there can be several: each with its id, and what is the matter with it.
    #[serde(default)]
    pub offenders: Vec<(String, String)>,
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The path of the field in the request, as in a field mask; items by index: `people[3].email`.
    pub field: String,
    /// What is wrong with it, and what is allowed.
    pub description: String,
}

// === impl Error ===

impl Error {
    /// A refusal with a reason and a sentence.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal {
            reason,
            message: message.into(),
            metadata: HashMap::new(),
            violations: Vec::new(),
            resource: None,
            offenders: Vec::new(),
        }))
    }

    /// INVALID_FIELD with one field at fault.
    pub fn invalid(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::violations(vec![Violation::new(field, description)])
    }

    /// INVALID_FIELD with all fields at fault.
    pub fn violations(violations: Vec<Violation>) -> Self {
        let mut error = Self::new(Reason::InvalidField, summary(&violations));
        if let Self::Refused(refusal) = &mut error {
            refusal.violations = violations;
        }
        error
    }

    /// NOT_FOUND: the same for what never was, what is hidden, and what is another tenant's.
    pub fn not_found(noun: Noun, id: impl fmt::Display) -> Self {
        let message = format!("{} not found", noun.name().replace('_', " "));
        let error = Self::new(noun.not_found(), message);
        match id.to_string() {
            id if id.is_empty() => error,
            id => error.with(&format!("{}_id", noun.name()), &id).resource(noun, id),
        }
    }

    /// Adds a fact for machines.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.metadata.insert(key.into(), value.to_string());
        }
        self
    }

    /// Names the field at fault, where the reason is not INVALID_FIELD.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            let description = refusal.message.clone();
            refusal.violations.push(Violation::new(field, description));
        }
        self
    }

    /// Says that the fields at fault belong to this field of the request.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        if let Self::Refused(refusal) = &mut self {
            for violation in &mut refusal.violations {
                violation.field = format!("{path}.{}", violation.field);
            }
        }
        self
    }

    /// Names the thing that is missing or in the way.
    #[must_use]
    pub fn resource(mut self, noun: Noun, id: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.resource = Some((noun.name().into(), id.into()));
        }
        self
    }

    /// Names one more of the things that are in the way.
    #[must_use]
    pub fn offender(mut self, id: impl fmt::Display, matter: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.offenders.push((id.to_string(), matter.into()));
        }
        self
    }

    /// A bug or a broken database.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The reason, if this is a refusal.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Refused(refusal) => Some(refusal.reason),
            _ => None,
        }
    }

    /// The caller's version of this failure; an internal one is logged here, once.
    pub fn into_refusal(self) -> Box<Refusal> {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Contended => Self::contended(),
            Self::Unique(constraint) => Self::bug(&format!("unmapped constraint {constraint}")),
            Self::Internal(source) => Self::bug(&source.to_string()),
        }
    }

    fn contended() -> Box<Refusal> {
        let message = "the data was busy in other calls; try again";
        match Self::new(Reason::RequestInProgress, message) {
            Self::Refused(refusal) => refusal,
            _ => unreachable!("Error::new makes a refusal"),
        }
    }

    fn bug(source: &str) -> Box<Refusal> {
        tracing::error!(error = source, "internal error");
        match Self::new(Reason::Internal, "internal error; quote the request id when you report it")
        {
            Self::Refused(refusal) => refusal,
            _ => unreachable!("Error::new makes a refusal"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => {
                write!(f, "{}: {}", wire_name(refusal.reason), refusal.message)
            }
            Self::Unique(constraint) => write!(f, "unique index {constraint}"),
            Self::Contended => write!(f, "contended"),
            Self::Internal(source) => write!(f, "internal: {source}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        error.into_refusal().into_status()
    }
}

/// Turns the refusal of a named unique index into the caller's terms.
pub trait OnUnique<T> {
    /// If `index` refused the row, the error that `refuse` makes.
    fn on_unique(self, index: &str, refuse: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnUnique<T> for Result<T> {
    fn on_unique(self, index: &str, refuse: impl FnOnce() -> Error) -> Self {
        match self {
            Err(Error::Unique(name)) if name == index => Err(refuse()),
            other => other,
        }
    }
}

// === impl Refusal ===

impl Refusal {
    /// The gRPC status with its details.
    pub fn into_status(self) -> Status {
        let code = code(self.reason);
        let reason = wire_name(self.reason);
        let mut details = ErrorDetails::with_error_info(reason, DOMAIN, self.metadata);
        for violation in self.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        let (kind, id) = self.resource.unwrap_or_default();
        match code {
            Code::FailedPrecondition => {
                for (id, matter) in named(self.offenders) {
                    details.add_precondition_failure_violation(reason, id, matter);
                }
                if !details.has_precondition_failure_violations() {
                    details.add_precondition_failure_violation(reason, &id, &self.message);
                }
            }
            Code::ResourceExhausted => {
                details.add_quota_failure_violation(DOMAIN, &self.message);
            }
            _ => {}
        }
        if !kind.is_empty() {
            details.set_resource_info(kind, id, "", &self.message);
        }
        if matches!(code, Code::Unavailable | Code::ResourceExhausted)
            || self.reason == Reason::RequestInProgress
        {
            details.set_retry_info(Some(Duration::from_millis(200)));
        }
        Status::with_error_details(code, self.message, details)
    }
}

impl Violation {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// As many offenders as the trailers of a reply hold: the first in full, as far as that fits, then ids alone. A client
/// takes 8 KiB, of which the encoding costs a third.
fn named(offenders: Vec<(String, String)>) -> impl Iterator<Item = (String, String)> {
    let mut bytes = 0;
    offenders.into_iter().map_while(move |(id, matter)| {
        let fits = bytes + id.len() + matter.len() + OFFENDER_BYTES < DETAILS_BYTES / 2;
        let matter = if fits { matter } else { String::new() };
        bytes += id.len() + matter.len() + OFFENDER_BYTES;
        (bytes < DETAILS_BYTES).then_some((id, matter))
    })
}

fn summary(violations: &[Violation]) -> String {
    match violations {
        [] => "invalid request".into(),
        [one] => format!("{}: {}", one.field, one.description),
        [first, rest @ ..] => {
            format!("{}: {}; and {} more fields", first.field, first.description, rest.len())
        }
    }
}

/// The code of a reason: reasons are numbered by code.
pub fn code(reason: Reason) -> Code {
    match reason as i32 {
        100..200 => Code::InvalidArgument,
        200..300 => Code::FailedPrecondition,
        300..400 => Code::AlreadyExists,
        400..500 => Code::NotFound,
        500..600 => Code::Aborted,
        600..700 => Code::ResourceExhausted,
        700..750 => Code::OutOfRange,
        750..800 => Code::PermissionDenied,
        800..850 => Code::Unauthenticated,
        850..900 => Code::Unavailable,
        900..950 => Code::DeadlineExceeded,
        950..990 => Code::Unimplemented,
        _ => Code::Internal,
    }
}

/// The canonical name of a reason's code, for refusals of single items.
pub fn code_name(reason: Reason) -> &'static str {
    match code(reason) {
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::NotFound => "NOT_FOUND",
        Code::Aborted => "ABORTED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::Unauthenticated => "UNAUTHENTICATED",
        Code::Unavailable => "UNAVAILABLE",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Unimplemented => "UNIMPLEMENTED",
        _ => "INTERNAL",
    }
}

/// A reason, written down as its number in the proto.
mod by_number {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Reason;

    pub(super) fn serialize<S: Serializer>(reason: &Reason, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i32(*reason as i32)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Reason, D::Error> {
        Reason::try_from(i32::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// The reason of such a name.
pub fn by_wire_name(name: &str) -> Option<Reason> {
    Reason::from_str_name(&format!("ERROR_REASON_{name}"))
}

/// The reason as it stands in `ErrorInfo.reason`.
pub fn wire_name(reason: Reason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// H-06, C-02: however many things stand in the way, the trailers fit into what a client takes (8 KiB with the
    /// encoding), and some 60 are named; those of a usual refusal all in full.
    #[test]
    fn h_06_a_refusal_names_what_fits() {
        let refusal = |count: usize| {
            let error =
                Error::new(Reason::DependencyNotShared, "too many").with("dependencies", count);
            let id = |n: usize| uuid::Uuid::from_u128(n as u128);
            let name = |n: usize| format!("the email template {n:?}");
            (0..count)
                .fold(error, |error, n| error.offender(id(n), name(n)))
                .into_refusal()
                .into_status()
        };
        let named = |status: &Status| {
            let failure = status.get_details_precondition_failure().expect("it is there");
            failure.violations
        };
        let few = named(&refusal(20));
        assert!(few.len() == 20 && few.iter().all(|one| !one.description.is_empty()));
        let many = refusal(1_000);
        assert!((55..80).contains(&named(&many).len()), "{}", named(&many).len());
        let wordy = Error::new(Reason::TargetChanged, "").offender("a", "x".repeat(1_000_000));
        let wordy = named(&wordy.offender("b", "changed").into_refusal().into_status());
        assert!(wordy.len() == 2 && wordy[0].description.is_empty(), "{wordy:?}");
        assert!(many.details().len() * 4 / 3 < 8 * 1024, "{}", many.details().len());
    }
}
