//! The use cases: open a scope, check the right, apply the rule, record the change.

pub mod access;
pub mod binding;
pub mod field;
pub mod partition;
mod patch;
pub mod person;
mod refuse;
pub mod tenant;
pub mod workspace;
