//! May somebody do something? Answered from the index in memory.

use std::collections::HashMap;

use super::{Access, At, Permission, Sight, missing};
use crate::context::{Context, Principal};
use crate::domain::visibility::{Question, Verdict};
use crate::error::{Error, Noun, Refusal, Result};
use crate::id::{PartitionId, PersonId, WorkspaceId};
use crate::repository::{Answer, Scope, person};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A partition.
    Partition(PartitionId),
    /// A person.
    Person(PersonId),
}

/// The partitions of the people that questions name; those that are not there are left out.
pub(super) type Homes = HashMap<PersonId, PartitionId>;

// === impl Access ===

impl Access {
    /// Answers a question. Only one about a person asks the database.
    pub async fn check(&self, ctx: &Context, check: &Check) -> Result<Answer<Verdict>> {
        check.workspace.into_iter().for_each(|id| ctx.through.note(id));
        if let Some(Resource::Person(_)) = check.resource {
            let scope = self.store.read(ctx).await?;
            let homes = homes(&scope, std::slice::from_ref(check)).await?;
            let sight = Sight::of(&scope, ctx).await?;
            return Ok(scope.answer(answer(&sight, check, &homes)?));
        }
        let current = self.store.index(ctx).await?;
        let sight = Sight::at(current.snapshot, ctx);
        let value = answer(&sight, check, &Homes::new())?;
        Ok(Answer { value, revision: current.revision })
    }

    /// Answers many questions at one revision, each on its own (H-05); those that did not parse stay refused.
    pub async fn check_all(
        &self,
        ctx: &Context,
        checks: &[Result<Check, Box<Refusal>>],
    ) -> Result<Answer<Vec<Result<Verdict, Box<Refusal>>>>> {
        let parsed: Vec<Check> = checks.iter().flatten().cloned().collect();
        let about_people =
            parsed.iter().any(|check| matches!(check.resource, Some(Resource::Person(_))));
        let (sight, homes, revision) = if about_people {
            let scope = self.store.read(ctx).await?;
            let homes = homes(&scope, &parsed).await?;
            (Sight::of(&scope, ctx).await?, homes, scope.head().revision)
        } else {
            let current = self.store.index(ctx).await?;
            (Sight::at(current.snapshot, ctx), Homes::new(), current.revision)
        };
        let one = |check: &Result<Check, Box<Refusal>>| match check {
            Ok(check) => answer(&sight, check, &homes).map_err(Error::into_refusal),
            Err(refusal) => Err(refusal.clone()),
        };
        Ok(Answer { value: checks.iter().map(one).collect(), revision })
    }
}

/// Answers a question, if the caller may ask it.
fn answer(sight: &Sight, check: &Check, homes: &Homes) -> Result<Verdict> {
    admit(sight, check)?;
    let question = question(sight, check, homes)?;
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
pub(super) fn question<'a>(sight: &Sight, check: &'a Check, homes: &Homes) -> Result<Question<'a>> {
    let partition = match check.resource {
        None => None,
        Some(Resource::Partition(id)) => {
            let known = knows(sight, check, id, Permission::PartitionsRead);
            Some(known.then_some(id).ok_or_else(|| Error::not_found(Noun::Partition, id))?)
        }
        Some(Resource::Person(id)) => {
            let home = homes.get(&id).copied();
            let known = home.filter(|home| knows(sight, check, *home, Permission::PeopleRead));
            Some(known.ok_or_else(|| Error::not_found(Noun::Person, id))?)
        }
    };
    Ok(Question {
        principal: check.principal.as_str(),
        permission: check.permission,
        workspace: check.workspace,
        partition,
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

/// The partitions of the living people that questions name.
pub(super) async fn homes(scope: &Scope, checks: &[Check]) -> Result<Homes> {
    let people = checks.iter().filter_map(|check| match check.resource {
        Some(Resource::Person(id)) => Some(id),
        _ => None,
    });
    Ok(person::homes(scope, &people.collect::<Vec<_>>()).await?.into_iter().collect())
}

/// The workspace of a question that has no answer.
pub(super) fn not_there(check: &Check) -> Error {
    let id = check.workspace.map(|id| id.to_string());
    Error::not_found(Noun::Workspace, id.unwrap_or_default())
}
