//! `TopologyService`, what it says of access aside.

mod property;
mod visibility;
