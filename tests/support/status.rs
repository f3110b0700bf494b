//! Refusals, as tests compare them.

use precinct::pb;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// `CODE / REASON`.
pub fn reason(status: &Status) -> String {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    format!("{:?} / {reason}", status.code())
}

/// The code, the reason and whether the domain is ours.
#[track_caller]
pub fn assert_refused<T: std::fmt::Debug>(
    result: Result<T, Status>,
    code: Code,
    reason: pb::ErrorReason,
) -> Status {
    let status = result.expect_err("the call is refused");
    let info = status.get_details_error_info().expect("every refusal has an ErrorInfo");
    let wanted = reason.as_str_name().trim_start_matches("ERROR_REASON_");
    assert_eq!((status.code(), info.reason.as_str()), (code, wanted), "{status:?}");
    assert_eq!(info.domain, "precinct");
    status
}

/// A fact of a refusal.
pub fn metadata(status: &Status, key: &str) -> Option<String> {
    status.get_details_error_info()?.metadata.get(key).cloned()
}

/// The ids of what stands in the way, in the order of their ids.
pub fn offenders(status: &Status) -> Vec<String> {
    let failure = status.get_details_precondition_failure().map(|one| one.violations);
    let mut ids: Vec<String> =
        failure.unwrap_or_default().into_iter().map(|one| one.subject).collect();
    ids.sort();
    ids
}

/// The fields that a refusal names.
pub fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|request| request.field_violations);
    violations.unwrap_or_default().into_iter().map(|violation| violation.field).collect()
}
