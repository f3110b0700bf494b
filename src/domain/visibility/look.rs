//! Whether a workspace sees a person, an asset, or a person in an asset, and why: the facts in the order in which
//! they decide, the first that fails, and the changes that would turn it. They are tried, not guessed: a change turns an
//! answer if, given it, all facts hold.

use super::explain::Change;
use super::folders::Reach;
use super::index::Index;
use super::object::Object;
use crate::domain::access::Permission;
use crate::domain::segmentation::coverage::{Coverage, Missing};
use crate::id::{FolderId, PartitionId, SegmentId, WorkspaceId};

/// What a workspace looks at: a person, an asset, or, if both are named, a person in an asset.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Where the person is.
    pub home: Option<PartitionId>,
    /// The asset.
    pub item: Option<Item>,
    /// How the person stands to the asset, if something of it is live.
    pub membership: Option<Membership>,
    /// That stays so wherever the person is.
    pub stays: bool,
}

/// An asset.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The folder that it is in.
    pub folder: FolderId,
    /// Something of it is live.
    pub live: bool,
}

/// How a person stands to an asset.
#[derive(Clone, Copy, Debug)]
pub enum Membership {
    /// Put in, or not.
    Put(bool),
    /// Whether the filter holds; nothing: something that it refers to is broken (L-07).
    Filtered(Option<bool>),
    /// In a segment, or not.
    Sorted(Sorted),
}

/// How a person stands to a segmentation.
#[derive(Clone, Copy, Debug)]
pub struct Sorted {
    /// Whose the segmentation is.
    pub owner: WorkspaceId,
    /// How far it is computed where the person is.
    pub coverage: Coverage,
    /// The segment that is read of the person.
    pub stored: Option<SegmentId>,
    /// The segment that the person belongs to.
    pub now: SegmentId,
    /// The segment that is looked at; nothing: any.
    pub wanted: Option<SegmentId>,
}

/// A fact that an answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The workspace is there.
    Workspace,
    /// The person is there.
    Person,
    /// The workspace sees the partition of the person, or not.
    Partition(PartitionId, bool),
    /// How the workspace sees the asset; nothing: it does not.
    Asset(Option<Way>),
    /// Something of the asset is live, or not.
    Live(bool),
    /// What the filter refers to is whole, or not.
    References(bool),
    /// How far the segmentation is computed where the person is.
    Coverage(Coverage),
    /// The person is in the asset, or in the segment that is looked at, or not; and in which.
    Member(bool, Option<SegmentId>),
}

/// How a workspace sees an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As its own.
    Own,
    /// By a share.
    Share {
        /// Whose it is.
        owner: WorkspaceId,
        /// The folder that is shared.
        folder: FolderId,
    },
}

/// What a workspace sees, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The facts, in order; the first that does not hold is the last.
    pub steps: Vec<Step>,
    /// The single changes that would turn the answer no, in the order of X-01, moves of the person aside.
    pub changes: Vec<Change>,
    /// The partitions to which a move of the person would turn it, which comes after shares.
    pub homes: Vec<PartitionId>,
}

// === impl Step ===

impl Step {
    /// Whether the fact speaks for the answer yes.
    pub fn holds(&self) -> bool {
        match self {
            Self::Workspace | Self::Person => true,
            Self::Asset(way) => way.is_some(),
            Self::Coverage(coverage) => !matches!(coverage, Coverage::NotComputed(_)),
            Self::Partition(_, holds)
            | Self::Live(holds)
            | Self::References(holds)
            | Self::Member(holds, _) => *holds,
        }
    }
}

// === impl Sighting ===

impl Sighting {
    /// The answer.
    pub fn visible(&self) -> bool {
        self.steps.iter().all(Step::holds)
    }
}

// === impl Sorted ===

impl Sorted {
    /// The same once the segmentation is computed where the person is.
    fn computed(self) -> Self {
        // The time does not decide.
        Self { coverage: Coverage::Fresh { computed: 0 }, stored: Some(self.now), ..self }
    }

    fn step(self) -> Step {
        let wanted = |stored| self.wanted.is_none_or(|wanted| wanted == stored);
        Step::Member(self.stored.is_some_and(wanted), self.stored)
    }
}

// === impl Index ===

impl Index {
    /// What a workspace sees, with the reasons. No answer: the workspace is not there.
    pub fn look(&self, look: &Look) -> Option<Sighting> {
        self.living_workspace(look.workspace)?;
        let steps = self.steps(look, None);
        let (changes, homes) = match steps.iter().all(Step::holds) {
            true => (Vec::new(), Vec::new()),
            false => (self.ways(look), self.homes(look)),
        };
        Some(Sighting { steps, changes, homes })
    }

    /// The facts up to the first that fails, as they would be after a change.
    fn steps(&self, look: &Look, given: Option<Change>) -> Vec<Step> {
        let mut steps = vec![Step::Workspace];
        if let Some(home) = look.home {
            let bound = given == Some(Change::BindReadOnly(look.workspace, home));
            let seen = bound || self.workspace_sees(look.workspace, home);
            steps.extend([Step::Person, Step::Partition(home, seen)]);
        }
        if let Some(item) = look.item {
            let way = self.way(look.workspace, item.folder, given);
            steps.push(Step::Asset(way));
            // Its own workspace sees an asset that is not live too, but nobody in it.
            if look.home.is_some() || way != Some(Way::Own) {
                steps.push(Step::Live(item.live));
            }
        }
        match look.membership {
            None => {}
            Some(Membership::Put(is_in)) => steps.push(Step::Member(is_in, None)),
            Some(Membership::Filtered(held)) => {
                let held_by = Step::Member(held.unwrap_or_default(), None);
                steps.extend([Step::References(held.is_some()), held_by]);
            }
            Some(Membership::Sorted(sorted)) => {
                let outside = sorted.coverage == Coverage::NotComputed(Missing::OutsideOwner);
                let bound = look.home.map(|home| Change::BindReadOnly(sorted.owner, home));
                let covered = outside && given.is_some() && given == bound;
                let sorted = if covered { sorted.computed() } else { sorted };
                steps.extend([Step::Coverage(sorted.coverage), sorted.step()]);
            }
        }
        let failing = steps.iter().position(|step| !step.holds());
        steps.truncate(failing.map_or(steps.len(), |at| at + 1));
        steps
    }

    /// How a workspace sees what is in a folder, as it would after a change.
    fn way(&self, workspace: WorkspaceId, folder: FolderId, given: Option<Change>) -> Option<Way> {
        if let Some(Change::MoveFolder { folder: moved, target, .. }) = given
            && target == workspace
            && self.is_within(folder, moved)
        {
            return Some(Way::Own);
        }
        if let Some(Change::Share { owner, folder: shared, target }) = given
            && target == workspace
            && self.is_within(folder, shared)
        {
            return Some(Way::Share { owner, folder: shared });
        }
        match self.reach(workspace, folder)? {
            Reach::Own { .. } => Some(Way::Own),
            Reach::Received { owner } => {
                let mut shared = self.shared_above(folder).into_iter();
                let folder = shared.find(|one| self.targets_of(*one).contains(&workspace))?;
                Some(Way::Share { owner, folder })
            }
        }
    }

    /// The single changes that would turn an answer.
    fn ways(&self, look: &Look) -> Vec<Change> {
        let owner = match look.membership {
            Some(Membership::Sorted(sorted)) => Some(sorted.owner),
            _ => None,
        };
        let mut binders = vec![look.workspace];
        binders.extend(owner.filter(|owner| *owner != look.workspace));
        let binds = binders.into_iter().filter_map(|one| self.binding(one, look.home?));
        let share = look.item.and_then(|item| self.sharing(item.folder, look.workspace));
        // What is moved is computed anew, for its new owner.
        let moved = look.item.filter(|_| owner.is_none());
        let moved = moved.and_then(|item| self.moving(item.folder, look.workspace));
        let turns = |one: &Change| self.steps(look, Some(*one)).iter().all(Step::holds);
        binds.chain(share).chain(moved).filter(turns).collect()
    }

    /// What makes a folder the workspace's own.
    fn moving(&self, folder: FolderId, target: WorkspaceId) -> Option<Change> {
        // It takes what sharing takes, and that it is not there already.
        match self.sharing(folder, target)? {
            Change::Share { owner, .. } if owner != target => {
                Some(Change::MoveFolder { owner, folder, target })
            }
            _ => None,
        }
    }

    /// The partitions to which a move of the person would turn an answer, and could be done through some workspace.
    fn homes(&self, look: &Look) -> Vec<PartitionId> {
        let Some(home) = look.home.filter(|_| look.stays) else { return Vec::new() };
        let turns = |to: &PartitionId| {
            let there = Look { home: Some(*to), ..*look };
            self.steps(&there, None).iter().all(Step::holds)
        };
        let mut homes: Vec<PartitionId> =
            self.living.iter().map(|one| self.partition_at(one)).collect();
        homes.retain(|to| *to != home && turns(to) && !self.movers(home, *to).is_empty());
        homes.sort_unstable();
        homes
    }

    /// The workspaces through which people can be moved between two partitions: active ones that may change both (M-03).
    pub fn movers(&self, from: PartitionId, to: PartitionId) -> Vec<WorkspaceId> {
        let through = |id| self.through(Object::Partition(id), Permission::PeopleMove);
        let (from, to) = (through(from), through(to));
        from.into_iter().filter(|id| to.binary_search(id).is_ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::visibility::fact::{self, Fact};

    /// Two workspaces that each see a partition, and a folder of the first.
    struct World {
        index: Index,
        ours: WorkspaceId,
        theirs: WorkspaceId,
        here: PartitionId,
        there: PartitionId,
        folder: FolderId,
    }

    impl World {
        fn new(targets: &[usize]) -> Self {
            let [ours, theirs] = [(); 2].map(|()| WorkspaceId::new());
            let [here, there] = [(); 2].map(|()| PartitionId::new());
            let [root, folder] = [(); 2].map(|()| FolderId::new());
            let workspace = |id, partition| {
                let bindings = vec![fact::Binding { partition, read_only: false }];
                Fact::Workspace(id, Some(fact::Workspace { bindings, ..Default::default() }))
            };
            let targets = targets.iter().map(|at| [ours, theirs][*at]).collect();
            let index = Index::default().with([
                Fact::Partition(here, Some(())),
                Fact::Partition(there, Some(())),
                workspace(ours, here),
                workspace(theirs, there),
                Fact::Root(root, ours),
                Fact::Folder(folder, Some(fact::Folder { parent: root, targets })),
            ]);
            Self { index, ours, theirs, here, there, folder }
        }

        /// Whether a person of a partition is in the first segment, as a workspace sees it.
        fn look(&self, workspace: WorkspaceId, home: PartitionId, sorted: Sorted) -> Sighting {
            let look = Look {
                workspace,
                home: Some(home),
                item: Some(Item { folder: self.folder, live: true }),
                membership: Some(Membership::Sorted(sorted)),
                stays: false,
            };
            self.index.look(&look).expect("the workspace is there")
        }

        fn outside(&self, now: SegmentId, wanted: SegmentId) -> Sorted {
            let coverage = Coverage::NotComputed(Missing::OutsideOwner);
            Sorted { owner: self.ours, coverage, stored: None, now, wanted: Some(wanted) }
        }
    }

    /// G-04, X-01: who is outside the owner's sight has no segment; a binding of the owner's gives the one that the
    /// person belongs to, and no other.
    #[test]
    fn g_04_binding_the_owner_turns_what_it_turns() {
        let world = World::new(&[1]);
        let [first, second] = [(); 2].map(|()| SegmentId::new());
        let seen = world.look(world.theirs, world.there, world.outside(first, first));
        assert_eq!(seen.changes, [Change::BindReadOnly(world.ours, world.there)]);
        let last = Step::Coverage(Coverage::NotComputed(Missing::OutsideOwner));
        assert_eq!(seen.steps.last(), Some(&last));
        let other = world.look(world.theirs, world.there, world.outside(first, second));
        assert_eq!(other.changes, []);
        // Through its own workspace one binding does both.
        let own = world.look(world.ours, world.there, world.outside(first, first));
        assert_eq!(own.changes, [Change::BindReadOnly(world.ours, world.there)]);
        assert_eq!(own.steps.last(), Some(&Step::Partition(world.there, false)));
    }

    /// what two things stand in the way of, one change does not turn.
    #[test]
    fn x_01_one_change_has_to_do() {
        let world = World::new(&[]);
        let put = |workspace, home, is_in| {
            let item = Some(Item { folder: world.folder, live: true });
            let membership = Some(Membership::Put(is_in));
            let look = Look { workspace, home: Some(home), item, membership, stays: true };
            world.index.look(&look).expect("the workspace is there")
        };
        assert!(put(world.ours, world.here, true).visible());
        let (owner, folder, target) = (world.ours, world.folder, world.theirs);
        let share = Change::Share { owner, folder, target };
        let shift = Change::MoveFolder { owner, folder, target };
        assert_eq!(put(world.theirs, world.there, true).changes, [share, shift]);
        assert_eq!(put(world.theirs, world.there, false).changes, []);
        assert_eq!(put(world.theirs, world.here, true).changes, []);
        let bind = Change::BindReadOnly(world.ours, world.there);
        assert_eq!(put(world.ours, world.there, true).changes, [bind]);
        assert_eq!(put(world.ours, world.there, false).changes, []);
    }
}
