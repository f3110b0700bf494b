//! Items of batches: why one failed, while the call went through (H-05).

use crate::error::{Refusal, code_name};
use crate::pb;

/// A refusal of one item.
pub(super) fn item_error(refusal: Refusal) -> pb::ItemError {
    let violation = |one: crate::error::Violation| pb::FieldViolation {
        field: one.field,
        description: one.description,
    };
    pb::ItemError {
        code: code_name(refusal.reason).into(),
        reason: refusal.reason.into(),
        message: refusal.message,
        metadata: refusal.metadata.into_iter().collect(),
        violations: refusal.violations.into_iter().map(violation).collect(),
    }
}
