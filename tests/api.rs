//! The tests of Precinct: through the API wherever it can be, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "api/mod.rs"]
mod api;
mod support;

#[path = "architecture.rs"]
mod architecture;
#[path = "schema.rs"]
mod schema;
#[path = "statements.rs"]
mod statements;
