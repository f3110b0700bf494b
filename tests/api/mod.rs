//! A tree like the API.

mod access;
mod binding;
mod cancellation;
mod cli;
mod crash;
mod errors_doc;
mod field;
mod invariants;
mod isolation;
mod list;
mod mutations;
mod pagination;
mod partition;
mod person;
mod restart;
mod retention;
mod server;
mod switch;
mod tenant;
mod workspace;
