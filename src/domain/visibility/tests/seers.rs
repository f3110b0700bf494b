//! Who sees what, from both ends, against single questions, and who administers what.

use super::folders::{WORKSPACES, any_fact, every_folder};
use super::*;

/// Reads and changes of each kind of thing.
const DONE: [Permission; 4] = [
    Permission::PeopleRead,
    Permission::PeopleWrite,
    Permission::AssetsRead,
    Permission::AssetsWrite,
];

fn workspaces() -> Vec<WorkspaceId> {
    (0..WORKSPACES.max(4)).map(|n| WorkspaceId(id(n))).collect()
}

fn objects() -> Vec<Object> {
    let partitions = (0..4).map(|n| Object::Partition(PartitionId(id(n))));
    let assets =
        every_folder().flat_map(|folder| [true, false].map(|live| Object::Asset { folder, live }));
    partitions.chain(assets).collect()
}

/// Facts of all kinds.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    proptest::collection::vec(prop_oneof![fact(), any_fact()], 0..80)
}

fn allowed(index: &Index, who: &str, what: Permission, at: WorkspaceId, object: Object) -> bool {
    let (workspace, object) = (Some(at), Some(object));
    let question = Question { principal: who, permission: what, workspace, object };
    index.check(&question).is_some_and(Verdict::is_allowed)
}

/// All pages of a walk, of one item each.
fn walk<T>(page: impl Fn(Option<&T>) -> Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let mut next = page(all.last());
        assert!(next.len() <= 1);
        match next.pop() {
            Some(one) => all.push(one),
            None => return all,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// who sees a thing are those whom a single question lets, page by page; each is named with a grant; and of
    /// others nothing is told where the one who asks may not know of them.
    #[test]
    fn x_03_seers_are_those_whom_single_questions_let(facts in facts(), known in 0..16u32) {
        let index = Index::default().with(facts);
        for object in objects() {
            for permission in DONE {
                let through = index.through(object, permission);
                let known: Vec<WorkspaceId> = through.iter().copied()
                    .filter(|one| known & (1 << (one.0.as_u128() - 1)) != 0).collect();
                let asking = Asking { permission, through: &through, known: &known, caller: USERS[0] };
                let seers = walk(|last: Option<&Seer>| index.seers(&asking, last.map(|one| &*one.principal), 1));
                for who in principals() {
                    let places = if who == USERS[0] { &through } else { &known };
                    let sees = workspaces().into_iter().filter(|at| places.contains(at))
                        .any(|at| allowed(&index, &who, permission, at, object));
                    let seer = seers.iter().find(|one| *one.principal == *who);
                    prop_assert_eq!(seer.is_some(), sees, "{} {:?} {:?}", who, permission, object);
                    for grant in seer.iter().flat_map(|one| &one.grants) {
                        prop_assert!(grant.workspace.is_none_or(|at| places.contains(&at)));
                    }
                    prop_assert!(seer.is_none_or(|one| !one.grants.is_empty() && !one.more));
                }
                prop_assert!(seers.iter().all(|one| principals().contains(&one.principal.to_string())));
            }
        }
    }

    /// what somebody sees, page by page, is what single questions let them do there, and no more.
    #[test]
    fn x_03_views_are_what_single_questions_let(facts in facts(), known in 0..16u32) {
        let index = Index::default().with(facts);
        let knows = |one: WorkspaceId| known & (1 << (one.0.as_u128() - 1)) != 0;
        let permissions = Permissions::of_workspaces();
        for who in principals() {
            let partitions = walk(|last: Option<&View<PartitionId>>| {
                index.partitions_seen(&who, knows, last.map(|one| (one.thing, one.workspace)), 1)
            });
            let folders = walk(|last: Option<&View<FolderId>>| {
                index.folders_seen(&who, knows, last.map(|one| (one.thing, one.workspace)), 1)
            });
            let seen = walk(|last: Option<&View<()>>| {
                index.workspaces_seen(&who, knows, last.map(|one| one.workspace), 1)
            });
            for at in workspaces() {
                let let_in = |needed, object| knows(at) && allowed(&index, &who, needed, at, object);
                let all = |object| -> Permissions {
                    permissions.iter().filter(|one| allowed(&index, &who, *one, at, object)).collect()
                };
                for one in (0..4).map(|n| PartitionId(id(n))) {
                    let object = Object::Partition(one);
                    let view = partitions.iter().find(|view| (view.thing, view.workspace) == (one, at));
                    prop_assert_eq!(view.is_some(), let_in(Permission::PartitionsRead, object));
                    prop_assert!(view.is_none_or(|view| view.permissions == all(object)));
                }
                for one in every_folder() {
                    let object = Object::Folder(one);
                    let view = folders.iter().find(|view| (view.thing, view.workspace) == (one, at));
                    prop_assert_eq!(view.is_some(), let_in(Permission::AssetsRead, object));
                    prop_assert!(view.is_none_or(|view| view.permissions == all(object)));
                }
                let view = seen.iter().find(|view| view.workspace == at);
                let sees = index.holds(&who, Permission::WorkspacesRead, At::Workspace(at));
                prop_assert_eq!(view.is_some(), knows(at) && sees);
            }
        }
    }

    /// a sole admin is the one user who holds the role of an admin there, by whatever way.
    #[test]
    fn x_04_sole_admins_are_the_only_ones(facts in facts()) {
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let found = Index::default().with(facts).sole_admins();
        for at in workspaces() {
            let administers = |user: &&&str| {
                let holders = model.holders(user);
                model.grants.values().filter(|one| holders.contains(&one.principal)).any(|one| {
                    let wide = one.workspace.is_none() && one.role == role::TENANT_ADMIN.id();
                    let here = one.workspace.is_none_or(|there| there == at);
                    wide || (here && one.role == role::WORKSPACE_ADMIN.id())
                })
            };
            let admins: Vec<&&str> = USERS.iter().filter(administers).collect();
            let sole = found.iter().find(|(id, _)| *id == at).map(|(_, who)| &**who);
            let alone = model.workspaces.contains_key(&at) && admins.len() == 1;
            prop_assert_eq!(sole, alone.then(|| *admins[0]));
        }
    }
}
