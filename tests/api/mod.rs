//! A tree like the API.

mod errors_doc;
mod person;
mod retention;
mod server;
