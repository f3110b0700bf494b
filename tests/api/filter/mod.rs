//! Filters of people: what the database gives is what the service says, and what callers get.

mod equal;
mod random;
