//! Pure rules without I/O.

pub mod attribute;
pub mod email;
pub mod person;
pub mod region;
pub mod text;
pub mod upsert;
