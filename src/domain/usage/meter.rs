//! Who came into the sight of which workspace, and who left it, worked out change by change (K-09).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sight;
use crate::id::{PartitionId, WorkspaceId};

/// How many people are where, and who sees them, as of the last change that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    people: BTreeMap<PartitionId, i64>,
    workspaces: BTreeMap<WorkspaceId, Sight>,
    /// The deleted ones, which see nothing until they are restored.
    deleted: BTreeMap<WorkspaceId, Sight>,
}

/// A change of who is where, or of who sees what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// People went from one partition to another; nothing: out of the world, or into it.
    Flow(Option<PartitionId>, Option<PartitionId>, i64),
    /// A workspace was made, which sees all partitions or none yet.
    Made(WorkspaceId, bool),
    /// A workspace was bound to a partition.
    Bound(WorkspaceId, PartitionId),
    /// It was unbound.
    Unbound(WorkspaceId, PartitionId),
    /// From now on it sees all partitions, or no longer.
    Switched(WorkspaceId),
    /// It was deleted.
    Deleted(WorkspaceId),
    /// It was restored, and sees what it saw before.
    Restored(WorkspaceId),
}

/// People gained and lost, by workspace.
pub type Swings = BTreeMap<WorkspaceId, (i64, i64)>;

// === impl Meter ===

impl Meter {
    /// As things stand now.
    pub fn new(
        people: BTreeMap<PartitionId, i64>,
        workspaces: BTreeMap<WorkspaceId, Sight>,
        deleted: BTreeMap<WorkspaceId, Sight>,
    ) -> Self {
        Self { people, workspaces, deleted }
    }

    /// How many people a workspace sees.
    pub fn seen(&self, workspace: WorkspaceId) -> i64 {
        let sight = self.workspaces.get(&workspace);
        sight.map_or(0, |sight| self.within(|partition| sight.sees(partition)))
    }

    /// Takes in the next event, and adds what it means for each workspace.
    pub fn take(&mut self, event: &Event, swings: &mut Swings) {
        match event {
            Event::Flow(from, to, people) => self.flow(*from, *to, *people, swings),
            Event::Made(id, all) => {
                let sight = Sight { all: *all, ..Sight::default() };
                self.change(*id, swings, |meter| drop(meter.workspaces.insert(*id, sight)));
            }
            Event::Bound(id, partition) => self.turn(*id, swings, |sight| {
                sight.bound.insert(*partition);
            }),
            Event::Unbound(id, partition) => self.turn(*id, swings, |sight| {
                sight.bound.remove(partition);
            }),
            Event::Switched(id) => self.turn(*id, swings, |sight| sight.all = !sight.all),
            Event::Deleted(id) => self.change(*id, swings, |meter| {
                meter.deleted.extend(meter.workspaces.remove_entry(id));
            }),
            Event::Restored(id) => self.change(*id, swings, |meter| {
                meter.workspaces.extend(meter.deleted.remove_entry(id));
            }),
        }
    }

    /// A move within the sight of a workspace is none for it.
    fn flow(
        &mut self,
        from: Option<PartitionId>,
        to: Option<PartitionId>,
        people: i64,
        swings: &mut Swings,
    ) {
        for (id, sight) in &self.workspaces {
            let sees = |end: Option<PartitionId>| end.is_some_and(|end| sight.sees(end));
            match (sees(from), sees(to)) {
                (false, true) => swings.entry(*id).or_default().0 += people,
                (true, false) => swings.entry(*id).or_default().1 += people,
                _ => {}
            }
        }
        for (end, change) in [(from, -people), (to, people)] {
            if let Some(end) = end {
                *self.people.entry(end).or_default() += change;
            }
        }
        self.people.retain(|_, people| *people != 0);
    }

    fn turn(&mut self, id: WorkspaceId, swings: &mut Swings, turn: impl FnOnce(&mut Sight)) {
        self.change(id, swings, |meter| {
            if let Some(sight) = meter.workspaces.get_mut(&id) {
                turn(sight);
            }
        });
    }

    /// A change of what one workspace sees: whom it saw before, or sees after, but not both.
    fn change(&mut self, id: WorkspaceId, swings: &mut Swings, change: impl FnOnce(&mut Self)) {
        let before = self.workspaces.get(&id).cloned().unwrap_or_default();
        change(self);
        let after = self.workspaces.get(&id).cloned().unwrap_or_default();
        let gained = self.within(|one| after.sees(one) && !before.sees(one));
        let lost = self.within(|one| before.sees(one) && !after.sees(one));
        if (gained, lost) != (0, 0) {
            let swing = swings.entry(id).or_default();
            *swing = (swing.0 + gained, swing.1 + lost);
        }
    }

    fn within(&self, those: impl Fn(PartitionId) -> bool) -> i64 {
        let those = self.people.iter().filter(|(partition, _)| those(**partition));
        those.map(|(_, people)| people).sum()
    }
}
