//! People: the statements, all over sets.

pub mod erase;
mod find;
mod locate;
pub mod matching;
pub mod merge;
mod remove;
mod transfer;
mod write;

pub use find::{
    Order, by_id, by_ids, by_keys, count, count_beyond, duplicate_keys, list, matching, walk,
    with_keys,
};
pub use locate::{
    Located, by_email, by_external_id, by_person_id, homes, lock_partitions, made, with_key_of,
};
pub use remove::{delete, lock, restore};
pub use transfer::transfer;
pub use write::{NewPerson, PersonPatch, insert, update};
