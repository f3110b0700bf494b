//! Person partitions: reading them; how they are made, changed and deleted is in the files below.

mod lifecycle;
mod write;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::access::{At, Sight, demand};
use crate::context::Context;
use crate::domain::order::{Order, Place};
use crate::entity::Partition;
use crate::error::{Error, Noun, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::binding::Binding;
use crate::repository::{Answer, Store, Tx, partition};
use crate::secret::Secrets;

pub use write::{NewPartition, PartitionPatch};

/// The use cases of partitions.
#[derive(Clone)]
pub struct Partitions {
    store: Store,
    secrets: Secrets,
}

/// What a caller lists.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Only what this workspace sees.
    pub workspace: Option<WorkspaceId>,
    /// Deleted partitions too.
    pub show_deleted: bool,
    /// The order.
    pub order: Order,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

/// A partition that was made or restored, with its bindings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bound {
    /// The partition.
    pub partition: Partition,
    /// Its bindings.
    pub bindings: Vec<Binding>,
}

// === impl Partitions ===

impl Partitions {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads a living partition.
    pub async fn get(&self, ctx: &Context, id: PartitionId) -> Result<Answer<Partition>> {
        Ok(self.batch_get(ctx, &[id]).await?.map(|mut found| found.remove(0)))
    }

    /// Reads living partitions, in the order asked for, all or nothing.
    pub async fn batch_get(
        &self,
        ctx: &Context,
        ids: &[PartitionId],
    ) -> Result<Answer<Vec<Partition>>> {
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        if let Some(unseen) = ids.iter().find(|id| !sight.sees_partition(**id)) {
            return Err(not_found(*unseen));
        }
        let value = in_order(partition::by_ids(&scope, ids).await?, ids)?;
        Ok(scope.answer(value))
    }

    /// Lists the partitions of the tenant, or those that a workspace sees.
    pub async fn list(
        &self,
        ctx: &Context,
        listing: &Listing,
    ) -> Result<Answer<Listed<Partition>>> {
        let Listing { workspace, show_deleted, order, .. } = *listing;
        let query = format!("{workspace:?} {show_deleted} {order:?}");
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request(listing.page_size, &listing.page_token)?;
        let scope = self.store.read(ctx).await?;
        if let Some(id) = workspace {
            demand(&scope, ctx, At::Workspace(id)).await?;
        }
        let seen = Sight::of(&scope, ctx).await?.partitions();
        let (place, limit) = (page.after.clone(), page.limit());
        let rows =
            partition::list(&scope, &seen, workspace, show_deleted, order, place, limit).await?;
        let value = tokens.list(page.page(rows), |last| Place {
            name: last.display_name.clone(),
            create_time: last.create_time,
            id: last.id.0,
        });
        Ok(scope.answer(value))
    }
}

/// Living partitions, held against deletion until the commit, or PARTITION_NOT_FOUND for the first that is
/// missing.
pub(super) async fn hold(tx: &Tx, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    in_order(partition::hold(tx, ids).await?, ids)
}

fn in_order(found: Vec<Partition>, ids: &[PartitionId]) -> Result<Vec<Partition>> {
    let mut found: HashMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
    ids.iter().map(|id| found.remove(id).ok_or_else(|| not_found(*id))).collect()
}

/// PARTITION_NOT_FOUND.
pub(super) fn not_found(id: PartitionId) -> Error {
    Error::not_found(Noun::Partition, id)
}
