//! `ListService`, and the rpcs of `AssetService` about the people in programs: what holds of the ones holds of the others.

mod memberships;
mod refusals;
mod results;
mod sight;
mod together;
