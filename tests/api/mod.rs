//! A tree like the API.

mod person;
mod retention;
mod server;
