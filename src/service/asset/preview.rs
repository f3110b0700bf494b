//! For whom a filter holds, before it is put into a list.

use super::Assets;
use super::whom::by_request;
use crate::context::Context;
use crate::domain::filter::Filter;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::person::matching::{self, Found};
use crate::repository::{Answer, person};
use crate::service::access::{self, At, Permission};

/// For whom a filter holds.
#[derive(Clone, Debug)]
pub struct Preview {
    /// A page of them, by id.
    pub page: Listed<Found>,
    /// How many there are in each partition that the workspace sees.
    pub counts: Vec<(PartitionId, i64)>,
    /// The day that the filter depends on; empty: none.
    pub as_of: String,
}

impl Assets {
    /// Shows for whom a filter holds, of those whom the workspace sees (V-05).
    pub async fn preview(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        filter: &Filter,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Preview>> {
        let query = [workspace.to_string(), filter.to_string()];
        let tokens = Tokens::new(&self.secrets, ctx, &[&query[0], &query[1]]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        access::demand_in(&scope, ctx, Permission::PeopleRead, workspace).await?;
        let whom = by_request(&scope, workspace, filter).await?;
        let (after, limit) = (page.after, page.limit());
        let rows = matching::found(&scope, whom.sought(), false, after, limit).await?;
        let found = whom.sought();
        let counted = person::count(&scope, found.partitions, Some(found.predicate)).await?;
        let count = |id: &PartitionId| {
            let here = counted.iter().find(|(partition, _)| partition == id);
            (*id, here.map_or(0, |(_, people)| *people))
        };
        Ok(scope.answer(Preview {
            page: tokens.list(page.page(rows), |last| last.person_id),
            counts: whom.partitions().iter().map(count).collect(),
            as_of: whom.as_of(),
        }))
    }
}
