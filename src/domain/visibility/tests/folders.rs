//! The folders of the index against the model (S-02, S-05, S-10, W-08).

use std::mem::discriminant;

use super::*;
use crate::domain::access::Permission::AssetsRead;

pub(super) const WORKSPACES: u128 = 4;
const FOLDERS: u128 = 8;

// === impl Model ===

impl Model {
    /// A folder that is there, and those above it, as far as they are there.
    pub(super) fn above(&self, folder: FolderId) -> Vec<FolderId> {
        let mut above = Vec::new();
        let mut next = Some(folder);
        while let Some(id) = next.filter(|id| !above.contains(id)) {
            let found = self.folders.get(&id);
            if found.is_some() || self.roots.contains_key(&id) {
                above.push(id);
            }
            next = found.map(|one| one.parent);
        }
        above
    }

    pub(super) fn lives(&self, workspace: WorkspaceId) -> bool {
        self.workspaces.contains_key(&workspace)
    }

    /// Of the root; living or not.
    pub(super) fn owner(&self, folder: FolderId) -> Option<WorkspaceId> {
        self.above(folder).last().and_then(|top| self.roots.get(top)).copied()
    }

    fn targets(&self, folder: FolderId) -> Vec<WorkspaceId> {
        self.folders.get(&folder).map(|one| one.targets.clone()).unwrap_or_default()
    }

    fn is_shared_to(&self, folder: FolderId, workspace: WorkspaceId) -> bool {
        self.above(folder).into_iter().any(|id| self.targets(id).contains(&workspace))
    }

    pub(super) fn reach_of_folder(
        &self,
        workspace: WorkspaceId,
        folder: FolderId,
    ) -> Option<Reach> {
        let owner = self.owner(folder).filter(|owner| self.lives(*owner))?;
        if !self.lives(workspace) {
            None
        } else if owner == workspace {
            let mut others = self.workspaces.keys().filter(|one| **one != owner);
            Some(Reach::Own { shared: others.any(|other| self.is_shared_to(folder, *other)) })
        } else {
            self.is_shared_to(folder, workspace).then_some(Reach::Received { owner })
        }
    }

    fn unseen(&self, workspace: WorkspaceId, folder: FolderId) -> Option<Unseen> {
        let suspended = self.lives(workspace)
            && self.owner(folder).is_some_and(|owner| !self.lives(owner))
            && self.is_shared_to(folder, workspace);
        match self.reach_of_folder(workspace, folder) {
            Some(_) => None,
            None if suspended => Some(Unseen::OwnerDeleted),
            None => Some(Unseen::NotShared),
        }
    }

    fn received(&self, workspace: WorkspaceId) -> Vec<FolderId> {
        let by_itself = |id: &FolderId| {
            let reach = self.reach_of_folder(workspace, *id);
            matches!(reach, Some(Reach::Received { .. })) && self.targets(*id).contains(&workspace)
        };
        self.folders.keys().copied().filter(by_itself).collect()
    }
}

fn workspaces() -> impl Iterator<Item = WorkspaceId> {
    (0..WORKSPACES).map(|n| WorkspaceId(id(n)))
}

fn folder(number: u128) -> FolderId {
    FolderId(id(number))
}

/// Each workspace has two areas.
fn root(number: u128) -> FolderId {
    FolderId(id(100 + number))
}

pub(super) fn every_folder() -> impl Iterator<Item = FolderId> {
    (0..FOLDERS).map(folder).chain((0..WORKSPACES * 2).map(root))
}

/// A folder somewhere: mostly in a tree; in a circle, or below what is not there, as a move may look half way.
fn placed() -> impl Strategy<Value = Fact> {
    let targets =
        proptest::collection::btree_set((0..WORKSPACES).prop_map(|n| WorkspaceId(id(n))), 0..3);
    let targets = targets.prop_map(|some| some.into_iter().collect::<Vec<_>>());
    (0..FOLDERS, 0..12u128, 0..FOLDERS, targets).prop_map(|(number, how, other, targets)| {
        let parent = match how {
            0..5 => root(other),
            5..11 if number > 0 => folder(other % number),
            _ => folder(other),
        };
        Fact::Folder(folder(number), Some(Folder { parent, targets }))
    })
}

pub(super) fn any_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        6 => placed(),
        1 => (0..FOLDERS).prop_map(|n| Fact::Folder(folder(n), None)),
        2 => (0..WORKSPACES * 2).prop_map(|n| Fact::Root(root(n), WorkspaceId(id(n / 2)))),
        // Of workspaces, partitions and grants, what decides who sees a folder.
        3 => fact(),
        2 => (0..WORKSPACES, workspace())
            .prop_map(|(n, one)| Fact::Workspace(WorkspaceId(id(n)), Some(one))),
    ]
}

/// What is so in the end, each thing once.
fn last_words(facts: &[Fact]) -> Vec<Fact> {
    let same = |one: &Fact, other: &Fact| {
        discriminant(one) == discriminant(other) && thing(one) == thing(other)
    };
    let later = |at: usize| facts[at + 1..].iter().any(|other| same(&facts[at], other));
    (0..facts.len()).filter(|at| !later(*at)).map(|at| facts[at].clone()).collect()
}

fn thing(fact: &Fact) -> Uuid {
    match fact {
        Fact::Workspace(id, _) => id.0,
        Fact::Partition(id, _) => id.0,
        Fact::Role(id, _) => id.0,
        Fact::ServiceAccount(id, _) => id.0,
        Fact::Group(id, _) => id.0,
        Fact::Grant(id, _) => id.0,
        Fact::Root(id, _) | Fact::Folder(id, _) => id.0,
    }
}

fn is_gone(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Workspace(_, None)
            | Fact::Partition(_, None)
            | Fact::Role(_, None)
            | Fact::ServiceAccount(_, None)
            | Fact::Group(_, None)
            | Fact::Grant(_, None)
            | Fact::Folder(_, None)
    )
}

/// Some facts, and what is so in the end, in another order.
fn facts() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    proptest::collection::vec(any_fact(), 0..60).prop_flat_map(|facts| {
        let shuffled = Just(last_words(&facts)).prop_shuffle();
        (Just(facts), shuffled)
    })
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all.dedup();
    all
}

/// One folder, looked at from everywhere.
fn agree_about(index: &Index, model: &Model, folder: FolderId) -> Result<(), TestCaseError> {
    let above = model.above(folder);
    for workspace in workspaces() {
        let reach = model.reach_of_folder(workspace, folder);
        prop_assert_eq!(index.reach(workspace, folder), reach, "{} {}", workspace, folder);
        prop_assert_eq!(index.unseen(workspace, folder), model.unseen(workspace, folder));
    }
    let owner = model.owner(folder).filter(|owner| model.lives(*owner));
    prop_assert_eq!(index.owner_of(folder), owner);
    let viewers = workspaces().filter(|one| model.reach_of_folder(*one, folder).is_some());
    prop_assert_eq!(index.viewers_of(folder), viewers.collect::<Vec<_>>());
    prop_assert_eq!(index.targets_of(folder), model.targets(folder));
    let shared = above.iter().copied().filter(|id| !model.targets(*id).is_empty());
    let shared: Vec<FolderId> = shared.collect();
    // In a circle the index comes by again, until it gives up.
    prop_assert_eq!(&index.shared_above(folder)[..shared.len()], &shared);
    prop_assert_eq!(sorted(index.shared_above(folder)), sorted(shared));
    for (steps, one) in above.iter().enumerate() {
        prop_assert_eq!(index.above(folder, steps), Some(*one));
    }
    for other in every_folder() {
        prop_assert_eq!(index.is_within(folder, other), above.contains(&other));
    }
    Ok(())
}

fn agree(index: &Index, model: &Model) -> Result<(), TestCaseError> {
    for folder in every_folder() {
        agree_about(index, model, folder)?;
    }
    for workspace in workspaces() {
        prop_assert_eq!(index.received(workspace), model.received(workspace));
        for other in workspaces() {
            let both = |partition: &PartitionId| {
                let sees = |id| model.reach(id, *partition).is_some();
                sees(workspace) && sees(other)
            };
            prop_assert_eq!(index.overlap(workspace, other), model.partitions.iter().any(both));
        }
    }
    for principal in principals() {
        let sees = |folder: &FolderId| {
            let through = |id: WorkspaceId| {
                model.holds(&principal, AssetsRead, Some(id))
                    && model.reach_of_folder(id, *folder).is_some()
            };
            workspaces().any(through)
        };
        let seen = every_folder().filter(sees).collect();
        prop_assert_eq!(sorted(index.folders_of(&principal)), sorted(seen));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// S-02, S-05, S-10, W-08: which workspace sees which folder is as the facts say: built at once, patched one by
    /// one, in another order (a folder before its workspace), or from what is left of them.
    #[test]
    fn s_05_the_index_sees_folders_as_the_facts_say((facts, shuffled) in facts(), cut in 0..60usize) {
        let mut model = Model::default();
        facts.iter().for_each(|fact| model.take(fact));
        let one_by_one = |start: Index, rest: &[Fact]| {
            rest.iter().fold(start, |index, fact| index.with([fact.clone()]))
        };
        let cut = cut.min(facts.len());
        let built = Index::default().with(facts[..cut].to_vec());
        agree(&one_by_one(built, &facts[cut..]), &model)?;
        agree(&one_by_one(Index::default(), &shuffled), &model)?;
        let left: Vec<Fact> = shuffled.into_iter().filter(|fact| !is_gone(fact)).collect();
        agree(&Index::default().with(left), &model)?;
    }
}
