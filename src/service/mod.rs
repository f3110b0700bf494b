//! The use cases: open a scope, check the right, apply the rule, record the change.

pub mod access;
pub mod activity;
pub mod asset;
pub mod binding;
mod content;
pub mod field;
pub mod filter;
pub mod folder;
pub mod operation;
pub mod partition;
mod patch;
pub mod person;
pub mod plan;
pub mod purge;
mod refuse;
pub mod routing;
pub mod segmentation;
pub mod sharing;
pub mod tenant;
pub mod topology;
pub mod transfer;
pub mod usage;
pub mod workspace;
