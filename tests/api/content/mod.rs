//! Folders, assets and shares together: what every workspace sees, whatever was done, and under concurrency.

mod model;
mod property;
