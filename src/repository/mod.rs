//! SQL, as free functions over a scope: `workspace::get(&scope, id)`.

pub mod access;
mod alone;
pub mod audit;
pub mod binding;
mod connection;
pub mod consent;
pub mod consent_scope;
mod failure;
pub mod field;
pub mod field_set;
pub mod grant;
pub mod group;
pub mod import;
pub mod index;
mod keyset;
pub mod migrate;
pub mod partition;
pub mod person;
mod platform;
pub mod quota;
mod request;
pub mod role;
mod scope;
pub mod sql;
mod store;
mod sweep;
pub mod tenant;
pub mod visibility;
pub mod workspace;
mod write;

pub use migrate::Schema;
pub use platform::Platform;
pub use scope::{Head, Scope};
pub use store::{Store, sqlite_file};
pub use write::{Answer, Change, Touches, Tx};
