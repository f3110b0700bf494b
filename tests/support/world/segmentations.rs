//! The segmentations of a world.

use crate::support::App;
use crate::support::actor::Actor;
use crate::support::segmentations::segment;

/// Ids of segmentations of the world's workspace.
#[derive(Clone)]
pub struct Segmentations {
    /// One that never was approved.
    pub draft: String,
    /// One that is approved, and that nothing uses; the person is in Default.
    pub approved: String,
    /// A segment of that.
    pub segment: String,
}

// === impl Segmentations ===

impl Segmentations {
    /// New ones.
    pub async fn new(app: &App, admin: &Actor, workspace: &str) -> Self {
        let nameless = [segment("Nameless", "email is empty")];
        let draft = admin.segmentation(workspace, "Draft", &nameless).await.id;
        let approved = admin.segmentation(workspace, "Approved", &nameless).await;
        let approved = approved.approved(app).await;
        let segment = approved.segment_id("Nameless").await;
        Self { draft, approved: approved.id, segment }
    }
}
