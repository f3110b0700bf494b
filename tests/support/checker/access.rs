//! What must hold of who may do what.

use std::collections::{BTreeSet, HashMap, HashSet};

use precinct::config::GROUP_DEPTH_MAX;
use precinct::domain::access::role::{TENANT_ADMIN, with_id};
use precinct::entity::Grant;
use precinct::id::GroupId;

use crate::support::rows::Rows;

/// The rules of access that are broken for a tenant.
pub fn flaws(rows: &Rows) -> Vec<String> {
    let mut flaws = Vec::new();
    flaws.extend(rows.grants.iter().flat_map(|grant| dangling(rows, grant)));
    flaws.extend(members(rows));
    flaws.extend(nesting(rows));
    let living = rows.tenants.iter().any(|tenant| tenant.delete_time.is_none());
    if living && !has_admin(rows) {
        flaws.push("A-09: no user is tenant admin".into());
    }
    flaws
}

/// what a grant names is there, and is what its columns say.
fn dangling(rows: &Rows, grant: &Grant) -> Vec<String> {
    let id = grant.id;
    let role = with_id(grant.role_id).is_some()
        || (grant.custom_role_id == Some(grant.role_id)
            && rows.roles.iter().any(|role| role.id == grant.role_id));
    let workspace =
        grant.workspace_id.is_none_or(|id| rows.workspaces.iter().any(|one| one.id == id));
    let mut flaws = Vec::new();
    if !role {
        flaws.push(format!("A-04: grant {id} of role {} that is not there", grant.role_id));
    }
    if !workspace {
        flaws.push(format!("A-01: grant {id} in a workspace that is not there"));
    }
    let group = grant.group_id.map(|id| id.to_string());
    let account = grant.service_account_id.map(|id| id.to_string());
    if !is_there(rows, &grant.principal, group, account) {
        flaws.push(format!("A-01: grant {id} of {} who is not there", grant.principal));
    }
    flaws
}

fn members(rows: &Rows) -> Vec<String> {
    let mut flaws = Vec::new();
    for one in &rows.members {
        let group = one.member_group_id.map(|id| id.to_string());
        let account = one.member_service_account_id.map(|id| id.to_string());
        let there = is_there(rows, &one.member, group, account);
        if !there || !rows.groups.iter().any(|group| group.id == one.group_id) {
            flaws.push(format!("A-01: {} in group {} that is not there", one.member, one.group_id));
        }
    }
    flaws
}

/// Whether a principal is there, and named alike by its text and its columns.
fn is_there(rows: &Rows, principal: &str, group: Option<String>, account: Option<String>) -> bool {
    match principal.split_once(':') {
        Some(("user", _)) => group.is_none() && account.is_none(),
        Some(("group", id)) => {
            group.as_deref() == Some(id) && rows.groups.iter().any(|one| one.id.to_string() == id)
        }
        Some(("service", id)) => {
            account.as_deref() == Some(id)
                && rows.accounts.iter().any(|one| one.id.to_string() == id)
        }
        _ => false,
    }
}

/// groups nest without a circle, and not too deep. Groups without members are taken away again and
/// again: each round is a level.
fn nesting(rows: &Rows) -> Vec<String> {
    let pairs = rows.members.iter().filter_map(|one| Some((one.group_id, one.member_group_id?)));
    let mut pairs: Vec<(GroupId, GroupId)> = pairs.collect();
    let mut levels = 1;
    while !pairs.is_empty() {
        let holders: HashSet<GroupId> = pairs.iter().map(|(group, _)| *group).collect();
        let before = pairs.len();
        pairs.retain(|(_, member)| holders.contains(member));
        if pairs.len() == before {
            return vec![format!("A-01: groups in a circle: {pairs:?}")];
        }
        levels += 1;
    }
    let deep = levels > GROUP_DEPTH_MAX;
    deep.then(|| format!("A-01: groups {levels} deep")).into_iter().collect()
}

/// a user is tenant admin, directly or through groups.
fn has_admin(rows: &Rows) -> bool {
    let mut members: HashMap<String, Vec<&str>> = HashMap::new();
    for one in &rows.members {
        members.entry(format!("group:{}", one.group_id)).or_default().push(&one.member);
    }
    let admins = rows
        .grants
        .iter()
        .filter(|grant| grant.role_id == TENANT_ADMIN.id() && grant.workspace_id.is_none());
    let mut open: Vec<&str> = admins.map(|grant| grant.principal.as_str()).collect();
    let mut seen = BTreeSet::new();
    while let Some(one) = open.pop() {
        if one.starts_with("user:") {
            return true;
        }
        if seen.insert(one) {
            open.extend(members.get(one).into_iter().flatten());
        }
    }
    false
}
