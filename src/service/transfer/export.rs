//! Assets as a file (K-03).

use std::collections::HashSet;

use super::Transfers;
use super::gather::{chosen, gather};
use super::settle::Settled;
use crate::clock::{now, timestamp};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::package::{ASSETS_MAX, BYTES_MAX, VALUES_MAX, values, write};
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Answer, transfer, workspace};
use crate::service::access::{self, At};

/// What a caller exports.
#[derive(Clone, Debug)]
pub struct Export {
    /// The workspace to export from.
    pub workspace: WorkspaceId,
    /// These assets.
    pub assets: Vec<AssetId>,
    /// And all of these types that are live.
    pub types: Vec<Type>,
}

// === impl Transfers ===

impl Transfers {
    /// The file of a package of what is live of a workspace's own assets, with all of its own that they use.
    pub async fn export(&self, ctx: &Context, export: &Export) -> Result<Answer<Vec<u8>>> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(export.workspace)).await?;
        let mut start = chosen(&scope, export.workspace, &export.assets).await?;
        if !export.types.is_empty() {
            let limit = i64::try_from(ASSETS_MAX).unwrap_or(i64::MAX) + 1;
            start.extend(
                transfer::live_of_types(&scope, export.workspace, &export.types, limit).await?,
            );
        }
        let mut seen = HashSet::new();
        start.retain(|one| seen.insert(one.id));
        let gathered = gather(&scope, export.workspace, None, start).await?;
        let missing = gathered.missing.iter().map(|(id, text)| (id.to_string(), text.clone()));
        let settled = Settled { missing: missing.collect(), ..Settled::default() };
        settled.refuse(export.workspace)?;
        let mut package = gathered.package;
        if package.assets.iter().map(|one| values(&one.content)).sum::<usize>() > VALUES_MAX {
            let text =
                format!("have more than {VALUES_MAX} values in their contents; take them in parts");
            return Err(Error::invalid("asset_ids", text));
        }
        let from = workspace::by_ids(&scope, &[export.workspace]).await?.pop();
        let from = from.ok_or_else(|| Error::not_found(Noun::Workspace, export.workspace))?;
        package.needs.region = from.workspace.region;
        let file = write(&package, &timestamp(now()).to_string());
        if file.len() > BYTES_MAX {
            let text = format!("make a file of more than {BYTES_MAX} bytes; take them in parts");
            return Err(Error::invalid("asset_ids", text));
        }
        Ok(scope.answer(file))
    }
}
