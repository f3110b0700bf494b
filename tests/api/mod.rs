//! A tree like the API.

mod invariants;
mod isolation;
mod mutations;
mod person;
mod retention;
mod server;
