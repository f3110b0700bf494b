//! Putting all people for whom a filter holds into a list: an operation, slice by slice (L-05).

use serde::{Deserialize, Serialize};

use super::whom::by_request;
use super::{Assets, Which};
use crate::clock::now;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::filter::Filter;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::{Error, Result};
use crate::id::{AssetId, PersonId, WorkspaceId};
use crate::repository::person::matching;
use crate::repository::{Answer, Tx, asset_member};
use crate::service::operation::{self, New, Progress, Step};

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fill {
    workspace: WorkspaceId,
    list: AssetId,
    filter: Filter,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Filled {
    /// How many were put in.
    pub added: i64,
    /// How many were in already.
    pub unchanged: i64,
}

/// Behind whom to go on, and what came of those before.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Cursor {
    after: Option<PersonId>,
    result: Filled,
}

// === impl Assets ===

impl Assets {
    /// Starts to put all people for whom a filter holds into a static list.
    pub async fn fill(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        list: AssetId,
        filter: &Filter,
    ) -> Result<Answer<Operation>> {
        let fill = &Fill { workspace, list, filter: filter.clone() };
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                fill.which().hold(tx, ctx).await?;
                let whom = by_request(self, tx, fill.workspace, &fill.filter).await?;
                let new = New {
                    kind: Kind::AddListMembers,
                    workspace: Some(fill.workspace),
                    resource: Some(fill.list.0),
                    total: whom.tally(tx).await?.people,
                    request: serde_json::to_value(fill).map_err(Error::internal)?,
                };
                operation::start(tx, ctx, new).await
            })
            .await
    }

    /// Puts the next people of an operation in: those who were there when it started, and for whom the filter holds
    /// when it is their turn.
    pub(in crate::service) async fn fill_slice(
        &self,
        tx: &Tx,
        ctx: &Context,
        operation: &Operation,
        size: i64,
    ) -> Result<Step> {
        let fill: Fill =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let cursor: Option<Cursor> =
            serde_json::from_value(operation.cursor.clone()).map_err(Error::internal)?;
        let Cursor { after, mut result } = cursor.unwrap_or_default();
        let which = fill.which();
        let partitions = which.hold(tx, ctx).await?;
        let whom = by_request(self, tx, fill.workspace, &fill.filter).await?;
        let until = operation.create_time;
        let people = matching::ids_found(tx, whom.sought(), until, after, size).await?;
        let seen = asset_member::seen(tx, &partitions, &people).await?;
        let added = asset_member::add(tx, fill.list, &seen, now()).await?;
        if !added.is_empty() {
            which.record_added(tx, &added).await?;
        }
        let count = |people: &[PersonId]| i64::try_from(people.len()).unwrap_or(i64::MAX);
        result.added += count(&added);
        result.unchanged += count(&seen) - count(&added);
        let before = Progress::of(operation);
        let progress = Progress { done: before.done + count(&people), ..before };
        match people.last() {
            Some(last) if count(&people) == size => {
                Step::more(progress, &Cursor { after: Some(*last), result })
            }
            _ => Step::done(progress, &result),
        }
    }
}

// === impl Fill ===

impl Fill {
    fn which(&self) -> Which {
        Which { workspace: self.workspace, id: self.list, kind: Type::StaticList }
    }
}
