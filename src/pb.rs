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
    tonic::include_proto!("precinct.v1");
}

pub use generated::*;

/// The encoded `FileDescriptorSet` of `precinct.v1`, comments included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/precinct.bin"));
