//! One table each; the `Model` is what the service reads.

pub mod api_key;
pub mod asset;
pub mod binding;
pub mod field;
pub mod folder;
pub mod grant;
pub mod group;
pub mod import;
mod named;
pub mod operation;
pub mod partition;
pub mod person;
pub mod role;
pub mod routing;
pub mod segmentation;
pub mod service_account;
pub mod share;
pub mod tenant;
pub mod workspace;

pub use api_key::Model as ApiKey;
pub use asset::Model as Asset;
pub use binding::Model as Binding;
pub use field::Model as Field;
pub use folder::Model as Folder;
pub use grant::Model as Grant;
pub use group::Model as Group;
pub use import::Model as Import;
pub use operation::Model as Operation;
pub use partition::Model as Partition;
pub use person::Model as Person;
pub use role::Model as Role;
pub use routing::Model as Routing;
pub use segmentation::Model as Segmentation;
pub use service_account::Model as ServiceAccount;
pub use share::Model as Share;
pub use tenant::Model as Tenant;
pub use workspace::Model as Workspace;

/// A resource's etag: changes with its version, and says nothing else.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}
