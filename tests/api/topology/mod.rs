//! `TopologyService`, what it says of access aside.

mod budget;
mod describe;
mod doc;
mod ends;
mod findings;
mod moves;
mod property;
mod seers;
mod visibility;
