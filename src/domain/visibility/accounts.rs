//! Service accounts: which are switched on, and who may know of them.

use super::index::Index;
use super::who::Seen;
use crate::id::ServiceAccountId;

// === impl Index ===

impl Index {
    /// Whether a principal may do anything at all: a user always, a service account that is there and switched
    /// on.
    pub fn is_active(&self, principal: &str) -> bool {
        principal.starts_with("user:") || self.active(principal).is_some()
    }

    /// The service accounts that a principal may know of, as [`Index::knows`] has it.
    pub fn known_accounts(&self, principal: &str) -> Seen<ServiceAccountId> {
        self.known_of(principal, account_of)
    }
}

fn account_of(principal: &str) -> Option<ServiceAccountId> {
    principal.strip_prefix("service:").and_then(|id| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::role;
    use crate::domain::visibility::fact::{Fact, Grant, ServiceAccount, Workspace};
    use crate::domain::visibility::{account_name, group_name};
    use crate::id::{GrantId, GroupId, RoleId, WorkspaceId};

    fn role(name: &str) -> RoleId {
        role::ALL.iter().find(|one| one.name == name).unwrap().id()
    }

    fn grant(principal: &str, role: RoleId, workspace: Option<WorkspaceId>) -> Fact {
        Fact::Grant(GrantId::new(), Some(Grant { principal: principal.into(), role, workspace }))
    }

    fn account(id: ServiceAccountId, disabled: bool) -> Fact {
        Fact::ServiceAccount(id, Some(ServiceAccount { disabled }))
    }

    #[test]
    fn a_07_accounts_are_known_where_they_hold_something() {
        let (here, there) = (WorkspaceId::new(), WorkspaceId::new());
        let [own, grouped, off, foreign, idle] = [(); 5].map(|()| ServiceAccountId::new());
        let (group, admin, viewer) = (GroupId::new(), role("Workspace admin"), role("Viewer"));
        let workspace = |id| Fact::Workspace(id, Some(Workspace::default()));
        let mut facts = vec![workspace(here), workspace(there)];
        facts.extend([own, grouped, foreign, idle].map(|id| account(id, false)));
        facts.push(account(off, true));
        facts.push(Fact::Group(group, Some(vec![account_name(grouped)])));
        facts.push(grant("user:here", admin, Some(here)));
        facts.push(grant("user:wide", role("Tenant admin"), None));
        facts.push(grant(&account_name(own), viewer, Some(here)));
        facts.push(grant(&account_name(off), viewer, Some(here)));
        facts.push(grant(&group_name(group), viewer, Some(here)));
        facts.push(grant(&account_name(foreign), viewer, Some(there)));
        let index = Index::default().with(facts);
        assert_eq!(index.known_accounts("user:wide"), Seen::All);
        assert_eq!(index.known_accounts("user:nobody"), Seen::These(vec![]));
        let Seen::These(mut known) = index.known_accounts("user:here") else { panic!("not all") };
        known.sort_unstable();
        assert_eq!(known, [own, grouped, off]);
        for id in [own, grouped, off, foreign, idle] {
            let knows = index.knows("user:here", &account_name(id));
            assert_eq!(knows, known.contains(&id), "one by one as all at once");
        }
    }

    #[test]
    fn a_08_a_service_account_is_active_while_it_is_there_and_switched_on() {
        let (on, off, gone) =
            (ServiceAccountId::new(), ServiceAccountId::new(), ServiceAccountId::new());
        let index = Index::default().with([account(on, false), account(off, true)]);
        let active = [on, off, gone].map(|id| index.is_active(&account_name(id)));
        assert_eq!(active, [true, false, false]);
        let index = index.with([Fact::ServiceAccount(on, None), account(off, false)]);
        let active = [on, off, gone].map(|id| index.is_active(&account_name(id)));
        assert_eq!(active, [false, true, false]);
    }
}
