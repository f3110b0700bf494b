//! `AccessService`.

mod group;
mod member;
mod race;
mod role;
