//! The wire: code generated from `proto/`, and its descriptors.

#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::doc_markdown,
    reason = "generated; documented in proto/"
)]
mod generated {
    tonic::include_proto!("precinct.v1");
}

pub use generated::*;

/// The encoded `FileDescriptorSet` of `precinct.v1`, comments included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/precinct.bin"));
