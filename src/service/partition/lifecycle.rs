//! Deleting and restoring partitions (P-04).

use serde_json::json;

use super::write::{record, save};
use super::{Bound, Partitions, not_found};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::entity::Partition;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::PartitionId;
use crate::repository::binding::{self, Ends};
use crate::repository::purge::{self, Purge};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Tx, partition, routing};
use crate::service::access::{At, Over, demand, demand_over};
use crate::service::plan::{self, Planned};
use crate::service::refuse;

impl Partitions {
    /// Deletes a partition that holds nobody, softly.
    pub async fn delete(
        &self,
        ctx: &Context,
        id: PartitionId,
        etag: &str,
    ) -> Result<Answer<Planned<Partition>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let over = Over::partitions(std::slice::from_ref(&id));
            demand_over(&tx, ctx, over).await?;
            delete(&tx, id, etag).await
        })
        .await
    }

    /// Brings a deleted partition back.
    pub async fn undelete(
        &self,
        ctx: &Context,
        id: PartitionId,
        display_name: Option<&str>,
    ) -> Result<Answer<Planned<Bound>>> {
        plan::write(&self.store, ctx, |tx| async move {
            demand(&tx, ctx, At::Tenant).await?;
            undelete(&tx, id, display_name).await
        })
        .await
    }
}

async fn delete(tx: &Tx, id: PartitionId, etag: &str) -> Result<Partition> {
    let before = partition::lock(tx, id)
        .await?
        .filter(|found| found.delete_time.is_none())
        .ok_or_else(|| not_found(id))?;
    refuse::stale_etag(etag, before.version, Noun::Partition, id)?;
    refuse_needed(tx, &before).await?;
    let mut deleted = before.clone();
    let time = now();
    deleted.delete_time = Some(time);
    let purge_time = after(time, RETENTION);
    deleted.purge_time = Some(purge_time);
    purge::schedule(tx, Purge::Partition(id), purge_time).await?;
    quota::give_back(tx, Quota::Partitions).await?;
    save(tx, &mut deleted).await?;
    record(tx, "partition.deleted", Some(&before), &deleted, json!({}));
    Ok(deleted)
}

async fn undelete(tx: &Tx, id: PartitionId, display_name: Option<&str>) -> Result<Bound> {
    let before = partition::lock(tx, id).await?.ok_or_else(|| not_found(id))?;
    refuse::restore(before.delete_time, before.purge_time, Noun::Partition, id)?;
    quota::take(tx, Quota::Partitions).await?;
    let mut restored = before.clone();
    restored.delete_time = None;
    restored.purge_time = None;
    purge::forget(tx, Purge::Partition(id)).await?;
    if let Some(name) = display_name {
        name.clone_into(&mut restored.display_name);
    }
    save(tx, &mut restored).await?;
    record(tx, "partition.undeleted", Some(&before), &restored, json!({}));
    // Their rows stood all the time: with the partition they are seen again.
    let bindings = binding::explicit(tx, Ends::partition(id)).await?;
    Ok(Bound { partition: restored, bindings })
}

/// Refuses to delete what is still needed (P-04). The partition is locked: nobody binds it or puts people
/// into it meanwhile.
async fn refuse_needed(tx: &Tx, partition: &Partition) -> Result<()> {
    let id = partition.id;
    let refusal = |reason, message: String| {
        Error::new(reason, message)
            .with("partition_id", id)
            .resource(Noun::Partition, id.to_string())
    };
    if partition.is_default {
        let message = "the Default partition cannot be deleted; it may stand empty";
        return Err(refusal(Reason::PartitionIsDefault, message.into()));
    }
    let bound = binding::explicit(tx, Ends::partition(id)).await?;
    let workspaces = bound.iter().filter(|one| one.is_primary).count();
    if workspaces > 0 {
        let message = format!(
            "the partition is the primary one of {workspaces} workspaces; give each of them another \
             primary first"
        );
        return Err(refusal(Reason::PartitionIsPrimary, message).with("workspaces", workspaces));
    }
    let rules = routing::leading(tx, id).await?;
    if rules > 0 {
        let message = format!(
            "the routing policy leads new people to the partition, by {rules} rules, the default choice \
             among them; change the policy first"
        );
        return Err(refusal(Reason::PartitionIsRoutingTarget, message).with("rules", rules));
    }
    let people = partition::count_people(tx, id).await?;
    if people.living > 0 {
        let message = format!(
            "the partition holds {} people, and {} deleted ones; move or delete the people first",
            people.living, people.deleted
        );
        return Err(refusal(Reason::PartitionNotEmpty, message)
            .with("people", people.living)
            .with("deleted_people", people.deleted));
    }
    Ok(())
}
