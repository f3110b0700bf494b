//! Pure rules without I/O.

pub mod access;
pub mod asset;
pub mod attribute;
pub mod built_in;
pub mod email;
pub mod filter;
pub mod form;
pub mod formula;
pub mod language;
pub mod order;
pub mod person;
pub mod plan;
pub mod primary;
pub mod region;
pub mod routing;
pub mod segmentation;
pub mod text;
pub mod upsert;
pub mod usage;
pub mod visibility;
