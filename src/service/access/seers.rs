//! Who sees a person or an asset, and what somebody sees, as far as the caller may know.

use uuid::Uuid;

use super::{Access, At, Permission, Permissions, Sight, demand, demand_in, missing};
use crate::context::{Context, Principal};
use crate::domain::visibility::{Asking, Object, Seer, View};
use crate::error::{Error, Noun, Result};
use crate::id::{AssetId, FolderId, PartitionId, PersonId, WorkspaceId};
use crate::page::{Listed, PageRequest, Tokens};
use crate::repository::{Answer, Scope, asset, person};

/// What somebody may see.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A person.
    Person(PersonId),
    /// An asset.
    Asset(AssetId),
}

/// The question who sees something.
#[derive(Clone, Debug)]
pub struct Who {
    /// The workspace through which the caller looks.
    pub workspace: WorkspaceId,
    /// What is seen.
    pub target: Target,
    /// What they must be able to do with it; nothing: see it.
    pub permission: Option<Permission>,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

/// Who sees it.
#[derive(Clone, Debug)]
pub struct Seers {
    /// The principals.
    pub seers: Listed<Seer>,
    /// The workspaces through which, as far as the caller may know.
    pub workspaces: Vec<WorkspaceId>,
}

/// A kind of thing that is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Workspaces.
    Workspace,
    /// Partitions.
    Partition,
    /// Folders.
    Folder,
}

/// The question what somebody sees.
#[derive(Clone, Debug)]
pub struct What {
    /// Who; nothing: the caller.
    pub principal: Option<Principal>,
    /// Of what.
    pub kind: Kind,
    /// The size of the page, as the caller wrote it.
    pub page_size: i32,
    /// Where to go on, as the caller wrote it.
    pub page_token: String,
}

/// A thing that somebody sees through a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// The workspace itself.
    Workspace,
    /// A partition.
    Partition(PartitionId),
    /// A folder, and the workspace that it belongs to.
    Folder(FolderId, WorkspaceId),
}

/// What somebody sees of a thing through a workspace.
#[derive(Clone, Copy, Debug)]
pub struct SeenThing {
    /// The thing.
    pub thing: Thing,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What may be done with it there.
    pub permissions: Permissions,
    /// It cannot be changed there.
    pub read_only: bool,
}

/// Where a walk over what somebody sees goes on: behind a thing, through a workspace.
type Place = (Uuid, WorkspaceId);

// === impl Access ===

impl Access {
    /// Lists who sees something that the caller sees through a workspace.
    pub async fn who_can_see(&self, ctx: &Context, who: &Who) -> Result<Answer<Seers>> {
        let query = format!("{} {:?} {:?}", who.workspace, who.target, who.permission);
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request::<String>(who.page_size, &who.page_token)?;
        let scope = self.store.read(ctx).await?;
        demand(&scope, ctx, At::Workspace(who.workspace)).await?;
        demand_in(&scope, ctx, who.target.read_by(), who.workspace).await?;
        let sight = Sight::of(&scope, ctx).await?;
        let object = object(&scope, &sight, who).await?;
        let index = &sight.snapshot().index;
        let permission = who.permission.unwrap_or(who.target.read_by());
        let through = index.through(object, permission);
        let known: Vec<WorkspaceId> =
            through.iter().copied().filter(|id| may_know(&sight, object, *id)).collect();
        // Of themselves callers may know wherever they see the thing.
        let seen = |id: &WorkspaceId| sight.holds(who.target.read_by(), At::Workspace(*id));
        let seen: Vec<WorkspaceId> = through.iter().copied().filter(seen).collect();
        let caller = sight.principal();
        let asking = Asking { permission, through: &seen, known: &known, caller };
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let seers = index.seers(&asking, page.after.as_deref(), limit);
        let own =
            |id: &WorkspaceId| seen.contains(id) && sight.holds(permission, At::Workspace(*id));
        let told = |id: &WorkspaceId| known.contains(id) || own(id);
        let workspaces = through.iter().copied().filter(told).collect();
        let seers = tokens.list(page.page(seers), |last| last.principal.to_string());
        Ok(scope.answer(Seers { seers, workspaces }))
    }

    /// Lists what somebody sees.
    pub async fn what_can_see(
        &self,
        ctx: &Context,
        what: &What,
    ) -> Result<Answer<Listed<SeenThing>>> {
        let query = format!("{:?} {:?}", what.principal, what.kind);
        let tokens = Tokens::new(&self.secrets, ctx, &[&query]);
        let page = tokens.request::<Place>(what.page_size, &what.page_token)?;
        let current = self.store.index(ctx).await?;
        let sight = Sight::at(current.snapshot, ctx);
        let who = what.principal.as_ref().map_or(sight.principal(), Principal::as_str);
        if who != sight.principal() && !sight.holds(Permission::AccessCheck, At::Anywhere) {
            return Err(missing(Permission::AccessCheck.name(), None));
        }
        let seen = page.page(seen(&sight, who, what.kind, &page));
        let value = tokens.list(seen, |last| (last.thing.id(), last.workspace));
        Ok(Answer { value, revision: current.revision })
    }
}

/// What is asked about, to the index, if the workspace sees it: PERSON_NOT_FOUND or ASSET_NOT_FOUND if not.
async fn object(scope: &Scope, sight: &Sight, who: &Who) -> Result<Object> {
    let index = &sight.snapshot().index;
    match who.target {
        Target::Person(id) => {
            let home = person::homes(scope, &[id]).await?.pop().map(|(_, home)| home);
            let seen = home.filter(|home| index.workspace_sees(who.workspace, *home));
            seen.map(Object::Partition).ok_or_else(|| Error::not_found(Noun::Person, id))
        }
        Target::Asset(id) => {
            let found = asset::get(scope, id).await?;
            let object =
                found.map(|one| Object::Asset { folder: one.folder_id, live: one.is_live() });
            let through = |object: &Object| {
                index.through(*object, Permission::AssetsRead).contains(&who.workspace)
            };
            object.filter(through).ok_or_else(|| Error::not_found(Noun::Asset, id))
        }
    }
}

/// Whether the caller may know who sees something through a workspace: that the workspace does, and who is there.
fn may_know(sight: &Sight, object: Object, id: WorkspaceId) -> bool {
    let sees = match object {
        Object::Partition(_) => Permission::PartitionsRead,
        Object::Folder(_) | Object::Asset { .. } => Permission::AssetsRead,
    };
    [Permission::AccessRead, sees].into_iter().all(|one| sight.holds(one, At::Workspace(id)))
}

/// A page of what somebody sees; of others through the workspaces where the caller may ask, and sees the same.
fn seen(sight: &Sight, who: &str, kind: Kind, page: &PageRequest<Place>) -> Vec<SeenThing> {
    let index = &sight.snapshot().index;
    let needed = [Permission::AccessCheck, kind.read_by()];
    let known = |id: WorkspaceId| {
        who == sight.principal() || needed.iter().all(|one| sight.holds(*one, At::Workspace(id)))
    };
    let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
    let after = page.after;
    match kind {
        Kind::Workspace => {
            let views = index.workspaces_seen(who, known, after.map(|(_, at)| at), limit);
            views.into_iter().map(|view| thing(view, |()| Thing::Workspace)).collect()
        }
        Kind::Partition => {
            let after = after.map(|(id, at)| (PartitionId(id), at));
            let views = index.partitions_seen(who, known, after, limit);
            views.into_iter().map(|view| thing(view, Thing::Partition)).collect()
        }
        Kind::Folder => {
            let after = after.map(|(id, at)| (FolderId(id), at));
            let views = index.folders_seen(who, known, after, limit).into_iter();
            let owned = views.filter_map(|view| Some((view, index.owner_of(view.thing)?)));
            owned.map(|(view, owner)| thing(view, |id| Thing::Folder(id, owner))).collect()
        }
    }
}

fn thing<T>(view: View<T>, thing: impl FnOnce(T) -> Thing) -> SeenThing {
    let View { workspace, permissions, read_only, .. } = view;
    SeenThing { thing: thing(view.thing), workspace, permissions, read_only }
}

// === impl Target ===

impl Target {
    /// The permission to see it.
    fn read_by(self) -> Permission {
        match self {
            Self::Person(_) => Permission::PeopleRead,
            Self::Asset(_) => Permission::AssetsRead,
        }
    }
}

// === impl Kind ===

impl Kind {
    /// The permission to see it.
    fn read_by(self) -> Permission {
        match self {
            Self::Workspace => Permission::WorkspacesRead,
            Self::Partition => Permission::PartitionsRead,
            Self::Folder => Permission::AssetsRead,
        }
    }
}

// === impl Thing ===

impl Thing {
    fn id(self) -> Uuid {
        match self {
            Self::Workspace => Uuid::nil(),
            Self::Partition(id) => id.0,
            Self::Folder(id, _) => id.0,
        }
    }
}
