//! What is used, and what of a bill is whose.

mod calls;
mod costs;
mod days;
mod insights;
mod property;
mod sums;
