//! Refusals that are not ours: tonic's own codes and texts, turned into those of the contract.

use std::collections::HashMap;

use prost::Message;
use tonic::{Code, Status};
use tonic_types::pb::RequestInfo;
use tonic_types::{ErrorDetails, StatusExt};

use crate::error::{DOMAIN, Error, Reason, wire_name};

/// A refusal as the contract has it: one of a library gets the right code and an `ErrorInfo`, each names the
/// request. What a handler refused has its details already.
pub(super) fn settle(status: &Status, call_id: &str) -> Status {
    let settled = if status.details().is_empty() { of_library(status) } else { None };
    name_request(settled.as_ref().unwrap_or(status), call_id)
}

/// The reason in the `ErrorInfo` of a status.
pub(super) fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

fn of_library(status: &Status) -> Option<Status> {
    let error = match status.code() {
        // The decoder says "out of range" for a large message, "exhausted" for one that unpacks to a large one.
        Code::OutOfRange | Code::ResourceExhausted => Error::new(
            Reason::MessageTooLarge,
            format!("{}; send fewer items at once", status.message()),
        ),
        // Handlers attach details to all that they refuse, so what is left is the decoder's.
        Code::Internal | Code::Unknown | Code::InvalidArgument | Code::DataLoss => {
            Error::new(Reason::MalformedRequest, "the request is not a message of this rpc")
        }
        // The router knows paths only.
        Code::Unimplemented if status.message().is_empty() => {
            return Some(method_not_found().into());
        }
        // An encoding that is not supported; compression.md of gRPC wants this very code.
        Code::Unimplemented => return Some(unsupported_encoding(status.message())),
        _ => return None,
    };
    Some(error.into())
}

fn unsupported_encoding(message: &str) -> Status {
    let details =
        ErrorDetails::with_error_info(wire_name(Reason::MalformedRequest), DOMAIN, HashMap::new());
    Status::with_error_details(Code::Unimplemented, message, details)
}

/// The refusal of an rpc that does not exist.
pub(super) fn method_not_found() -> Error {
    Error::new(
        Reason::MethodNotFound,
        "no such rpc; server reflection and the protos list those that there are",
    )
}

fn name_request(status: &Status, call_id: &str) -> Status {
    let mut rpc = match tonic_types::pb::Status::decode(status.details()) {
        Ok(rpc) if !rpc.details.is_empty() => rpc,
        // Without details (a standard service, such as health), there is nothing to add to.
        _ => return status.clone(),
    };
    let info = RequestInfo { request_id: call_id.into(), serving_data: String::new() };
    rpc.details.push(prost_types::Any {
        type_url: "type.googleapis.com/google.rpc.RequestInfo".into(),
        value: info.encode_to_vec(),
    });
    Status::with_details(status.code(), status.message(), rpc.encode_to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(status: Status) -> (Code, String) {
        let status = settle(&status, "call-1");
        (status.code(), reason(&status).unwrap_or_default())
    }

    #[test]
    fn h_06_library_codes() {
        let cases = [
            (Status::out_of_range("too large"), Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
            (Status::internal("bad varint"), Code::InvalidArgument, "MALFORMED_REQUEST"),
            (Status::unimplemented(""), Code::Unimplemented, "METHOD_NOT_FOUND"),
            (Status::unimplemented("zstd"), Code::Unimplemented, "MALFORMED_REQUEST"),
        ];
        for (status, code, reason) in cases {
            assert_eq!(settled(status), (code, reason.to_owned()));
        }
    }

    #[test]
    fn h_06_our_refusals_keep_their_details_and_name_the_request() {
        let status = settle(&Error::invalid("name", "must be set").into(), "call-1");
        assert_eq!(reason(&status).as_deref(), Some("INVALID_FIELD"));
        assert_eq!(status.get_details_request_info().unwrap().request_id, "call-1");
        assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), 1);
    }

    #[test]
    fn h_06_internal_errors_leak_nothing() {
        let status = settle(&Error::internal("SELECT * FROM person").into(), "call-1");
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("SELECT"), "{status}");
    }
}
