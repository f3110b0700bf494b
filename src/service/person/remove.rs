//! Deleting and restoring people (D-10).

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::create::item;
use super::update::find;
use super::{People, View, known, refuse, sight_for_writing};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::domain::feed::by_partition;
use crate::domain::person::PersonInput;
use crate::domain::upsert::Reach;
use crate::entity::Person;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, Reason, Refusal, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::purge::{self, Purge};
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Change, Tx, consent, person};
use crate::service::access::{self, At};
use crate::service::refuse as shared;

/// What became of one person of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removed {
    /// Who.
    pub id: PersonId,
    /// Why not.
    pub refusal: Option<Box<Refusal>>,
}

// === impl People ===

impl People {
    /// Deletes a person.
    pub async fn delete(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: PersonId,
        etag: &str,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(workspace)).await?;
                let sight = sight_for_writing(tx, workspace).await?;
                let before = find(tx, &sight, id).await?;
                shared::stale_etag(etag, before.version, Noun::Person, before.id)?;
                writable(&sight, &before)?;
                let after = delete_rows(tx, std::slice::from_ref(&before)).await?.remove(0);
                let (old, new) = (self.view(tx, before).await?, self.view(tx, after).await?);
                tx.record(Change {
                    kind: "person.deleted",
                    resource_id: Some(new.person.id.0),
                    workspace_id: Some(workspace),
                    detail: json!({ "partition_id": new.person.partition_id }),
                    before: old.audit(),
                    after: json!({ "delete_time": new.person.delete_time }),
                    ..Change::default()
                });
                Ok(new)
            })
            .await
    }

    /// Deletes people; a result for each, in order.
    pub async fn delete_many(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        ids: &[PersonId],
        atomic: bool,
    ) -> Result<Answer<Vec<Removed>>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(workspace)).await?;
                let sight = sight_for_writing(tx, workspace).await?;
                let found = known::lock_living(tx, &sight, ids).await?;
                let mut rows: Vec<Person> = Vec::new();
                let (mut results, mut seen) = (Vec::new(), HashSet::new());
                for (at, id) in ids.iter().enumerate() {
                    let refusal = match removable(&sight, found.get(id), *id) {
                        Ok(row) => {
                            if seen.insert(row.id) {
                                rows.push(row.clone());
                            }
                            None
                        }
                        Err(error) if atomic => return Err(item(at, error.into_refusal())),
                        Err(error) => Some(error.into_refusal()),
                    };
                    results.push(Removed { id: *id, refusal });
                }
                let deleted = delete_rows(tx, &rows).await?;
                record_deleted(tx, workspace, &deleted);
                Ok(results)
            })
            .await
    }

    /// Restores a deleted person, if nobody took the keys meanwhile.
    pub async fn undelete(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: PersonId,
    ) -> Result<Answer<View>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(workspace)).await?;
                let sight = sight_for_writing(tx, workspace).await?;
                let row = known::lock(tx, &sight, &[id]).await?.remove(&id);
                let row = row.ok_or_else(|| refuse::person_not_found(Some(id)))?;
                let before = json!({ "delete_time": row.delete_time });
                let after = restore_row(tx, &sight, row).await?;
                let view = self.view(tx, after).await?;
                tx.record(Change {
                    kind: "person.restored",
                    resource_id: Some(view.person.id.0),
                    workspace_id: Some(workspace),
                    detail: json!({ "partition_id": view.person.partition_id }),
                    before,
                    after: view.audit(),
                    ..Change::default()
                });
                Ok(view)
            })
            .await
    }
}

async fn delete_rows(tx: &Tx, rows: &[Person]) -> Result<Vec<Person>> {
    let time = now();
    let purge_time = after(time, RETENTION);
    let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
    if !ids.is_empty() {
        person::delete(tx, &ids, time, purge_time).await?;
        purge::schedule(tx, Purge::People, purge_time).await?;
        tx.people_written(ids);
    }
    for row in rows {
        tx.people_flowed(Some(row.partition_id), None, 1);
    }
    let deleted = |row: &Person| Person {
        delete_time: Some(time),
        purge_time: Some(purge_time),
        update_time: time,
        version: row.version + 1,
        ..row.clone()
    };
    Ok(rows.iter().map(deleted).collect())
}

async fn restore_row(tx: &Tx, sight: &Sight, row: Person) -> Result<Person> {
    shared::restore(row.delete_time, row.purge_time, Noun::Person, row.id)?;
    writable(sight, &row)?;
    if person::lock_partitions(tx, &[row.partition_id]).await?.is_empty() {
        return Err(partition_deleted(&row));
    }
    let settings = Settings::from_json(&tx.head().settings);
    let scope = refuse::uniqueness_scope(&settings, row.partition_id);
    let address = (row.partition_id, row.email_key.clone());
    let unsubscribed = if row.email_key.is_empty() {
        row.unsubscribed
    } else {
        !consent::unsubscribed(tx, &[address]).await?.is_empty()
    };
    let time = now();
    let free =
        tx.savepoint(async || person::restore(tx, row.id, scope, unsubscribed, time).await).await?;
    if let Err(Error::Unique(_)) = free {
        return Err(taken_meanwhile(tx, sight, &row, &[]).await?);
    }
    free?;
    tx.people_written([row.id]);
    tx.people_flowed(None, Some(row.partition_id), 1);
    Ok(Person {
        delete_time: None,
        purge_time: None,
        uniqueness_scope: scope,
        unsubscribed,
        update_time: time,
        version: row.version + 1,
        ..row
    })
}

/// Who has a key of a row that cannot be written, beside those who would leave it to the row.
pub(super) async fn taken_meanwhile(
    tx: &Tx,
    sight: &Sight,
    row: &Person,
    leaving: &[PersonId],
) -> Result<Error> {
    let input = PersonInput {
        email: row.email.as_deref().and_then(|text| text.parse().ok()),
        external_id: row.external_id.clone(),
        ..PersonInput::default()
    };
    let located = person::Located {
        id: row.id,
        partition_id: row.partition_id,
        email_key: row.email_key.clone(),
        external_id: row.external_id.clone(),
    };
    refuse::update_taken(tx, sight, &input, &located, leaving).await
}

fn removable<'a>(sight: &Sight, found: Option<&'a Person>, id: PersonId) -> Result<&'a Person> {
    let person = found.ok_or_else(|| refuse::person_not_found(Some(id)))?;
    writable(sight, person)?;
    Ok(person)
}

pub(super) fn writable(sight: &Sight, person: &Person) -> Result<()> {
    writable_there(sight, person.partition_id)
}

pub(super) fn writable_there(sight: &Sight, partition: PartitionId) -> Result<()> {
    match sight.reach(partition) {
        Reach::Write => Ok(()),
        _ => Err(refuse::read_only(partition)),
    }
}

fn record_deleted(tx: &Tx, workspace: WorkspaceId, deleted: &[Person]) {
    if deleted.is_empty() {
        return;
    }
    let ids: Vec<PersonId> = deleted.iter().map(|person| person.id).collect();
    let homes = || deleted.iter().map(|person| (person.id, person.partition_id));
    let partitions: BTreeSet<PartitionId> = homes().map(|one| one.1).collect();
    tx.record(Change {
        kind: "people.deleted",
        workspace_id: Some(workspace),
        before: json!({ "person_ids": ids }),
        after: json!({ "delete_time": deleted[0].delete_time }),
        detail: json!({ "deleted": by_partition(homes()), "partition_ids": partitions }),
        ..Change::default()
    });
}

fn partition_deleted(row: &Person) -> Error {
    Error::new(
        Reason::PartitionDeleted,
        "the person's partition is deleted; restore the partition first",
    )
    .with("partition_id", row.partition_id)
}
