//! A tree like the API.

mod binding;
mod errors_doc;
mod field;
mod partition;
mod person;
mod retention;
mod server;
mod switch;
mod tenant;
mod workspace;
