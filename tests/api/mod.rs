//! A tree like the API.

mod access;
mod asset;
mod binding;
mod cancellation;
mod cli;
mod content;
mod crash;
mod errors_doc;
mod field;
mod filter;
mod folder;
mod invariants;
mod isolation;
mod list;
mod mutations;
mod operation;
mod pagination;
mod partition;
mod person;
mod restart;
mod retention;
mod server;
mod sharing;
mod switch;
mod tenant;
mod workspace;
