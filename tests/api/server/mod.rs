//! The server around the API: who gets in, what is refused and how, health, reflection, and its end.

mod command;
mod deadline;
mod door;
mod drain;
mod health;
mod jwt;
mod limits;
mod peers;
mod raw;
mod reflection;
mod secrets;
mod system;
mod tls;
