//! What a change does to workspaces, to the people that they see and to those who work in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Difference;
use crate::domain::visibility::{Changes, Index, Turnout};
use crate::id::{AssetId, PartitionId, WorkspaceId};

/// How many living people there are, by partition.
pub type Counts = BTreeMap<PartitionId, i64>;

/// People who go from one partition to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Where they are.
    pub from: PartitionId,
    /// Where they will be; nothing: they are one with somebody who is there already, and count no more.
    pub to: Option<PartitionId>,
    /// How many.
    pub people: i64,
}

/// A computed segmentation whose owner sees other people than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segmentation {
    /// The segmentation.
    pub id: AssetId,
    /// The workspace that it will belong to; the one that it belonged to if that is deleted.
    pub workspace: WorkspaceId,
    /// How many people are concerned, if that may be told.
    pub people: Option<Evaluation>,
}

/// People whom a segmentation has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How many come into sight, and have to be evaluated.
    pub evaluated: i64,
    /// The results of how many are dropped: they are NOT_COMPUTED from then on.
    pub dropped: i64,
}

// === impl Difference ===

impl Difference {
    /// Adds what becomes of workspaces, and who works in them.
    pub fn follow_topology(&mut self, changes: &Changes, after: &Index) {
        for (workspace, before, after) in &changes.states {
            self.at(*workspace).state = Some((*before, *after));
        }
        let everywhere = match changes.wide == Turnout::default() {
            true => Vec::new(),
            false => after.living_workspaces(),
        };
        for workspace in everywhere {
            let wide = changes.wide - changes.apart.get(&workspace).copied().unwrap_or_default();
            let effect = self.at(workspace);
            effect.principals_gained += wide.gain;
            effect.principals_lost += wide.lose;
        }
        for one in &changes.rights {
            let Some(workspace) = one.workspace else { continue };
            let effect = self.at(workspace);
            effect.principals_gained += i64::from(!one.gained.is_empty());
            effect.principals_lost += i64::from(!one.lost.is_empty());
        }
    }

    /// Adds which people come into sight and go out of it, with their partitions or from one to another.
    pub fn follow_people(
        &mut self,
        changes: &Changes,
        index: &Index,
        transfers: &[Transfer],
        counts: &Counts,
    ) {
        for one in &changes.sights {
            let people = counts.get(&one.partition).copied().unwrap_or_default();
            match (one.before, one.after) {
                (None, Some(_)) => {
                    self.at(one.workspace).partitions_gained += 1;
                    self.at(one.workspace).people_gained += people;
                }
                (Some(_), None) => {
                    self.at(one.workspace).partitions_lost += 1;
                    self.at(one.workspace).people_lost += people;
                }
                _ => {}
            }
        }
        for one in transfers.iter().filter(|one| one.people > 0) {
            let seers = |partition| index.seers_of(partition).into_iter().collect::<BTreeSet<_>>();
            let (from, to) = (seers(one.from), one.to.map(seers).unwrap_or_default());
            for gained in to.difference(&from) {
                self.at(*gained).people_gained += one.people;
            }
            for lost in from.difference(&to) {
                self.at(*lost).people_lost += one.people;
            }
        }
    }
}

// === impl Segmentation ===

impl Segmentation {
    /// What becomes of a segmentation that is and will be of these workspaces.
    pub fn follow(
        id: AssetId,
        (owner, heir): (WorkspaceId, WorkspaceId),
        (before, after): (&Index, &Index),
        difference: &Difference,
        counts: &Counts,
    ) -> Self {
        let (evaluated, dropped) = if owner == heir {
            let effect = difference.effects.get(&owner).copied().unwrap_or_default();
            (effect.people_gained, effect.people_lost)
        } else {
            let old: BTreeSet<_> = before.partitions_seen_by(owner).into_iter().collect();
            let new: BTreeSet<_> = after.partitions_seen_by(heir).into_iter().collect();
            let people = |one: &PartitionId| counts.get(one).copied().unwrap_or_default();
            (new.difference(&old).map(people).sum(), old.difference(&new).map(people).sum())
        };
        Self { id, workspace: heir, people: Some(Evaluation { evaluated, dropped }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Effect;
    use crate::domain::visibility::Fact;
    use crate::domain::visibility::fact::{Binding, Workspace};

    fn workspace(id: WorkspaceId, partitions: &[PartitionId]) -> Fact {
        let binding = |partition: &PartitionId| Binding { partition: *partition, read_only: false };
        let bindings = partitions.iter().map(binding).collect();
        Fact::Workspace(id, Some(Workspace { bindings, ..Workspace::default() }))
    }

    /// M-07: people who move are gained where only the target is seen, and lost where only the source is.
    #[test]
    fn m_07_who_moves_is_gained_and_lost() {
        let [from, to] = [(); 2].map(|()| PartitionId::new());
        let [left, both, right] = [(); 3].map(|()| WorkspaceId::new());
        let index = Index::default().with([
            Fact::Partition(from, Some(())),
            Fact::Partition(to, Some(())),
            workspace(left, &[from]),
            workspace(both, &[from, to]),
            workspace(right, &[to]),
        ]);
        let mut difference = Difference::default();
        let transfer = |from, to, people| Transfer { from, to, people };
        let transfers =
            [transfer(from, Some(to), 3), transfer(from, None, 1), transfer(to, Some(to), 0)];
        difference.follow_people(&Changes::default(), &index, &transfers, &Counts::new());
        let lost = |people_lost| Effect { people_lost, ..Effect::default() };
        let gained = Effect { people_gained: 3, ..Effect::default() };
        let effects = [(left, lost(4)), (both, lost(1)), (right, gained)];
        assert_eq!(difference.effects, effects.into());
    }

    /// C-07: a segmentation under a new owner evaluates those whom only that one sees, and drops the others.
    #[test]
    fn c_07_a_new_owner_sees_others() {
        let [one, two] = [(); 2].map(|()| PartitionId::new());
        let [owner, heir] = [(); 2].map(|()| WorkspaceId::new());
        let index = Index::default().with([
            Fact::Partition(one, Some(())),
            Fact::Partition(two, Some(())),
            workspace(owner, &[one]),
            workspace(heir, &[two]),
        ]);
        let (id, counts) = (AssetId::new(), Counts::from([(one, 5), (two, 7)]));
        let ends = (&index, &index);
        let found = Segmentation::follow(id, (owner, heir), ends, &Difference::default(), &counts);
        let people = Some(Evaluation { evaluated: 7, dropped: 5 });
        assert_eq!(found, Segmentation { id, workspace: heir, people });
    }
}
