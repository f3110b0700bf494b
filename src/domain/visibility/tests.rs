//! The index against a model that knows no index: facts as they stand, searched from end to end (A-01,
//! A-05, P-02, P-03, V-01, X-01).

mod compare;
mod folders;
mod objects;
mod seers;
mod turn;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use self::turn::turns;
use super::fact::{Binding, Fact, Folder, Grant, ServiceAccount, Workspace};
use super::*;
use crate::domain::access::{Permission, Permissions, role};
use crate::id::{FolderId, GrantId, GroupId, PartitionId, RoleId, ServiceAccountId, WorkspaceId};

const USERS: [&str; 4] = ["user:a", "user:b", "user:c", "user:d"];

/// One of each level, and those that others imply.
const ASKED: [Permission; 6] = [
    Permission::TenantManage,
    Permission::AccessCheck,
    Permission::AssetsWrite,
    Permission::FieldsRead,
    Permission::PeopleRead,
    Permission::PeopleWrite,
];

/// How things stand: the last word of each fact.
#[derive(Clone, Debug, Default)]
struct Model {
    workspaces: BTreeMap<WorkspaceId, Workspace>,
    partitions: BTreeSet<PartitionId>,
    roles: BTreeMap<RoleId, Permissions>,
    accounts: BTreeMap<ServiceAccountId, bool>,
    groups: BTreeMap<GroupId, Vec<String>>,
    grants: BTreeMap<GrantId, Grant>,
    roots: BTreeMap<FolderId, WorkspaceId>,
    folders: BTreeMap<FolderId, Folder>,
}

// === impl Model ===

impl Model {
    fn take(&mut self, fact: &Fact) {
        fn put<K: Ord + Copy, V: Clone>(map: &mut BTreeMap<K, V>, key: &K, value: Option<V>) {
            match value {
                Some(value) => map.insert(*key, value),
                None => map.remove(key),
            };
        }
        match fact {
            Fact::Workspace(id, one) => put(&mut self.workspaces, id, one.clone()),
            Fact::Partition(id, Some(())) => drop(self.partitions.insert(*id)),
            Fact::Partition(id, None) => drop(self.partitions.remove(id)),
            Fact::Role(id, one) => put(&mut self.roles, id, *one),
            Fact::ServiceAccount(id, one) => {
                put(&mut self.accounts, id, one.map(|one| !one.disabled));
            }
            Fact::Group(id, one) => put(&mut self.groups, id, one.clone()),
            Fact::Grant(id, one) => put(&mut self.grants, id, one.clone()),
            Fact::Root(id, workspace) => drop(self.roots.insert(*id, *workspace)),
            Fact::Folder(id, one) => put(&mut self.folders, id, one.clone()),
        }
    }

    fn active(&self, principal: &str) -> bool {
        let (kind, id) = principal.split_once(':').unwrap();
        let id = Uuid::parse_str(id).unwrap_or_default();
        match kind {
            "group" => self.groups.contains_key(&GroupId(id)),
            "service" => self.accounts.get(&ServiceAccountId(id)).copied().unwrap_or_default(),
            _ => true,
        }
    }

    /// A principal, and the groups that it is in.
    fn holders(&self, principal: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([principal.to_owned()]);
        loop {
            let holds = |members: &Vec<String>| members.iter().any(|member| found.contains(member));
            let groups = self.groups.iter().filter(|(_, members)| holds(members));
            let more: BTreeSet<String> = groups.map(|(id, _)| group_name(*id)).collect();
            if more.is_subset(&found) {
                return found;
            }
            found.extend(more);
        }
    }

    fn role(&self, id: RoleId) -> Permissions {
        let built_in = role::with_id(id).map(role::BuiltIn::permissions);
        self.roles.get(&id).copied().or(built_in).unwrap_or_default()
    }

    fn holds(&self, principal: &str, permission: Permission, place: Option<WorkspaceId>) -> bool {
        let holders = self.holders(principal);
        self.active(principal)
            && place.is_none_or(|id| self.workspaces.contains_key(&id))
            && self.grants.values().any(|grant| {
                let reaches = match grant.workspace {
                    None => true,
                    Some(there) => Some(there) == place && !permission.is_tenant_wide_only(),
                };
                reaches
                    && holders.contains(&grant.principal)
                    && self.role(grant.role).has(permission)
            })
    }

    /// What a workspace may do in a partition: nothing, see (false), or change (true).
    fn reach(&self, workspace: WorkspaceId, partition: PartitionId) -> Option<bool> {
        let found = self.workspaces.get(&workspace)?;
        self.partitions.get(&partition)?;
        let bound = found.bindings.iter().rev().find(|one| one.partition == partition);
        match bound {
            Some(binding) => Some(!binding.read_only),
            None => found.all_partitions.then_some(true),
        }
    }

    fn allows(&self, question: &Question<'_>) -> Option<bool> {
        let place = question.workspace;
        if place.is_some_and(|id| !self.workspaces.contains_key(&id)) {
            return None;
        }
        let archived = place.is_some_and(|id| self.workspaces[&id].archived);
        let object = question
            .object
            .is_none_or(|object| self.lets(place.unwrap(), object, question.permission));
        Some(
            self.holds(question.principal, question.permission, place)
                && !(archived && question.permission.changes_content())
                && object,
        )
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number + 1)
}

fn principals() -> Vec<String> {
    let users = USERS.iter().map(|one| (*one).to_owned());
    let groups = (0..4).map(|n| group_name(GroupId(id(n))));
    let accounts = (0..2).map(|n| account_name(ServiceAccountId(id(n))));
    users.chain(groups).chain(accounts).collect()
}

fn roles() -> Vec<RoleId> {
    let custom = (0..3).map(|n| RoleId(id(n)));
    role::ALL.iter().map(role::BuiltIn::id).chain(custom).collect()
}

fn workspace() -> impl Strategy<Value = Workspace> {
    let binding = (0..4u128, any::<bool>())
        .prop_map(|(n, read_only)| Binding { partition: PartitionId(id(n)), read_only });
    let bindings = proptest::collection::vec(binding, 0..4).prop_map(|mut bindings| {
        // One row for each partition.
        bindings.sort_by_key(|one| one.partition);
        bindings.dedup_by_key(|one| one.partition);
        bindings
    });
    let flags = (any::<bool>(), any::<bool>());
    (flags, bindings).prop_map(|((all_partitions, archived), bindings)| Workspace {
        all_partitions: all_partitions && bindings.len() < 2,
        archived,
        bindings,
        primary: None,
    })
}

fn fact() -> impl Strategy<Value = Fact> {
    use proptest::option::weighted;
    let permissions =
        proptest::collection::vec(select(Permission::all().collect::<Vec<_>>()), 0..3)
            .prop_map(|some| some.into_iter().collect::<Permissions>().with_implied());
    // A grant never changes: what it says stands in its id.
    let grant = (0..principals().len(), 0..roles().len(), weighted(0.7, 0..4usize)).prop_map(
        |(who, what, place)| {
            let number = (who * 100 + what) * 100 + place.map_or(0, |place| place + 1);
            let grant = Grant {
                principal: principals()[who].clone(),
                role: roles()[what],
                workspace: place.map(|n| WorkspaceId(id(n as u128))),
            };
            (GrantId(id(number as u128)), grant)
        },
    );
    prop_oneof![
        3 => (0..4u128, weighted(0.9, workspace()))
            .prop_map(|(n, one)| Fact::Workspace(WorkspaceId(id(n)), one)),
        2 => (0..4u128, weighted(0.8, Just(())))
            .prop_map(|(n, one)| Fact::Partition(PartitionId(id(n)), one)),
        1 => (0..3u128, weighted(0.8, permissions)).prop_map(|(n, one)| Fact::Role(RoleId(id(n)), one)),
        1 => (0..2u128, weighted(0.8, any::<bool>())).prop_map(|(n, one)| {
            let account = one.map(|disabled| ServiceAccount { disabled });
            Fact::ServiceAccount(ServiceAccountId(id(n)), account)
        }),
        // Circles among them: the service refuses them, and the index must still end.
        3 => (0..4u128, weighted(0.9, proptest::collection::vec(select(principals()), 0..4)))
            .prop_map(|(n, one)| Fact::Group(GroupId(id(n)), one)),
        5 => (grant, weighted(0.8, Just(()))).prop_map(|((id, grant), there)| {
            Fact::Grant(id, there.map(|()| grant))
        }),
    ]
}

fn every_question() -> Vec<(String, Permission, Option<WorkspaceId>, Option<Object>)> {
    let mut all = Vec::new();
    for principal in principals() {
        for permission in ASKED {
            all.push((principal.clone(), permission, None, None));
            for workspace in (0..4).map(|n| WorkspaceId(id(n))) {
                all.push((principal.clone(), permission, Some(workspace), None));
                for partition in (0..4).map(|n| Object::Partition(PartitionId(id(n)))) {
                    all.push((principal.clone(), permission, Some(workspace), Some(partition)));
                }
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// The index answers every question as the model does, patched fact by fact or built at once, and
    /// explains the answer that it gives.
    #[test]
    fn a_01_the_index_answers_as_the_facts_do(
        facts in proptest::collection::vec(fact(), 0..60),
        cut in 0..60usize,
    ) {
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let cut = cut.min(facts.len());
        let built = Index::default().with(facts[..cut].to_vec());
        let patched = facts[cut..].iter().fold(built, |index, fact| index.with([fact.clone()]));
        let whole = Index::default().with(facts.clone());
        for (principal, permission, workspace, object) in every_question() {
            let question = Question { principal: &principal, permission, workspace, object };
            let verdict = answers(&patched, &model, &question)?;
            prop_assert_eq!(verdict, whole.check(&question), "{:?}", question);
        }
    }

    /// the change that an explanation names turns the verdict, and none is named only where no single
    /// grant or binding would.
    #[test]
    fn x_01_the_named_change_turns_the_verdict(facts in proptest::collection::vec(fact(), 0..60)) {
        let index = Index::default().with(facts.clone());
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        for (principal, permission, workspace, object) in every_question() {
            turns(&index, &model, &Question { principal: &principal, permission, workspace, object })?;
        }
    }

    /// What can X see, and who is in W: as asking about each one by one.
    #[test]
    fn v_01_lists_agree_with_single_answers(facts in proptest::collection::vec(fact(), 0..60)) {
        let index = Index::default().with(facts.clone());
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let workspaces: Vec<WorkspaceId> = model.workspaces.keys().copied().collect();
        for principal in principals() {
            let read = Permission::WorkspacesRead;
            let one_by_one: BTreeSet<WorkspaceId> = workspaces
                .iter()
                .copied()
                .filter(|id| model.holds(&principal, read, Some(*id)))
                .collect();
            match index.workspaces_with(&principal, read) {
                Seen::All => prop_assert!(model.holds(&principal, read, None)),
                Seen::These(seen) => prop_assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), one_by_one),
            }
            let see = Permission::PartitionsRead;
            for partition in model.partitions.iter().copied() {
                let through = |id: &WorkspaceId| {
                    model.reach(*id, partition).is_some() && model.holds(&principal, see, Some(*id))
                };
                let seen = model.holds(&principal, see, None) || workspaces.iter().any(through);
                prop_assert_eq!(index.sees_partition(&principal, partition), seen);
            }
        }
        for workspace in workspaces {
            let users: Vec<String> =
                index.users_of(workspace).iter().map(|user| user.principal.to_string()).collect();
            let expected: BTreeSet<String> = principals()
                .into_iter()
                .filter(|one| !one.starts_with("group:"))
                .filter(|one| model.holds(one, Permission::WorkspacesRead, Some(workspace)))
                .collect();
            prop_assert_eq!(users, expected.into_iter().collect::<Vec<_>>());
        }
    }

    /// one covers another if whatever the other may do somewhere, it may do there too.
    #[test]
    fn a_03_covering_is_holding_all_that_another_holds(facts in proptest::collection::vec(fact(), 0..60)) {
        let index = Index::default().with(facts.clone());
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let mut places: Vec<Option<WorkspaceId>> = model.workspaces.keys().copied().map(Some).collect();
        places.push(None);
        for (one, other) in principals().iter().flat_map(|a| USERS.iter().map(move |b| (a, *b))) {
            if index.covers(one, other).is_ok() {
                for (place, permission) in
                    places.iter().flat_map(|place| Permission::all().map(move |one| (*place, one)))
                {
                    let hands_on = model.holds(other, permission, place);
                    prop_assert!(!hands_on || model.holds(one, permission, place));
                }
            }
        }
    }
}

/// An answer, which is the model's, with its reasons: the first that does not hold is the last.
fn answers(
    index: &Index,
    model: &Model,
    question: &Question<'_>,
) -> Result<Option<Verdict>, TestCaseError> {
    let verdict = index.check(question);
    prop_assert_eq!(verdict.map(Verdict::is_allowed), model.allows(question), "{:?}", question);
    let explained = index.explain(question);
    prop_assert_eq!(explained.as_ref().map(|one| one.verdict), verdict);
    if let Some(explained) = explained {
        let holds = explained.links.iter().all(Link::holds);
        prop_assert_eq!(holds, explained.verdict.is_allowed(), "{:?} {:?}", question, explained);
        let failing = explained.links.iter().position(|link| !link.holds());
        prop_assert!(failing.is_none_or(|at| at + 1 == explained.links.len()));
    }
    Ok(verdict)
}
