//! What can be allowed, and the roles that come with the product.

pub mod api_key;
pub mod nesting;
pub mod permission;
pub mod role;
pub mod rpc;

pub use permission::{Permission, Permissions};
