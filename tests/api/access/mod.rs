//! `AccessService`.

mod api_key;
mod bearer;
mod check;
mod check_content;
mod explain;
mod explain_content;
mod group;
mod kept;
mod last_use;
mod matrix;
mod member;
mod race;
mod replica;
mod role;
mod service_account;
