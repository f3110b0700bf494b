//! Pure rules without I/O.

pub mod attribute;
pub mod email;
pub mod region;
pub mod text;
