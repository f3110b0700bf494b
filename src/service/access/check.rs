//! May somebody do something? Answered from the index in memory.

use std::collections::HashMap;

use super::{Access, At, Permission, Sight, missing};
use crate::context::{Context, Principal};
use crate::domain::visibility::{Object, Question, Verdict};
use crate::error::{Error, Noun, Refusal, Result};
use crate::id::{AssetId, FolderId, PartitionId, PersonId, WorkspaceId};
use crate::repository::{Answer, Scope, asset, person};

/// A question, parsed.
#[derive(Clone, Debug)]
pub struct Check {
    /// Who.
    pub principal: Principal,
    /// What.
    pub permission: Permission,
    /// Where; nothing: tenant-wide.
    pub workspace: Option<WorkspaceId>,
    /// What exactly, in the workspace.
    pub resource: Option<Resource>,
}

/// A thing in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A partition.
    Partition(PartitionId),
    /// A person.
    Person(PersonId),
    /// A folder.
    Folder(FolderId),
    /// An asset.
    Asset(AssetId),
}

/// What the people and assets that questions name are to the index; those that are not there are left out.
pub(super) type Found = HashMap<Resource, Object>;

// === impl Resource ===

impl Resource {
    /// The index does not know it.
    fn is_stored(self) -> bool {
        matches!(self, Self::Person(_) | Self::Asset(_))
    }

    /// What it is to the index; nothing if it is not there.
    fn object(self, found: &Found) -> Option<Object> {
        match self {
            Self::Partition(id) => Some(Object::Partition(id)),
            Self::Folder(id) => Some(Object::Folder(id)),
            Self::Person(_) | Self::Asset(_) => found.get(&self).copied(),
        }
    }

    fn not_found(self) -> Error {
        match self {
            Self::Partition(id) => Error::not_found(Noun::Partition, id),
            Self::Person(id) => Error::not_found(Noun::Person, id),
            Self::Folder(id) => Error::not_found(Noun::Folder, id),
            Self::Asset(id) => Error::not_found(Noun::Asset, id),
        }
    }
}

// === impl Access ===

impl Access {
    /// Answers a question. Only one about a person or an asset asks the database.
    pub async fn check(&self, ctx: &Context, check: &Check) -> Result<Answer<Verdict>> {
        check.workspace.into_iter().for_each(|id| ctx.through.note(id));
        if check.resource.is_some_and(Resource::is_stored) {
            let scope = self.store.read(ctx).await?;
            let found = find(&scope, std::slice::from_ref(check)).await?;
            let sight = Sight::of(&scope, ctx).await?;
            return Ok(scope.answer(answer(&sight, check, &found)?));
        }
        let current = self.store.index(ctx).await?;
        let sight = Sight::at(current.snapshot, ctx);
        let value = answer(&sight, check, &Found::new())?;
        Ok(Answer { value, revision: current.revision })
    }

    /// Answers many questions at one revision, each on its own (H-05); those that did not parse stay refused.
    pub async fn check_all(
        &self,
        ctx: &Context,
        checks: &[Result<Check, Box<Refusal>>],
    ) -> Result<Answer<Vec<Result<Verdict, Box<Refusal>>>>> {
        let parsed: Vec<Check> = checks.iter().flatten().cloned().collect();
        let stored = parsed.iter().filter_map(|check| check.resource).any(Resource::is_stored);
        let (sight, found, revision) = if stored {
            let scope = self.store.read(ctx).await?;
            let found = find(&scope, &parsed).await?;
            (Sight::of(&scope, ctx).await?, found, scope.head().revision)
        } else {
            let current = self.store.index(ctx).await?;
            (Sight::at(current.snapshot, ctx), Found::new(), current.revision)
        };
        let one = |check: &Result<Check, Box<Refusal>>| match check {
            Ok(check) => answer(&sight, check, &found).map_err(Error::into_refusal),
            Err(refusal) => Err(refusal.clone()),
        };
        Ok(Answer { value: checks.iter().map(one).collect(), revision })
    }
}

/// Answers a question, if the caller may ask it.
fn answer(sight: &Sight, check: &Check, found: &Found) -> Result<Verdict> {
    admit(sight, check)?;
    let question = question(sight, check, found)?;
    sight.snapshot().index.check(&question).ok_or_else(|| not_there(check))
}

/// Everybody may ask about themselves, in workspaces that they see; about others needs `access.check` there.
pub(super) fn admit(sight: &Sight, check: &Check) -> Result<()> {
    let at = check.workspace.map_or(At::Tenant, At::Workspace);
    if let Some(id) = check.workspace
        && !sight.sees_workspace(id)
    {
        return Err(Error::not_found(Noun::Workspace, id));
    }
    let own = sight.principal() == check.principal.as_str();
    if own || sight.holds(Permission::AccessCheck, at) {
        return Ok(());
    }
    Err(missing(Permission::AccessCheck.name(), check.workspace))
}

/// The question as the index takes it. What the caller may not know of is not found.
pub(super) fn question<'a>(sight: &Sight, check: &'a Check, found: &Found) -> Result<Question<'a>> {
    let object = match check.resource {
        None => None,
        Some(resource) => {
            let known = |object: &Object| match (resource, *object) {
                (Resource::Person(_), Object::Partition(id)) => {
                    knows(sight, check, id, Permission::PeopleRead)
                }
                (_, Object::Partition(id)) => knows(sight, check, id, Permission::PartitionsRead),
                (_, Object::Folder(folder)) => knows_folder(sight, check, folder, true),
                (_, Object::Asset { folder, live }) => knows_folder(sight, check, folder, live),
            };
            Some(resource.object(found).filter(known).ok_or_else(|| resource.not_found())?)
        }
    };
    Ok(Question {
        principal: check.principal.as_str(),
        permission: check.permission,
        workspace: check.workspace,
        object,
    })
}

/// Who may ask in a workspace may ask about what the workspace sees; about the rest, who sees it otherwise.
fn knows(sight: &Sight, check: &Check, partition: PartitionId, permission: Permission) -> bool {
    let index = &sight.snapshot().index;
    let asks = check.workspace.is_some_and(|id| {
        sight.holds(Permission::AccessCheck, At::Workspace(id))
            && index.workspace_sees(id, partition)
    });
    asks || index.sees_through(sight.principal(), permission, partition)
}

/// As [`knows`], of a folder, or of what is in it: what is not live is seen in the folder's own workspace only.
fn knows_folder(sight: &Sight, check: &Check, folder: FolderId, live: bool) -> bool {
    let index = &sight.snapshot().index;
    let viewers = match live {
        true => index.viewers_of(folder),
        false => index.owner_of(folder).into_iter().collect(),
    };
    viewers.into_iter().any(|id| {
        let at = At::Workspace(id);
        let asks = check.workspace == Some(id) && sight.holds(Permission::AccessCheck, at);
        asks || sight.holds(Permission::AssetsRead, at)
    })
}

/// Looks up the living people and the assets that questions name.
pub(super) async fn find(scope: &Scope, checks: &[Check]) -> Result<Found> {
    let (mut people, mut assets) = (Vec::new(), Vec::new());
    for resource in checks.iter().filter_map(|check| check.resource) {
        match resource {
            Resource::Person(id) => people.push(id),
            Resource::Asset(id) => assets.push(id),
            Resource::Partition(_) | Resource::Folder(_) => {}
        }
    }
    let mut found = Found::new();
    if !people.is_empty() {
        let homes = person::homes(scope, &people).await?.into_iter();
        found.extend(homes.map(|(id, home)| (Resource::Person(id), Object::Partition(home))));
    }
    if !assets.is_empty() {
        let assets = asset::by_ids(scope, &assets).await?.into_iter();
        found.extend(assets.map(|one| {
            let object = Object::Asset { folder: one.folder_id, live: one.is_live() };
            (Resource::Asset(one.id), object)
        }));
    }
    Ok(found)
}

/// The workspace of a question that has no answer.
pub(super) fn not_there(check: &Check) -> Error {
    let id = check.workspace.map(|id| id.to_string());
    Error::not_found(Noun::Workspace, id.unwrap_or_default())
}
