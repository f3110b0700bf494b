//! `PersonService`.

mod consent;
mod create;
mod duplicates;
mod erase;
mod erased;
mod export;
mod import;
mod merge;
mod moves;
mod pages;
mod races;
mod remove;
mod suppress;
mod sync;
mod update;
mod visibility;
