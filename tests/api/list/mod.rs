//! `ListService`, and the rpcs of `AssetService` about the people in programs: what holds of the ones holds of the others.

mod audience;
mod filled;
mod memberships;
mod refusals;
mod results;
mod sight;
mod smart;
mod together;
