//! People, always through a workspace: what it does not see is not there (V-01).

mod create;
mod duplicates;
mod export;
mod fold;
mod form;
mod import;
mod move_many;
mod moves;
mod outcome;
mod read;
mod refuse;
mod remove;
mod reroute;
mod set;
mod set_update;
mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::domain::attribute::Value;
use crate::domain::upsert::Reach;
use crate::entity::Person;
use crate::entity::binding::Access;
use crate::error::{Error, Noun, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::field_set::FieldSet;
use crate::repository::visibility::{self, Sight};
use crate::repository::{Scope, Store};
use crate::secret::Secrets;
use crate::service::refuse as shared;

pub use create::{Batch, Made, NewPerson};
pub use duplicates::Duplicates;
pub use export::Export;
pub use form::Submission;
pub use import::{Chunk, ChunkDone, Header};
pub use move_many::{MoveMany, MovedMany};
pub use moves::{Move, MoveOutcome, Moved};
pub use outcome::Outcome;
pub use read::Listing;
pub use remove::Removed;
pub use reroute::{Reroute, Rerouted, Route};
pub use update::Change;

pub(super) use fold::values;
pub(super) use refuse::read_only;

/// The use cases of people.
#[derive(Clone)]
pub struct People {
    store: Store,
    secrets: Secrets,
}

/// A person as callers see it: values by the names of their fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The row.
    pub person: Person,
    /// The values.
    pub attributes: BTreeMap<String, Value>,
}

// === impl People ===

impl People {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    async fn views(&self, scope: &Scope, people: Vec<Person>) -> Result<Vec<View>> {
        let fields = scope.fields().await?;
        Ok(people.into_iter().map(|person| View::new(person, &fields)).collect())
    }

    async fn view(&self, scope: &Scope, person: Person) -> Result<View> {
        let fields = scope.fields().await?;
        Ok(View::new(person, &fields))
    }
}

// === impl View ===

impl View {
    fn new(person: Person, fields: &FieldSet) -> Self {
        let value = |(key, stored): (&String, &Json)| {
            // The values of a deleted field stay in the row and show nowhere.
            let (name, kind) = fields.keyed(key)?;
            Some((name.to_owned(), Value::load(stored, kind)?))
        };
        let stored = person.attributes.as_object();
        let attributes = stored.map(|all| all.iter().filter_map(value).collect());
        Self { attributes: attributes.unwrap_or_default(), person }
    }

    /// For the audit log.
    fn audit(&self) -> Json {
        json!(self)
    }
}

// === impl Sight ===

impl Sight {
    /// How far the workspace reaches into a partition.
    pub fn reach(&self, partition: PartitionId) -> Reach {
        match self.access(partition) {
            None => Reach::Hidden,
            Some(Access::ReadOnly) => Reach::Read,
            Some(Access::ReadWrite) => Reach::Write,
        }
    }

    /// The partitions that a request names, each visible; all that the workspace sees if it names none.
    pub fn narrow(&self, named: &[PartitionId]) -> Result<Vec<PartitionId>> {
        if named.is_empty() {
            return Ok(self.ids());
        }
        match named.iter().find(|partition| self.seen(**partition).is_none()) {
            Some(unseen) => Err(refuse::partition_not_found(*unseen)),
            None => Ok(named.to_vec()),
        }
    }
}

/// What a workspace sees, or WORKSPACE_NOT_FOUND.
pub(super) async fn sight(scope: &Scope, workspace: WorkspaceId) -> Result<Sight> {
    visibility::sight(scope, workspace)
        .await?
        .ok_or_else(|| Error::not_found(Noun::Workspace, workspace))
}

/// As [`sight`], for a write: an archived workspace refuses it (W-12).
async fn sight_for_writing(scope: &Scope, workspace: WorkspaceId) -> Result<Sight> {
    let sight = sight(scope, workspace).await?;
    if sight.workspace_archived { Err(shared::archived(workspace)) } else { Ok(sight) }
}
