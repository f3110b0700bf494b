//! The wire: code generated from `proto/`, and its descriptors.

#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "generated; documented in proto/"
)]
mod generated {
    pub mod google {
        pub mod longrunning {
            tonic::include_proto!("google.longrunning");
        }
    }
    pub mod precinct {
        pub mod v1 {
            tonic::include_proto!("precinct.v1");
        }
    }
}

pub use generated::google::longrunning;
pub use generated::precinct::v1::*;
pub use tonic_types::pb::Status;

/// The encoded `FileDescriptorSet` of `precinct.v1` and of what it is made with, comments included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/precinct.bin"));
