//! The tests of Precinct: through the API wherever it can be, on SQLite and on PostgreSQL.

#[path = "api/mod.rs"]
mod api;
mod support;

#[path = "architecture.rs"]
mod architecture;
#[path = "schema.rs"]
mod schema;
