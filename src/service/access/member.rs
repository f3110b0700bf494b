//! Who is in a group, with a result for each (H-05).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::grant::principal_not_found;
use super::group::{change, get, known};
use super::{Access, At, demand, demand_cover, keep_admin};
use crate::clock::now;
use crate::config::GROUP_DEPTH_MAX;
use crate::context::{Context, Principal};
use crate::domain::access::nesting::{Misfit, Nesting};
use crate::domain::visibility::{account_name, group_name};
use crate::error::{Error, Reason, Refusal, Result};
use crate::id::GroupId;
use crate::page::{Listed, Tokens};
use crate::repository::group::{self, Member};
use crate::repository::quota::{self, Quota};
use crate::repository::{Answer, Tx, access};
use crate::service::plan::{self, Planned};

/// Whom to put into a group, or take out of it.
#[derive(Clone, Debug)]
pub struct Members {
    /// The group.
    pub group: GroupId,
    /// Whom; one that does not parse is refused alone.
    pub members: Vec<Result<Principal, Box<Refusal>>>,
    /// All or nothing.
    pub atomic: bool,
}

/// What became of one member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MemberOutcome {
    /// Added or removed.
    Done,
    /// It was so already.
    Unchanged,
    /// Refused.
    Failed(Box<Refusal>),
}

/// Who may come into a group, while a call adds members.
struct Gate {
    group: GroupId,
    /// Who of the call is a member already.
    members: HashSet<String>,
    /// The groups and service accounts of the call that are there.
    there: HashSet<String>,
    nesting: Nesting,
}

// === impl Access ===

impl Access {
    /// Adds members to a group.
    pub async fn add_members(
        &self,
        ctx: &Context,
        request: &Members,
    ) -> Result<Answer<Planned<Vec<MemberOutcome>>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            get(tx, request.group).await?;
            // Who comes into a group holds what it holds.
            demand_cover(tx, ctx, &group_name(request.group)).await?;
            add(tx, request).await
        })
        .await
    }

    /// Removes members from a group.
    pub async fn remove_members(
        &self,
        ctx: &Context,
        request: &Members,
    ) -> Result<Answer<Planned<Vec<MemberOutcome>>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            access::lock(tx).await?;
            demand(tx, ctx, At::Tenant).await?;
            get(tx, request.group).await?;
            remove(tx, request).await
        })
        .await
    }

    /// Lists the direct members of a group that the caller may know of, by principal. They hold what the
    /// group holds, so that who may know of the group may know of them.
    pub async fn list_members(
        &self,
        ctx: &Context,
        id: GroupId,
        page_size: i32,
        page_token: &str,
    ) -> Result<Answer<Listed<Member>>> {
        let tokens = Tokens::new(&self.secrets, ctx, &[&id.to_string()]);
        let page = tokens.request(page_size, page_token)?;
        let scope = self.store.read(ctx).await?;
        known(&scope, ctx, id).await?;
        let rows = group::members(&scope, id, page.after.clone(), page.limit()).await?;
        Ok(scope.answer(tokens.list(page.page(rows), |last| last.member.clone())))
    }
}

async fn add(tx: &Tx, request: &Members) -> Result<Vec<MemberOutcome>> {
    let mut gate = Gate::open(tx, request).await?;
    let admit = |one: &Result<Principal, Box<Refusal>>| match one {
        Ok(principal) => gate.admit(principal).unwrap_or_else(failed),
        Err(refusal) => MemberOutcome::Failed(refusal.clone()),
    };
    let mut outcomes: Vec<MemberOutcome> = request.members.iter().map(admit).collect();
    take_quota(tx, &mut outcomes).await?;
    if request.atomic {
        refuse_first(&outcomes)?;
    }
    let added = request.done(&outcomes);
    if !added.is_empty() {
        group::add(tx, request.group, added.clone(), now()).await?;
        let (detail, after) = (json!({ "members": added.len() }), json!(added));
        tx.record(change("group.members_added", request.group, detail, Json::Null, after));
    }
    Ok(outcomes)
}

async fn remove(tx: &Tx, request: &Members) -> Result<Vec<MemberOutcome>> {
    let removed = group::remove(tx, request.group, request.principals()).await?;
    let mut left: HashSet<&str> = removed.iter().map(String::as_str).collect();
    let outcome = |one: &Result<Principal, Box<Refusal>>| match one {
        Ok(principal) if left.remove(principal.as_str()) => MemberOutcome::Done,
        Ok(_) => MemberOutcome::Unchanged,
        Err(refusal) => MemberOutcome::Failed(refusal.clone()),
    };
    let outcomes: Vec<MemberOutcome> = request.members.iter().map(outcome).collect();
    if request.atomic {
        refuse_first(&outcomes)?;
    }
    if !removed.is_empty() {
        quota::give_back_some(tx, Quota::GroupMembers, removed.len()).await?;
        keep_admin(tx).await?;
        let (detail, before) = (json!({ "members": removed.len() }), json!(removed));
        tx.record(change("group.members_removed", request.group, detail, before, Json::Null));
    }
    Ok(outcomes)
}

/// Counts those who come in; the last ones, for whom there is no room, are refused.
async fn take_quota(tx: &Tx, outcomes: &mut [MemberOutcome]) -> Result<()> {
    let coming: Vec<&mut MemberOutcome> = outcomes.iter_mut().filter(|one| one.is_done()).collect();
    if coming.is_empty() {
        return Ok(());
    }
    let taken = quota::take_some(tx, Quota::GroupMembers, coming.len()).await?;
    if taken < coming.len() {
        let refusal = quota::exceeded(tx, Quota::GroupMembers).await?.into_refusal();
        for one in coming.into_iter().skip(taken) {
            *one = MemberOutcome::Failed(refusal.clone());
        }
    }
    Ok(())
}

/// The first refusal, as that of the whole call.
fn refuse_first(outcomes: &[MemberOutcome]) -> Result<()> {
    for (at, one) in outcomes.iter().enumerate() {
        let MemberOutcome::Failed(refusal) = one else { continue };
        let (mut refusal, path) = (refusal.clone(), format!("members[{at}]"));
        refusal.violations.clear();
        return Err(Error::Refused(refusal).field(path).with("index", at));
    }
    Ok(())
}

fn failed(error: Error) -> MemberOutcome {
    MemberOutcome::Failed(error.into_refusal())
}

// === impl Members ===

impl Members {
    /// The principals, each once.
    fn principals(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let parsed = self.members.iter().flatten().map(Principal::as_str);
        parsed.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
    }

    /// The principals for whom it is done.
    fn done(&self, outcomes: &[MemberOutcome]) -> Vec<String> {
        let done = self.members.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_done());
        done.flat_map(|(one, _)| one).map(|principal| principal.as_str().to_owned()).collect()
    }
}

// === impl MemberOutcome ===

impl MemberOutcome {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

// === impl Gate ===

impl Gate {
    async fn open(tx: &Tx, request: &Members) -> Result<Self> {
        let parsed = || request.members.iter().flatten();
        let groups: Vec<_> = parsed().filter_map(Principal::group).map(|id| id.0).collect();
        let accounts: Vec<_> =
            parsed().filter_map(Principal::service_account).map(|id| id.0).collect();
        let members = group::members_among(tx, request.group, request.principals()).await?;
        let mut gate = Self {
            group: request.group,
            members: members.into_iter().collect(),
            there: HashSet::new(),
            nesting: Nesting::default(),
        };
        if !groups.is_empty() {
            gate.there.extend(group::groups_among(tx, groups).await?.into_iter().map(group_name));
            gate.nesting = Nesting::new(group::nested(tx).await?);
        }
        if !accounts.is_empty() {
            let there = group::accounts_among(tx, accounts).await?;
            gate.there.extend(there.into_iter().map(account_name));
        }
        Ok(gate)
    }

    /// Lets a member in. Who may change groups may know of every principal, so that one who is not there is
    /// all that can be missing.
    fn admit(&mut self, principal: &Principal) -> Result<MemberOutcome> {
        if self.members.contains(principal.as_str()) {
            return Ok(MemberOutcome::Unchanged);
        }
        if !principal.is_user() && !self.there.contains(principal.as_str()) {
            return Err(principal_not_found(principal));
        }
        if let Some(member) = principal.group() {
            let put = self.nesting.put(self.group, member, GROUP_DEPTH_MAX);
            put.map_err(|misfit| refuse_misfit(misfit, self.group, principal))?;
        }
        self.members.insert(principal.as_str().to_owned());
        Ok(MemberOutcome::Done)
    }
}

/// GROUP_CYCLE or GROUP_TOO_DEEP.
fn refuse_misfit(misfit: Misfit, group: GroupId, member: &Principal) -> Error {
    let error = match misfit {
        Misfit::Cycle => {
            let message = "the group would be a member of itself; leave the member out";
            Error::new(Reason::GroupCycle, message)
        }
        Misfit::TooDeep => {
            let message =
                format!("groups nest at most {GROUP_DEPTH_MAX} deep; leave the member out");
            Error::new(Reason::GroupTooDeep, message).with("limit", GROUP_DEPTH_MAX)
        }
    };
    error.with("group_id", group).with("member", member.as_str())
}
