//! A file of assets, brought into a workspace of any tenant (K-03).

use std::collections::{BTreeSet, HashSet};

use super::apply::Run;
use super::plan::{Asked, plan};
use super::{Diff, Options, Transfers};
use crate::config::{CONTENT_BYTES, DESCRIPTION_MAX, NAME_MAX, REFERENCES_MAX};
use crate::context::Context;
use crate::domain::package::{self, Flaw, Limits, Package};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::WorkspaceId;
use crate::repository::{Answer, workspace};
use crate::service::access::{self, At, Permission};
use crate::service::{content, refuse};

/// What an asset of a package may have: what any may.
const LIMITS: Limits = Limits {
    name: NAME_MAX,
    description: DESCRIPTION_MAX,
    content: CONTENT_BYTES,
    references: REFERENCES_MAX,
};

/// What a caller imports, and where to.
#[derive(Clone, Debug)]
pub struct Import {
    /// The workspace to import to.
    pub workspace: WorkspaceId,
    /// How.
    pub options: Options,
}

// === impl Transfers ===

impl Transfers {
    /// Whether a caller may import to a workspace: asked before anything of the file is read.
    pub async fn admit(&self, ctx: &Context, import: &Import) -> Result<()> {
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, At::Workspace(import.workspace)).await
    }

    /// Brings what a package holds into a workspace, all or nothing.
    pub async fn import(
        &self,
        ctx: &Context,
        import: &Import,
        package: Package,
    ) -> Result<Answer<Diff>> {
        package::check(&package, &LIMITS).map_err(invalid)?;
        let Package { needs, folders, assets } = package;
        let circle = |ids: BTreeSet<_>| {
            let error = unfit("CONTENT", "holds assets that use each other in a circle");
            ids.into_iter().fold(error, |error, id| error.offender(id, "is in it, or behind it"))
        };
        let assets = package::order(assets).map_err(circle)?;
        let package = &Package { needs, folders, assets };
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(import.workspace)).await?;
                if import.options.approve {
                    access::demand_in(tx, ctx, Permission::AssetsApprove, import.workspace).await?;
                }
                content::hold(tx, &[import.workspace]).await?;
                let to = workspace::by_ids(tx, &[import.workspace]).await?.pop();
                let to = to.ok_or_else(|| Error::not_found(Noun::Workspace, import.workspace))?;
                refuse::across_regions(tx, &package.needs.region, &to.workspace.region)?;
                let asked = Asked {
                    target: import.workspace,
                    package,
                    options: &import.options,
                    chosen: package.assets.iter().map(|one| one.id).collect::<HashSet<_>>(),
                    missing: Vec::new(),
                };
                let plan = plan(tx, asked).await?;
                let target = import.workspace;
                Run { transfers: self, tx, ctx, target, source: None }.apply(&plan).await?;
                Ok(plan.diff)
            })
            .await
    }
}

/// PACKAGE_INVALID.
pub fn invalid(flaw: Flaw) -> Error {
    unfit(flaw.problem.name(), &flaw.text)
}

fn unfit(problem: &str, text: &str) -> Error {
    let message = format!("the package {text}; take it as it was exported, or export it again");
    Error::new(Reason::PackageInvalid, message).with("problem", problem).field("data")
}
