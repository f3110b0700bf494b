//! Refusals that several use cases share.

use std::fmt::Display;

use crate::clock::{Micros, now};
use crate::domain::region;
use crate::entity::etag;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::WorkspaceId;
use crate::repository::Tx;

/// ETAG_MISMATCH, if the caller has read another version; an absent etag is accepted (H-02).
pub fn stale_etag(given: &str, version: i64, noun: Noun, id: impl Display) -> Result<()> {
    stale_version(given, version, noun.name(), &id)
        .map_err(|error| error.resource(noun, id.to_string()))
}

/// As [`stale_etag`], for what is no thing of its own.
pub fn stale_version(given: &str, version: i64, name: &str, id: impl Display) -> Result<()> {
    if given.is_empty() || given == etag(version) {
        return Ok(());
    }
    let message = format!(
        "the {name} has changed since its etag was read; read it again, apply your change to it and send \
         the new etag"
    );
    Err(Error::new(Reason::EtagMismatch, message).with("resource", name).with("resource_id", id))
}

/// IMMUTABLE_FIELD, if an update without a mask carries another value of a field that cannot change.
pub fn immutable<T: PartialEq>(path: &str, given: Option<&T>, stored: &T) -> Result<()> {
    if given.is_none_or(|given| given == stored) {
        return Ok(());
    }
    let message = format!("{path} cannot change; send it as it is, or leave it out");
    Err(Error::new(Reason::ImmutableField, message).with("field", path).field(path))
}

/// WORKSPACE_ARCHIVED (W-12).
pub fn archived(workspace: WorkspaceId) -> Error {
    let message = "the workspace is archived and refuses writes; unarchive it first";
    Error::new(Reason::WorkspaceArchived, message)
        .with("workspace_id", workspace)
        .resource(Noun::Workspace, workspace.to_string())
}

/// Refuses to restore what is not deleted (NOT_DELETED), or is past its time (NOT_FOUND).
pub fn restore(
    delete_time: Option<Micros>,
    purge_time: Option<Micros>,
    noun: Noun,
    id: impl Display,
) -> Result<()> {
    if delete_time.is_none() {
        let message = format!("the {} is not deleted; there is nothing to restore", noun.name());
        return Err(Error::new(Reason::NotDeleted, message)
            .with("resource", noun.name())
            .with("resource_id", &id)
            .resource(noun, id.to_string()));
    }
    if purge_time.is_some_and(|time| time <= now()) {
        return Err(Error::not_found(noun, id));
    }
    Ok(())
}

/// NAME_TAKEN.
pub fn name_taken(noun: Noun, name: &str) -> Error {
    let message = format!("another {} has the name {name:?}; choose another name", noun.name());
    Error::new(Reason::NameTaken, message).with("resource", noun.name()).with("name", name)
}

/// REGION_MISMATCH, if the tenant does not let things pass between two regions (K-01).
pub fn across_regions(tx: &Tx, from: &str, to: &str) -> Result<()> {
    let settings = Settings::from_json(&tx.head().settings);
    match region::compatible(from, to, &settings.allowed_region_pairs) {
        true => Ok(()),
        false => Err(region_mismatch(from, to)),
    }
}

/// REGION_MISMATCH.
pub fn region_mismatch(from: &str, to: &str) -> Error {
    let message = format!(
        "the regions {from:?} and {to:?} differ; choose a side of the same region, or allow the pair in \
         the tenant's settings"
    );
    Error::new(Reason::RegionMismatch, message).with("from_region", from).with("to_region", to)
}

/// INVALID_FIELD for a region that the tenant's settings leave out.
pub fn region_not_allowed(field: &str, settings: &Settings) -> Error {
    let regions = settings.allowed_regions.join(", ");
    Error::invalid(field, format!("must be one of the tenant's allowed_regions: {regions}"))
}
