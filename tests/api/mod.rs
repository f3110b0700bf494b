//! A tree like the API.

mod binding;
mod errors_doc;
mod field;
mod invariants;
mod isolation;
mod mutations;
mod pagination;
mod partition;
mod person;
mod retention;
mod server;
mod tenant;
mod workspace;
