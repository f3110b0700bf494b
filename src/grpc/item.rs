//! Results of batches: why one item failed while the call itself went through (H-05).

use crate::error::{Refusal, Violation, code_name};
use crate::pb;

impl From<Refusal> for pb::ItemError {
    fn from(refusal: Refusal) -> Self {
        let violation =
            |one: Violation| pb::FieldViolation { field: one.field, description: one.description };
        Self {
            code: code_name(refusal.reason).into(),
            reason: refusal.reason.into(),
            message: refusal.message,
            metadata: refusal.metadata.into_iter().collect(),
            violations: refusal.violations.into_iter().map(violation).collect(),
        }
    }
}
