//! A tree like the API.

mod binding;
mod cli;
mod field;
mod partition;
mod person;
mod retention;
mod server;
mod tenant;
mod workspace;
