//! Folders, assets and shares together: what every workspace sees, whatever was done, and under concurrency.

mod budget;
mod clone;
mod model;
mod moves;
mod planned;
mod property;
mod race;
mod steps;
