//! What a slice says of how far its operation is.

use serde::Serialize;
use serde_json::Value as Json;

use crate::clock::{Micros, after};
use crate::config::OPERATION_RETENTION;
use crate::entity::Operation;
use crate::entity::operation::State;
use crate::error::{Error, Refusal, Result};

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is dealt with.
    pub done: i64,
    /// How much there is; 0 if that is not known.
    pub total: i64,
    /// How much of what is done was refused.
    pub failed: i64,
}

/// Where a slice left its operation.
#[derive(Clone, Debug)]
pub struct Step {
    progress: Progress,
    next: Next,
}

#[derive(Clone, Debug)]
enum Next {
    /// Another slice, from this place on.
    Slice(Json),
    /// Nothing: this is what was done.
    End(Json),
}

// === impl Progress ===

impl Progress {
    /// How far an operation is before a slice.
    pub fn of(operation: &Operation) -> Self {
        Self { done: operation.done, total: operation.total, failed: operation.failed }
    }
}

// === impl Step ===

impl Step {
    /// The operation goes on, from `cursor`.
    pub fn more(progress: Progress, cursor: &impl Serialize) -> Result<Self> {
        let cursor = serde_json::to_value(cursor).map_err(Error::internal)?;
        Ok(Self { progress, next: Next::Slice(cursor) })
    }

    /// The operation has reached its end, with `result`.
    pub fn done(progress: Progress, result: &impl Serialize) -> Result<Self> {
        let result = serde_json::to_value(result).map_err(Error::internal)?;
        Ok(Self { progress, next: Next::End(result) })
    }

    /// The operation after the slice.
    pub(super) fn apply(self, before: &Operation, time: Micros) -> Operation {
        let Progress { done, total, failed } = self.progress;
        let after = Operation { done, total, failed, update_time: time, ..before.clone() };
        match self.next {
            Next::Slice(cursor) => Operation { cursor, ..after },
            Next::End(result) => Operation { result, ..end(after, time) },
        }
    }
}

/// The operation, ended by a refusal.
pub(super) fn fail(before: &Operation, refusal: &Refusal, time: Micros) -> Result<Operation> {
    let error = serde_json::to_value(refusal).map_err(Error::internal)?;
    Ok(Operation { error, ..end(before.clone(), time) })
}

/// What it was asked and where it stood is of no use any more, and may name people.
fn end(operation: Operation, time: Micros) -> Operation {
    Operation {
        request: Json::Null,
        cursor: Json::Null,
        state: State::Done,
        update_time: time,
        end_time: Some(time),
        expire_time: Some(after(time, OPERATION_RETENTION)),
        ..operation
    }
}
