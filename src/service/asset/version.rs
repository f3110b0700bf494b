//! The approved versions of assets (F-04).

use super::reference::{Followed, targets};
use super::{Assets, seen};
use crate::clock::Micros;
use crate::context::Context;
use crate::domain::asset::Reference;
use crate::domain::visibility::Reach;
use crate::error::{Error, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::page::{Listed, Tokens};
use crate::repository::{Answer, asset};
use crate::service::access::{self, At};

/// An approved version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Counts from 1.
    pub number: i64,
    /// What it refers to.
    pub references: Vec<Followed>,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approve_time: Micros,
    /// It is the live one.
    pub live: bool,
}

impl Assets {
    /// Lists the versions of an asset, newest first; through a share, the live one.
    pub async fn versions(
        &self,
        ctx: &Context,
        workspace: WorkspaceId,
        id: AssetId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Version>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{workspace} {id}")]);
        let page = tokens.request::<i64>(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(workspace)).await?;
        let view = seen(&scope, workspace, id).await?;
        let only = match view.reach {
            Reach::Own { .. } => None,
            Reach::Received { .. } => Some(view.version),
        };
        let rows = asset::versions(&scope, id, only, page.after, page.limit()).await?;
        let read = |one: &asset::Version| serde_json::from_value(one.refers_to.clone());
        let used: Vec<Vec<Reference>> =
            rows.iter().map(read).collect::<Result<_, _>>().map_err(Error::internal)?;
        let targets = targets(&scope, used.iter().flatten()).await?;
        let (index, owner) = (scope.index().await?, view.asset.workspace_id);
        let version = |(row, used): (asset::Version, Vec<Reference>)| {
            let live = view.asset.approved_version == Some(row.number);
            Version {
                number: row.number,
                references: targets.follow(&index.index, owner, live, used),
                approved_by: row.approved_by,
                approve_time: row.approve_time,
                live,
            }
        };
        let versions = rows.into_iter().zip(used).map(version).collect();
        Ok(scope.answer(tokens.list(page.page(versions), |one| one.number)))
    }
}
