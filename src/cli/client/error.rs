//! What can go wrong between a command, its files and the service.

use std::io;
use std::path::Path;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::error::{DOMAIN, Reason, wire_name};

/// The result of a step of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written, or is not what it should be.
    #[error("{name}: {source}")]
    File {
        /// Its name.
        name: String,
        /// What is wrong.
        source: io::Error,
    },
    /// What was asked for cannot be done.
    #[error("{0}")]
    Input(String),
    /// The service cannot be reached.
    #[error("no answer from {0}")]
    Unreachable(String),
    /// The service refused a call, or the connection broke.
    #[error("{}", describe(.0))]
    Call(Box<Status>),
}

// === impl Error ===

impl Error {
    /// Something is wrong with a file.
    pub fn file(path: &Path, source: io::Error) -> Self {
        Self::File { name: path.display().to_string(), source }
    }

    /// There is nobody at this address.
    pub fn unreachable(address: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Unreachable(format!("{address}: {}", root(error)))
    }

    /// The service answered what it should not have.
    pub fn protocol(message: &str) -> Self {
        Self::Call(Box::new(Status::new(Code::DataLoss, message)))
    }

    /// The reason of the service, if it is the service that refused.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Call(status) => reason(status),
            _ => None,
        }
    }

    /// Whether the service refused for this reason.
    pub fn is(&self, reason: Reason) -> bool {
        self.reason().is_some_and(|name| name == wire_name(reason))
    }

    /// Whether it may go well if it is tried again: the connection broke, or the service asks for patience.
    pub fn is_transient(&self) -> bool {
        let Self::Call(status) = self else { return false };
        match reason(status) {
            Some(_) => {
                matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
                    || self.is(Reason::RequestInProgress)
                    || self.is(Reason::Overloaded)
            }
            // Without a reason it comes from the transport, which has many words for a broken connection.
            None => matches!(
                status.code(),
                Code::Unavailable
                    | Code::DeadlineExceeded
                    | Code::Unknown
                    | Code::Cancelled
                    | Code::Internal
            ),
        }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Call(Box::new(status))
    }
}

/// What lies behind an error; those in between say the same in other words.
fn root<'a>(
    mut error: &'a (dyn std::error::Error + 'static),
) -> &'a (dyn std::error::Error + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

fn reason(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN).then_some(info.reason)
}

fn describe(status: &Status) -> String {
    let mut text = match reason(status) {
        Some(reason) => format!("{reason}: {}", status.message()),
        None => format!("{:?}: {}", status.code(), status.message()),
    };
    if let Some(source) = std::error::Error::source(status) {
        text.push_str(&format!(": {}", root(source)));
    }
    let violations = status.get_details_bad_request().map(|details| details.field_violations);
    // The message has the first one already.
    for violation in violations.iter().flatten().skip(1) {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error as Refused, Violation};

    fn refused(reason: Reason) -> Error {
        Error::from(Status::from(Refused::new(reason, "no")))
    }

    #[test]
    fn broken_connections_and_calls_for_patience_are_transient() {
        for code in [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal] {
            assert!(Error::from(Status::new(code, "broken")).is_transient(), "{code:?}");
        }
        for reason in [Reason::ShuttingDown, Reason::Overloaded, Reason::RequestInProgress] {
            assert!(refused(reason).is_transient(), "{reason:?}");
        }
    }

    #[test]
    fn refusals_and_bugs_are_not() {
        for reason in [Reason::Internal, Reason::WorkspaceNotFound, Reason::ImportChanged] {
            assert!(!refused(reason).is_transient(), "{reason:?}");
        }
        for code in [Code::Unimplemented, Code::Unauthenticated, Code::DataLoss] {
            assert!(!Error::from(Status::new(code, "no")).is_transient(), "{code:?}");
        }
        assert!(!Error::Input("no".into()).is_transient());
    }

    #[test]
    fn every_violated_field_is_told() {
        let violations = [("a", "too long"), ("b", "missing")].map(|(f, d)| Violation::new(f, d));
        let status = Status::from(Refused::violations(violations.to_vec()));
        assert_eq!(
            Error::from(status).to_string(),
            "INVALID_FIELD: a: too long; and 1 more fields\n  b: missing"
        );
    }
}
