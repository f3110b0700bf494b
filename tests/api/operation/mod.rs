//! `google.longrunning.Operations`, and how operations are carried on.

mod cancel;
mod crash;
mod fair;
mod lists;
mod moves;
mod race;
mod rights;

use precinct::pb::longrunning::Operation;

use crate::support::Tenant;
use crate::support::actor::Actor;

/// A tenant with two partitions, a workspace that sees both, and people in the first.
struct Scene {
    tenant: Tenant,
    ada: Actor,
    from: String,
    to: String,
    workspace: String,
}

// === impl Scene ===

impl Scene {
    async fn new(app: &crate::support::App, name: &str, people: usize) -> Self {
        Self::of(app.tenant(name).await, people).await
    }

    async fn of(tenant: Tenant, people: usize) -> Self {
        let ada = tenant.admin();
        let (from, to) = (ada.partition("From").await, ada.partition("To").await);
        let workspace = ada.workspace("Both", &[&from, &to]).await;
        ada.fill(&workspace, &from, 0..people).await;
        Self { tenant, ada, from, to, workspace }
    }

    /// Starts to move everybody, as the owner.
    async fn start(&self) -> String {
        self.ada.move_all(&self.workspace, &[&self.from], &self.to).await
    }

    /// How many people are where they were, and where they go.
    async fn counts(&self) -> (i64, i64) {
        let count = async |partition| self.ada.count_in(&self.workspace, partition).await;
        (count(&self.from).await, count(&self.to).await)
    }

    async fn get(&self, name: &str) -> Operation {
        self.ada.operation(name).await
    }
}
