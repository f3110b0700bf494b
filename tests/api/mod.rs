//! A tree like the API.

mod cli;
mod person;
mod server;
