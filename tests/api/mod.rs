//! A tree like the API.

mod binding;
mod field;
mod partition;
mod errors_doc;
mod person;
mod retention;
mod server;
mod tenant;
mod workspace;
