//! Making and upserting people: one, or a set with a result for each.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::set::{self, Done, Spec};
use super::{Outcome, People, View, refuse, sight_for_writing};
use crate::context::Context;
use crate::domain::feed::by_partition;
use crate::domain::person::PersonInput;
use crate::entity::import::{LookupField, Mode};
use crate::entity::person::Source;
use crate::error::{Error, Refusal, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::person;
use crate::repository::{Answer, Change, Tx};
use crate::service::access::{self, At};
use crate::service::routing::{Router, Way};

/// A person to make.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The workspace through which the person comes in.
    pub workspace: WorkspaceId,
    /// The partition that the caller names.
    pub partition: Option<PartitionId>,
    /// How the person comes in.
    pub source: Source,
    /// The person.
    pub input: PersonInput,
}

/// People to make or change.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The workspace through which they come in.
    pub workspace: WorkspaceId,
    /// The partition that the caller names.
    pub partition: Option<PartitionId>,
    /// What may be done.
    pub mode: Mode,
    /// By what people are found.
    pub lookup: LookupField,
    /// How new people come in.
    pub source: Source,
    /// All or nothing.
    pub atomic: bool,
    /// The people, in order; those that do not parse are refused one by one.
    pub rows: Vec<Result<PersonInput, Box<Refusal>>>,
}

/// A person who was made, as far as the workspace sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Made {
    /// In its sight.
    Seen(Box<View>),
    /// Where it does not see: routing led there.
    Hidden,
}

// === impl People ===

impl People {
    /// Makes a person: a set of one.
    pub async fn create(&self, ctx: &Context, new: NewPerson) -> Result<Answer<Made>> {
        let batch = Batch {
            workspace: new.workspace,
            partition: new.partition,
            mode: Mode::CreateOnly,
            lookup: LookupField::Email,
            source: new.source,
            atomic: true,
            rows: vec![Ok(new.input)],
        };
        let batch = &batch;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(batch.workspace)).await?;
                let Done { outcomes, .. } = self.write_set(tx, batch).await?;
                let (id, hidden) = match outcomes.into_iter().next() {
                    Some(Outcome::Failed(refusal)) => {
                        return Err(Error::Refused(refusal).below("person"));
                    }
                    Some(made) => (made.created(), matches!(made, Outcome::Hidden(_))),
                    None => (None, false),
                };
                let id = id.ok_or_else(|| Error::internal("a create that made nobody"))?;
                let row = person::made(tx, id).await?;
                let row = row.ok_or_else(|| refuse::person_not_found(Some(id)))?;
                let view = self.view(tx, row).await?;
                tx.record(Change {
                    kind: "person.created",
                    resource_id: Some(id.0),
                    workspace_id: Some(batch.workspace),
                    detail: json!({ "partition_id": view.person.partition_id }),
                    after: view.audit(),
                    ..Change::default()
                });
                Ok(if hidden { Made::Hidden } else { Made::Seen(Box::new(view)) })
            })
            .await
    }

    /// Makes and changes people; a result for each, in order (H-05).
    pub async fn sync(&self, ctx: &Context, batch: Batch) -> Result<Answer<Vec<Outcome>>> {
        let batch = &batch;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(batch.workspace)).await?;
                let done = self.write_set(tx, batch).await?;
                if batch.atomic {
                    refuse_first(&done.outcomes)?;
                }
                record_set(tx, "people.synced", batch.workspace, &done);
                Ok(done.outcomes)
            })
            .await
    }

    /// Writes a set within a transaction.
    pub(super) async fn write_set(&self, tx: &Tx, batch: &Batch) -> Result<Done> {
        let sight = sight_for_writing(tx, batch.workspace).await?;
        if let Some(named) = batch.partition {
            sight.narrow(&[named])?;
        }
        let fields = self.fields.of(tx).await?;
        let way = Way { sight: &sight, named: batch.partition, source: batch.source };
        let router = Router::new(tx, &self.policies, &fields, way).await?;
        let spec = Spec {
            sight: &sight,
            router: &router,
            mode: batch.mode,
            lookup: batch.lookup,
            source: batch.source,
            fields: &fields,
        };
        set::write(tx, &spec, &batch.rows).await
    }
}

/// Records a set: the ids go to the feed, the numbers to the audit log.
pub(super) fn record_set(tx: &Tx, kind: &'static str, workspace: WorkspaceId, done: &Done) {
    let created: Vec<PersonId> = done.outcomes.iter().filter_map(Outcome::created).collect();
    let written = done.outcomes.iter().filter(|one| one.created().is_none());
    let updated: Vec<PersonId> = written.filter_map(Outcome::written).collect();
    if created.is_empty() && updated.is_empty() {
        return;
    }
    let home = |id: &PersonId| Some((*id, *done.homes.get(id)?));
    let listed = |ids: &[PersonId]| by_partition(ids.iter().filter_map(home));
    tx.record(Change {
        kind,
        workspace_id: Some(workspace),
        after: json!({ "created": created.len(), "updated": updated.len() }),
        detail: json!({ "created": listed(&created), "updated": listed(&updated) }),
        ..Change::default()
    });
}

/// The refusal of the first bad item of an atomic batch, as the call's own.
pub(super) fn refuse_first(outcomes: &[Outcome]) -> Result<()> {
    let failed = |(at, outcome): (usize, &Outcome)| match outcome {
        Outcome::Failed(refusal) => Some((at, refusal.clone())),
        _ => None,
    };
    match outcomes.iter().enumerate().find_map(failed) {
        Some((at, refusal)) => Err(item(at, refusal)),
        None => Ok(()),
    }
}

/// A refusal of an item as the refusal of its call.
pub(super) fn item(at: usize, refusal: Box<Refusal>) -> Error {
    Error::Refused(refusal).with("index", at)
}
