//! The kinds of operations: who does what they do.

use super::Step;
use crate::context::Context;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::Result;
use crate::repository::{Store, Tx};
use crate::secret::Secrets;
use crate::service::asset::Assets;
use crate::service::person::People;
use crate::service::segmentation::Segmentations;

/// The rpcs that start operations.
pub(super) const METHODS: &[&str] = &[
    "ListService/AddListMembersByFilter",
    "PersonService/MovePeopleByFilter",
    "RoutingService/ReroutePeople",
    "SegmentationService/ApproveSegmentation",
    "SegmentationService/RecomputeSegmentation",
];

/// What slices work with.
#[derive(Clone)]
pub struct Jobs {
    people: People,
    assets: Assets,
    segmentations: Segmentations,
    /// People whom a slice looks at.
    size: i64,
}

// === impl Jobs ===

impl Jobs {
    /// The jobs over a store.
    pub fn new(store: Store, secrets: Secrets, size: i64) -> Self {
        let assets = Assets::new(store.clone(), secrets.clone());
        let segmentations = Segmentations::new(store.clone(), secrets.clone());
        Self { people: People::new(store, secrets), assets, segmentations, size }
    }

    /// Does the next slice of an operation, and says where that leaves it.
    pub(super) async fn slice(
        &self,
        tx: &Tx,
        ctx: &Context,
        operation: &Operation,
    ) -> Result<Step> {
        match operation.kind {
            Kind::MovePeople => self.people.move_slice(tx, operation, self.size).await,
            Kind::ReroutePeople => self.people.reroute_slice(tx, operation, self.size).await,
            Kind::AddListMembers => self.assets.fill_slice(tx, ctx, operation, self.size).await,
            Kind::ApproveSegmentation | Kind::RecomputeSegmentation | Kind::FollowSegmentation => {
                self.segmentations.slice(tx, ctx, operation, self.size).await
            }
        }
    }

    /// Takes back what an operation that is stopped or fails must not leave behind; slices that are done stay.
    pub(super) async fn abandon(&self, tx: &Tx, operation: &Operation) -> Result<()> {
        match operation.kind {
            Kind::MovePeople | Kind::ReroutePeople | Kind::AddListMembers => Ok(()),
            Kind::ApproveSegmentation | Kind::RecomputeSegmentation | Kind::FollowSegmentation => {
                self.segmentations.abandon(tx, operation).await
            }
        }
    }
}
