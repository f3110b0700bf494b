//! `AccessService`.

mod check;
mod explain;
mod group;
mod kept;
mod matrix;
mod member;
mod race;
mod replica;
mod role;
