//! `AccessService`.

mod api_key;
mod bearer;
mod group;
mod last_use;
mod member;
mod race;
mod role;
mod service_account;
