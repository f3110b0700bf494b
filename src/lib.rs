//! Precinct: a company's workspaces, its person partitions, and the sharing between workspaces.
//!
//! Layers, and the only direction of imports (held by `tests/architecture.rs`):
//!
//! ```text
//! main → cli, server → grpc → service → repository → entity
//!                     domain · context · error · id · page      (leaves: import nothing above)
//! ```
//!
//! The same noun is the same file in each layer: `grpc/workspace.rs` decodes and encodes,
//! `service/workspace.rs` holds the use cases, `repository/workspace.rs` the SQL, `entity/workspace.rs` the
//! row.

pub mod cli;
pub mod clock;
pub mod config;
pub mod context;
pub mod domain;
pub mod entity;
pub mod error;
pub mod grpc;
pub mod id;
pub mod page;
pub mod pb;
pub mod repository;
pub mod secret;
pub mod server;
pub mod service;
pub mod telemetry;
