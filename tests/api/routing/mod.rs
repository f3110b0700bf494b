//! Where new people go.

mod forms;
mod land;
mod policy;
mod property;
mod race;
mod reroute;
mod sight;
