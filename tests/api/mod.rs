//! A tree like the API.

mod binding;
mod field;
mod partition;
mod person;
mod tenant;
mod workspace;
