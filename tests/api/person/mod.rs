//! `PersonService`.

mod consent;
mod create;
mod duplicates;
mod export;
mod import;
mod moves;
mod pages;
mod races;
mod remove;
mod sync;
mod update;
mod visibility;
