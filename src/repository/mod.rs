//! SQL, as free functions over a scope: `workspace::get(&scope, id)`.

mod audit;
mod connection;
pub mod consent;
mod failure;
pub mod migrate;
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
