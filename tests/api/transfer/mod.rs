//! Promotion, packages, regions (K-01 to K-03).

mod approve;
mod budget;
mod damaged;
mod gone;
mod package;
mod people;
mod promote;
mod race;
mod refusals;
mod regions;
mod rights;
