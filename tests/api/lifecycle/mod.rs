//! What is deleted can be restored for a time, and is purged then (W-08, W-13, T-04, D-10).

mod crash;
mod partition;
mod people;
mod property;
mod replicas;
mod tenant;
mod workspace;

use precinct::id::TenantId;

use crate::support::App;
use crate::support::rows::{Change, Rows};

/// A tenant's rows.
async fn rows(app: &App, tenant: &str) -> Rows {
    let id: TenantId = tenant.parse().expect("an id");
    app.rows(&[id]).await.remove(&id).unwrap_or_default()
}

/// The changes of a kind.
fn changes<'a>(rows: &'a Rows, kind: &str) -> Vec<&'a Change> {
    rows.changes.iter().filter(|one| one.kind == kind).collect()
}

/// The people who were purged, as the changes tell of them, in order.
fn purged(rows: &Rows) -> Vec<String> {
    let ids = |one: &&Change| one.detail["purged"].as_array().cloned().unwrap_or_default();
    let all = changes(rows, "people.purged");
    let mut all: Vec<String> =
        all.iter().flat_map(ids).map(|id| id.as_str().unwrap_or_default().to_owned()).collect();
    all.sort();
    all
}
