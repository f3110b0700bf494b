//! Pure rules without I/O.

pub mod access;
pub mod activity;
pub mod asset;
pub mod attribute;
pub mod built_in;
pub mod email;
pub mod environment;
pub mod erasure;
pub mod feed;
pub mod filter;
pub mod form;
pub mod language;
pub mod lint;
pub mod merge;
pub mod order;
pub mod package;
pub mod person;
pub mod plan;
pub mod primary;
pub mod region;
pub mod routing;
pub mod segmentation;
pub mod text;
pub mod topology;
pub mod upsert;
pub mod visibility;
