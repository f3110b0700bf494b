//! The use cases: open a scope, check the right, apply the rule, record the change.

pub mod access;
pub mod person;
