//! A tree like the API.

mod person;
mod server;
