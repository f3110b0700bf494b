//! Moving folders, within a workspace and to another one (F-02, C-04, C-05).

use serde_json::json;

use super::write::{own, parent, refuse_depth, refuse_root};
use super::{Folders, View, Where, not_found, too_deep, write};
use crate::clock::now;
use crate::context::Context;
use crate::domain::visibility::{Fact, fact};
use crate::entity::Folder;
use crate::entity::tenant::Settings;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{FolderId, WorkspaceId};
use crate::repository::tree::Shared;
use crate::repository::{Answer, Tx, effect, tree};
use crate::service::access::{self, At, Permission, Sight};
use crate::service::plan::{self, Effects, Planned};
use crate::service::{content, refuse};

/// What a caller moves, and where to.
#[derive(Clone, Debug)]
pub struct Move {
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// Which folder.
    pub id: FolderId,
    /// The workspace that it is to belong to.
    pub target: WorkspaceId,
    /// The folder that it is to lie in; nothing: the root of its area.
    pub parent: Option<FolderId>,
    /// What the caller read; empty: anything.
    pub etag: String,
}

/// One move, with what it was decided on.
struct Run<'a> {
    tx: &'a Tx,
    how: &'a Move,
    folder: Folder,
    parent: Folder,
    /// The shares at and below the folder.
    shares: Vec<Shared>,
}

impl Folders {
    /// Moves a folder with all that is in it, or nothing.
    pub async fn relocate(&self, ctx: &Context, how: &Move) -> Result<Answer<Planned<View>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::demand(tx, ctx, At::Workspace(how.workspace)).await?;
            if how.target == how.workspace {
                content::hold(tx, &[how.workspace]).await?;
            } else {
                access::demand_in(tx, ctx, Permission::AssetsMove, how.target).await?;
                access::demand_in(tx, ctx, Permission::AssetsMove, how.workspace).await?;
                content::hold(tx, &[how.workspace, how.target]).await?;
                content::refuse_other_region(tx, how.workspace, how.target).await?;
            }
            relocate(tx, ctx, how).await
        })
        .await
    }
}

async fn relocate(tx: &Tx, ctx: &Context, how: &Move) -> Result<View> {
    let found = own(tx, how.workspace, how.id).await?;
    refuse::stale_etag(&how.etag, found.version, Noun::Folder, how.id)?;
    refuse_root(&found)?;
    let place = match how.parent {
        Some(id) => Where::In(id, Some(found.area)),
        None => Where::Root(found.area),
    };
    let parent = parent(tx, how.target, place).await?;
    let shares = tree::shares_below(tx, found.id).await?;
    let run = Run { tx, how, folder: found, parent, shares };
    run.refuse_cycle().await?;
    if run.folder.parent_id == Some(run.parent.id) {
        return run.view(run.folder.clone()).await;
    }
    let effects = run.effects().await?;
    run.refuse_depth().await?;
    run.refuse_unshareable(&effects).await?;
    run.refuse_members().await?;
    refuse_broken(tx, ctx, &effects).await?;
    run.refuse_names().await?;
    run.go(&effects).await
}

// === impl Run ===

impl Run<'_> {
    fn leaves(&self) -> bool {
        self.how.target != self.how.workspace
    }

    /// The shares that end: those to the new owner (C-07).
    fn ended(&self) -> impl Iterator<Item = &Shared> {
        self.shares.iter().filter(|one| one.workspace_id == self.how.target)
    }

    async fn effects(&self) -> Result<Effects> {
        let before = self.tx.index().await?;
        let mut facts = vec![self.fact(self.folder.id, self.parent.id)];
        let others = self.ended().filter(|one| one.folder_id != self.folder.id);
        facts.extend(others.map(|one| self.fact(one.folder_id, one.parent_id)));
        let after = before.index.with(facts);
        let matter = effect::below(self.tx, &[self.folder.id]).await?;
        Ok(Effects::new(&before.index, &after, matter, |_, folder| folder))
    }

    /// A folder of the moved tree, as it will be shared.
    fn fact(&self, id: FolderId, parent: FolderId) -> Fact {
        let own = self.shares.iter().filter(|one| one.folder_id == id);
        let stay = own.filter(|one| one.workspace_id != self.how.target);
        let targets = stay.map(|one| one.workspace_id).collect();
        Fact::Folder(id, Some(fact::Folder { parent, targets }))
    }

    async fn refuse_cycle(&self) -> Result<()> {
        let index = self.tx.index().await?;
        if !index.index.is_within(self.parent.id, self.folder.id) {
            return Ok(());
        }
        let message = "a folder cannot be moved into itself or into a folder below it; choose a parent outside";
        Err(Error::new(Reason::FolderCycle, message)
            .with("folder_id", self.folder.id)
            .resource(Noun::Folder, self.folder.id.to_string()))
    }

    /// Neither too deep as a folder (F-02), nor too deep to be shared (S-02).
    async fn refuse_depth(&self) -> Result<()> {
        let down = self.parent.depth + 1 - self.folder.depth;
        let deepest = tree::deepest_below(self.tx, self.folder.id).await?;
        refuse_depth(self.folder.id, deepest + down)?;
        let settings = Settings::from_json(&self.tx.head().settings);
        let limit = settings.share_depth(self.folder.area);
        let stay = self.shares.iter().filter(|one| one.workspace_id != self.how.target);
        match stay.max_by_key(|one| one.depth) {
            Some(one) if one.depth + down > limit => {
                let message = format!(
                    "the folder is shared, and folders deeper than {limit} cannot be; unshare it first, or move it \
                     nearer to the root"
                );
                Err(too_deep(message, one.folder_id, one.depth + down, limit))
            }
            _ => Ok(()),
        }
    }

    /// What cannot be shared does not come into what is shared (S-03).
    async fn refuse_unshareable(&self, effects: &Effects) -> Result<()> {
        let index = self.tx.index().await?;
        match index.index.shared_above(self.parent.id).first() {
            Some(shared) => content::refuse_unshareable(*shared, effects.unshareable()),
            None => Ok(()),
        }
    }

    async fn refuse_members(&self) -> Result<()> {
        if !self.leaves() {
            return Ok(());
        }
        let programs = effect::programs_with_members(self.tx, self.folder.id).await?;
        if programs.is_empty() {
            return Ok(());
        }
        let message = "programs with members cannot move to another workspace; remove the members, those that the \
                       workspace does not see too, or clone the programs";
        let error = Error::new(Reason::ProgramHasMembers, message).with("programs", programs.len());
        let named = |error: Error, (id, name): (_, String)| {
            error.offender(id, format!("the program {name:?} has members"))
        };
        Err(programs.into_iter().fold(error, named))
    }

    /// Programs are told apart by name in their workspace.
    async fn refuse_names(&self) -> Result<()> {
        if !self.leaves() {
            return Ok(());
        }
        let taken = tree::program_names_taken(self.tx, self.folder.id, self.how.target).await?;
        match taken.first() {
            Some(name) => Err(refuse::name_taken(Noun::Asset, name)),
            None => Ok(()),
        }
    }

    async fn go(&self, effects: &Effects) -> Result<View> {
        let (tx, before) = (self.tx, &self.folder);
        let mut after = before.clone();
        after.parent_id = Some(self.parent.id);
        after.workspace_id = self.how.target;
        after.depth = self.parent.depth + 1;
        after.version += 1;
        after.update_time = now();
        // Taken before anything is written, so that others may use it.
        let view = self.view(after.clone()).await?;
        tx.update(&after)
            .await
            .on_unique("folder_name", || refuse::name_taken(Noun::Folder, &after.display_name))?;
        tree::transplant(tx, before.id, self.parent.id, after.depth - before.depth).await?;
        if self.leaves() {
            tree::hand_over(tx, before.id, self.how.target, after.update_time).await?;
            tree::end_shares_below(tx, before.id, self.how.target).await?;
        }
        let detail = json!({
            "from_workspace_id": self.how.workspace,
            "to_workspace_id": self.how.target,
            "from_parent_folder_id": before.parent_id,
            "to_parent_folder_id": self.parent.id,
            "assets": effects.matter.assets.len(),
        });
        tx.record(write::change("folder.moved", before, detail, json!(before), json!(after)));
        for one in self.ended().filter(|one| one.folder_id != before.id) {
            let mut ended = before.clone();
            ended.id = one.folder_id;
            let set = |targets: &[WorkspaceId]| json!({ "target_workspace_ids": targets });
            let gone = set(&[one.workspace_id]);
            tx.record(write::change("folder.unshared", &ended, gone.clone(), gone, set(&[])));
        }
        Ok(view)
    }

    /// The folder where it lies now or will lie.
    async fn view(&self, folder: Folder) -> Result<View> {
        let index = self.tx.index().await?;
        let after = index.index.with([self.fact(folder.id, self.parent.id)]);
        let reach =
            after.reach(folder.workspace_id, folder.id).ok_or_else(|| not_found(folder.id))?;
        Ok(View { workspace: folder.workspace_id, parent: folder.parent_id, folder, reach })
    }
}

/// REFERENCE_WOULD_BREAK (C-05).
pub(in crate::service) async fn refuse_broken(
    tx: &Tx,
    ctx: &Context,
    effects: &Effects,
) -> Result<()> {
    let broken = effects.broken(None);
    if broken.is_empty() {
        return Ok(());
    }
    let message =
        "references would break; move or share the other end too, or remove the references first";
    let error = Error::new(Reason::ReferenceWouldBreak, message).with("references", broken.len());
    Err(content::name_uses(error, &Sight::of(tx, ctx).await?, &broken))
}
