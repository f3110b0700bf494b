//! Erasing a person: an operation that removes all that is stored of somebody, slice by slice (K-08). First the records
//! go, in one transaction with all that they are in; then the texts beside them, table by table.

mod people;
mod receipt;
mod texts;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::remove::writable;
use super::{People, known, refuse, sight_for_writing};
use crate::context::Context;
use crate::domain::email::Email;
use crate::domain::erasure::Subject;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::{Error, Result};
use crate::id::{PersonId, WorkspaceId};
use crate::repository::erasure::{Cursor, Place};
use crate::repository::{Answer, Tx, suppression};
use crate::service::access::{self, At};
use crate::service::operation::{self, New, Progress, Step};

pub use receipt::{Erased, Mention, Receipt};

/// Who is erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Whom {
    /// A person, through a workspace that sees and may write them.
    Person(WorkspaceId, PersonId),
    /// Whoever has an email, in every partition.
    Email {
        /// The email, as given.
        given: String,
        /// Its key.
        key: String,
        /// Nobody may bring it back.
        suppress: bool,
    },
}

/// How far an erasure is. It holds what is erased until the operation ends.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    stage: Stage,
    /// Where to go on in the place.
    after: Cursor,
    /// The last audit record that may tell of them.
    until: i64,
    /// The addresses of their records, until it is known which of them somebody else has too.
    addresses: BTreeSet<Address>,
    /// Who they are, to texts.
    subject: Subject,
    receipt: Receipt,
}

/// An address as texts may spell it, and its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Address {
    given: String,
    key: String,
}

/// What an erasure is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// The records.
    #[default]
    Records,
    /// The texts of a place.
    Texts(Place),
}

/// What comes after the records, in this order: what is removed, then what is listed.
const PLACES: [Place; 10] = [
    Place::Answers,
    Place::Chunks,
    Place::Audit,
    Place::Assets,
    Place::Folders,
    Place::Workspaces,
    Place::Contents,
    Place::Versions,
    Place::Routing,
    Place::Operations,
];

// === impl People ===

impl People {
    /// Starts to erase somebody.
    pub async fn erase(&self, ctx: &Context, whom: &Whom) -> Result<Answer<Operation>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let (workspace, resource) = match whom {
                    Whom::Email { .. } => {
                        access::demand(tx, ctx, At::Tenant).await?;
                        (None, None)
                    }
                    Whom::Person(workspace, id) => {
                        access::demand(tx, ctx, At::Workspace(*workspace)).await?;
                        let sight = sight_for_writing(tx, *workspace).await?;
                        let row = known::lock(tx, &sight, &[*id]).await?.remove(id);
                        let row = row.ok_or_else(|| refuse::person_not_found(Some(*id)))?;
                        writable(&sight, &row)?;
                        (Some(*workspace), Some(row.id.0))
                    }
                };
                let request = serde_json::to_value(whom).map_err(Error::internal)?;
                let new = New { kind: Kind::ErasePerson, workspace, resource, total: 0, request };
                operation::start(tx, ctx, new).await
            })
            .await
    }

    /// Does the next part of an erasure.
    pub(in crate::service) async fn erase_slice(
        &self,
        tx: &Tx,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let whom: Whom =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let state: Option<State> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let mut state = state.unwrap_or_default();
        let looked_at = match state.stage {
            Stage::Records => people::slice(tx, &whom, &mut state, size).await?,
            Stage::Texts(place) => texts::slice(tx, &whom, &mut state, place, size).await?,
        };
        let before = Progress::of(operation);
        let progress = Progress { done: before.done + looked_at.rows, ..before };
        if !looked_at.all {
            return Step::more(progress, &state);
        }
        match state.stage.next() {
            Some(next) => {
                (state.stage, state.after) = (next, Cursor::default());
                Step::more(progress, &state)
            }
            None => Step::done(progress, &state.receipt),
        }
    }

    /// Lets an email that was erased come back; whether it was kept from that.
    pub async fn unsuppress(&self, ctx: &Context, email: &Email) -> Result<Answer<bool>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Tenant).await?;
                let lifted = suppression::lift(tx, &email.key).await?;
                if lifted {
                    people::record_lifted(tx, &email.key);
                }
                Ok(lifted)
            })
            .await
    }
}

/// How far a slice came.
struct Looked {
    rows: i64,
    /// There is nothing more at this stage.
    all: bool,
}

// === impl Address ===

impl Address {
    /// As somebody spelled it. Beyond ASCII letters are kept as they are: texts are compared like that.
    fn new(given: &str, key: &str) -> Self {
        Self { given: given.to_ascii_lowercase(), key: key.into() }
    }
}

// === impl Stage ===

impl Stage {
    fn next(self) -> Option<Self> {
        let next = match self {
            Self::Records => 0,
            Self::Texts(place) => 1 + PLACES.iter().position(|one| *one == place)?,
        };
        PLACES.get(next).copied().map(Self::Texts)
    }
}

// === impl Whom ===

impl Whom {
    /// The workspace through which it goes; nothing: the whole tenant.
    fn workspace(&self) -> Option<WorkspaceId> {
        match self {
            Self::Person(workspace, _) => Some(*workspace),
            Self::Email { .. } => None,
        }
    }

    fn suppresses(&self) -> bool {
        matches!(self, Self::Email { suppress: true, .. })
    }
}
