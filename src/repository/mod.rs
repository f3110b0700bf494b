//! SQL, as free functions over a scope: `workspace::get(&scope, id)`.

mod audit;
mod connection;
pub mod consent;
mod failure;
pub mod field_set;
pub mod import;
pub mod migrate;
pub mod person;
mod request;
mod scope;
pub mod sql;
mod store;
pub mod visibility;
mod write;

pub use migrate::Schema;
pub use scope::{Head, Scope};
pub use store::{Store, sqlite_file};
pub use write::{Answer, Change, Touches, Tx};
