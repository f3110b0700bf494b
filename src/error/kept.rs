//! Refusals that are kept: what becomes of work that met one, and how it is told of later.

use prost::Message;
use tonic::{Code, Status};

use super::{Reason, Refusal, code};
use crate::pb;

/// Whether the same request may go through if it is only tried again.
pub fn is_passing(reason: Reason) -> bool {
    matches!(code(reason), Code::Unavailable | Code::DeadlineExceeded | Code::Internal)
        || reason == Reason::RequestInProgress
}

impl From<Refusal> for pb::Status {
    fn from(refusal: Refusal) -> Self {
        let cancelled = refusal.reason == Reason::OperationCancelled;
        let status: Status = refusal.into_status();
        // What tonic carries as details is the whole message.
        let told = Self::decode(status.details()).unwrap_or_default();
        // Nobody is refused here: the work was stopped, and that has a code of its own.
        let code = if cancelled { Code::Cancelled } else { status.code() };
        Self { code: code.into(), ..told }
    }
}
