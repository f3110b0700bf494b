//! The command line, one file per command.

pub mod client;
pub mod csv;
pub mod export;
pub mod failure;
pub mod import;
pub mod patience;
pub mod progress;

#[cfg(test)]
mod round_trip;
