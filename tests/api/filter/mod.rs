//! Filters of people: what the database gives is what the service says, and what callers get.

mod equal;
mod folded;
mod people;
mod random;
mod references;
