//! Sharing folders, and ending shares (S-01 to S-04, S-08, S-09).

use serde_json::json;

use super::{Shared, Sharing as UseCases};
use crate::clock::now;
use crate::config::BATCH_MAX;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::visibility::{Fact, Index, Seen, fact};
use crate::entity::Folder;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::share::{self, Share};
use crate::repository::{Answer, Tx, effect, folder, workspace};
use crate::service::access::{self, At, Sight};
use crate::service::plan::{self, Effects, Planned};
use crate::service::{content, folder as folders, refuse};

/// What a caller shares.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// Which folder.
    pub folder: FolderId,
    /// With whom.
    pub targets: Targets,
    /// Even if references break.
    pub force: bool,
}

/// With whom a folder is to be shared, of the workspaces that the caller may access.
#[derive(Clone, Debug)]
pub enum Targets {
    /// With just these (S-01).
    Just(Vec<WorkspaceId>),
    /// No longer with these (S-09).
    Without(Vec<WorkspaceId>),
}

/// One change of a folder's shares, with what it was decided on.
struct Run<'a> {
    tx: &'a Tx,
    how: &'a Sharing,
    folder: Folder,
    /// All that it is shared to.
    current: Vec<WorkspaceId>,
    begun: Vec<WorkspaceId>,
    ended: Vec<WorkspaceId>,
    /// All that it is shared to afterwards.
    left: Vec<WorkspaceId>,
}

impl UseCases {
    /// Changes with whom a folder is shared.
    pub async fn share(&self, ctx: &Context, how: &Sharing) -> Result<Answer<Planned<Shared>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::demand(tx, ctx, At::Workspace(how.workspace)).await?;
            refuse_targets(tx, ctx, how).await?;
            let archived = hold(tx, how).await?;
            let run = Run::new(tx, ctx, how).await?;
            let effects = run.effects().await?;
            run.refuse(ctx, &effects, &archived).await?;
            run.go(ctx, &effects).await
        })
        .await
    }
}

// === impl Targets ===

impl Targets {
    fn named(&self) -> &[WorkspaceId] {
        match self {
            Self::Just(these) | Self::Without(these) => these,
        }
    }
}

/// The targets are workspaces that the caller may access (S-04), and not the owner.
async fn refuse_targets(tx: &Tx, ctx: &Context, how: &Sharing) -> Result<()> {
    let named = how.targets.named();
    if let Some(at) = named.iter().position(|target| *target == how.workspace) {
        let text = "must not be the workspace that the folder belongs to";
        return Err(Error::invalid(format!("target_workspace_ids[{at}]"), text));
    }
    let sight = Sight::of(tx, ctx).await?;
    match named.iter().find(|target| !sight.sees_workspace(**target)) {
        Some(unseen) => Err(Error::not_found(Noun::Workspace, unseen)),
        None => Ok(()),
    }
}

/// Holds both ends until the commit, so that no share begins to a workspace that goes. The targets that are archived.
async fn hold(tx: &Tx, how: &Sharing) -> Result<Vec<WorkspaceId>> {
    let mut all = how.targets.named().to_vec();
    all.push(how.workspace);
    let held = workspace::hold(tx, &all).await?;
    for id in &all {
        match held.iter().find(|one| one.id == *id) {
            Some(one) if one.id == how.workspace && one.archive_time.is_some() => {
                return Err(refuse::archived(how.workspace));
            }
            Some(_) => {}
            None => return Err(Error::not_found(Noun::Workspace, id)),
        }
    }
    folder::lock(tx).await?;
    Ok(held.into_iter().filter(|one| one.archive_time.is_some()).map(|one| one.id).collect())
}

// === impl Run ===

impl<'a> Run<'a> {
    async fn new(tx: &'a Tx, ctx: &Context, how: &'a Sharing) -> Result<Self> {
        let folder = folders::own(tx, how.workspace, how.folder).await?;
        folders::refuse_root(&folder)?;
        let sight = Sight::of(tx, ctx).await?;
        let current = sight.snapshot().index.targets_of(folder.id);
        let seen = |id: &&WorkspaceId| sight.sees_workspace(**id);
        let (begun, ended): (Vec<WorkspaceId>, Vec<WorkspaceId>) = match &how.targets {
            Targets::Just(these) => (
                these.iter().copied().filter(|id| !current.contains(id)).collect(),
                current.iter().filter(seen).copied().filter(|id| !these.contains(id)).collect(),
            ),
            Targets::Without(these) => {
                if let Some(id) = these.iter().find(|id| !current.contains(id)) {
                    return Err(share_not_found(folder.id, *id));
                }
                (Vec::new(), these.clone())
            }
        };
        let mut left: Vec<WorkspaceId> =
            current.iter().copied().filter(|id| !ended.contains(id)).collect();
        left.extend(&begun);
        left.sort_unstable();
        Ok(Self { tx, how, folder, current, begun, ended, left })
    }

    async fn effects(&self) -> Result<Effects> {
        let before = self.tx.index().await?;
        let parent = self.folder.parent_id.unwrap_or(self.folder.id);
        let fact = fact::Folder { parent, targets: self.left.clone() };
        let after = before.index.with([Fact::Folder(self.folder.id, Some(fact))]);
        let matter = effect::below(self.tx, &[self.folder.id]).await?;
        Ok(Effects::new(&before.index, &after, matter, |_, folder| folder))
    }

    async fn refuse(
        &self,
        ctx: &Context,
        effects: &Effects,
        archived: &[WorkspaceId],
    ) -> Result<()> {
        if !self.begun.is_empty() {
            if let Some(id) = self.begun.iter().find(|id| archived.contains(id)) {
                return Err(refuse::archived(*id));
            }
            self.refuse_depth()?;
            content::refuse_unshareable(self.folder.id, effects.unshareable())?;
        }
        if self.how.force {
            return Ok(());
        }
        let used = self.ended.iter().map(|target| (*target, effects.broken(Some(*target))));
        match used.into_iter().find(|(_, broken)| !broken.is_empty()) {
            Some((target, broken)) => {
                let error = in_use(self.folder.id, target, broken.len());
                Err(content::name_uses(error, &Sight::of(self.tx, ctx).await?, &broken))
            }
            None => Ok(()),
        }
    }

    /// FOLDER_TOO_DEEP (S-02).
    fn refuse_depth(&self) -> Result<()> {
        let settings = Settings::from_json(&self.tx.head().settings);
        let limit = settings.share_depth(self.folder.area);
        if self.folder.depth <= limit {
            return Ok(());
        }
        let message = format!(
            "folders deeper than {limit} cannot be shared here, and this one lies at {}; share a folder above it, or \
             raise share_depth_limit in the tenant's settings",
            self.folder.depth
        );
        Err(folders::too_deep(message, self.folder.id, self.folder.depth, limit))
    }

    async fn go(&self, ctx: &Context, effects: &Effects) -> Result<Shared> {
        let sight = Sight::of(self.tx, ctx).await?;
        let without_overlap = self.without_overlap(&sight.snapshot().index, effects);
        let time = now();
        share::insert(self.tx, self.folder.id, &self.begun, &ctx.caller.to_string(), time).await?;
        share::delete(self.tx, self.folder.id, &self.ended).await?;
        self.record("folder.shared", &self.begun);
        self.record("folder.unshared", &self.ended);
        let shares = self.shares(&sight).await?;
        Ok(Shared { shares, without_overlap })
    }

    /// The named targets that see no partition of the owner's, if segmentations are shared.
    fn without_overlap(
        &self,
        index: &Index,
        effects: &Effects,
    ) -> Vec<(WorkspaceId, Vec<AssetId>)> {
        let touched = effects.matter.assets.iter();
        let computed = touched.filter(|one| one.kind == Type::Segmentation).map(|one| one.id);
        let computed: Vec<_> = computed.collect();
        let Targets::Just(targets) = &self.how.targets else { return Vec::new() };
        if computed.is_empty() {
            return Vec::new();
        }
        let apart = targets.iter().filter(|target| !index.overlap(self.how.workspace, **target));
        apart.map(|target| (*target, computed.clone())).collect()
    }

    fn record(&self, kind: &'static str, targets: &[WorkspaceId]) {
        if targets.is_empty() {
            return;
        }
        let detail = json!({ "target_workspace_ids": targets });
        let set = |targets: &[WorkspaceId]| json!({ "target_workspace_ids": targets });
        let (before, after) = (set(&self.current), set(&self.left));
        self.tx.record(folders::change(kind, &self.folder, detail, before, after));
    }

    async fn shares(&self, sight: &Sight) -> Result<Vec<Share>> {
        let left = self.left.iter().copied().filter(|id| sight.sees_workspace(*id));
        let seen = Seen::These(left.chain([self.how.workspace]).collect());
        let most = i64::try_from(BATCH_MAX).unwrap_or(i64::MAX);
        share::list(self.tx, self.how.workspace, Some(self.folder.id), &seen, None, most).await
    }
}

/// SHARE_NOT_FOUND.
fn share_not_found(folder: FolderId, target: WorkspaceId) -> Error {
    let message = "the folder is not shared to that workspace";
    Error::new(Reason::ShareNotFound, message)
        .with("folder_id", folder)
        .with("target_workspace_id", target)
        .resource(Noun::Share, format!("{folder}/{target}"))
}

/// SHARE_IN_USE (S-09).
fn in_use(folder: FolderId, target: WorkspaceId, references: usize) -> Error {
    let message = "the workspace uses what would be unshared; remove the references first, or force it and accept \
                   that they break";
    Error::new(Reason::ShareInUse, message)
        .with("folder_id", folder)
        .with("target_workspace_id", target)
        .with("references", references)
        .resource(Noun::Folder, folder.to_string())
}
