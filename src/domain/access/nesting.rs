//! Groups within groups: which may be put into which, without a circle and not too deep.

use std::collections::{HashMap, HashSet};

use crate::id::GroupId;

/// The groups of a tenant that are in groups.
#[derive(Clone, Debug, Default)]
pub struct Nesting {
    below: Edges,
    above: Edges,
}

/// The groups next to each group, on one side.
type Edges = HashMap<GroupId, Vec<GroupId>>;

/// Why a group may not be put into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It would be in itself.
    Cycle,
    /// Too many groups would stand one in the other.
    TooDeep,
}

// === impl Nesting ===

impl Nesting {
    /// Of pairs of a group and a group that is its direct member.
    pub fn new(pairs: impl IntoIterator<Item = (GroupId, GroupId)>) -> Self {
        let mut nesting = Self::default();
        for (group, member) in pairs {
            nesting.join(group, member);
        }
        nesting
    }

    /// Puts a group into another, unless that closes a circle or makes a chain of more than `limit` groups.
    pub fn put(&mut self, group: GroupId, member: GroupId, limit: usize) -> Result<(), Misfit> {
        if reaches(&self.below, member, group) {
            return Err(Misfit::Cycle);
        }
        if length(&self.above, group, limit) + length(&self.below, member, limit) > limit {
            return Err(Misfit::TooDeep);
        }
        self.join(group, member);
        Ok(())
    }

    fn join(&mut self, group: GroupId, member: GroupId) {
        self.below.entry(group).or_default().push(member);
        self.above.entry(member).or_default().push(group);
    }
}

fn next(edges: &Edges, from: GroupId) -> impl Iterator<Item = GroupId> {
    edges.get(&from).into_iter().flatten().copied()
}

/// Whether a way leads from a group to another; each is reached from itself.
fn reaches(edges: &Edges, from: GroupId, to: GroupId) -> bool {
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(one) = open.pop() {
        if one == to {
            return true;
        }
        open.extend(next(edges, one).filter(|group| seen.insert(*group)));
    }
    false
}

/// How many groups the longest chain from a group has, itself included; no more than one over the limit, so
/// that it ends whatever the edges are.
fn length(edges: &Edges, from: GroupId, limit: usize) -> usize {
    let mut length = 0;
    let mut level = HashSet::from([from]);
    while !level.is_empty() && length <= limit {
        length += 1;
        level = level.into_iter().flat_map(|one| next(edges, one)).collect();
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(n: u8) -> GroupId {
        GroupId(uuid::Uuid::from_u128(n.into()))
    }

    #[test]
    fn a_01_a_chain_has_at_most_so_many_groups() {
        let mut nesting = Nesting::default();
        for n in 1..8 {
            assert_eq!(nesting.put(group(n), group(n + 1), 8), Ok(()), "{n}");
        }
        assert_eq!(nesting.put(group(8), group(9), 8), Err(Misfit::TooDeep));
        assert_eq!(nesting.put(group(9), group(1), 8), Err(Misfit::TooDeep));
        assert_eq!(nesting.put(group(9), group(2), 8), Ok(()));
        assert_eq!(nesting.put(group(8), group(1), 8), Err(Misfit::Cycle));
        assert_eq!(nesting.put(group(5), group(5), 8), Err(Misfit::Cycle));
    }

    #[test]
    fn a_01_edges_that_run_in_a_circle_end_all_the_same() {
        let mut nesting = Nesting::new([(group(1), group(2)), (group(2), group(1))]);
        assert_eq!(nesting.put(group(2), group(3), 8), Err(Misfit::TooDeep));
    }

    /// All ways through the edges, each a list of groups, longest ones included; nothing if one runs in a circle.
    fn chains(edges: &[(u8, u8)]) -> Option<Vec<Vec<u8>>> {
        let mut all: Vec<Vec<u8>> = edges.iter().map(|(group, _)| vec![*group]).collect();
        let mut at = 0;
        while at < all.len() {
            let chain = all[at].clone();
            let last = chain[chain.len() - 1];
            for (_, member) in edges.iter().filter(|(group, _)| *group == last) {
                if chain.contains(member) {
                    return None;
                }
                all.push([chain.clone(), vec![*member]].concat());
            }
            at += 1;
        }
        Some(all)
    }

    proptest! {
        /// A-01, against every chain written out: an edge is taken exactly if no circle and no chain that is
        /// too long come of it, whatever came before.
        #[test]
        fn a_01_nesting_is_that_of_all_chains(
            edges in prop::collection::vec((0_u8..7, 0_u8..7), 0..14),
            limit in 1_usize..6,
        ) {
            let mut nesting = Nesting::default();
            let mut taken: Vec<(u8, u8)> = Vec::new();
            for edge in edges {
                if taken.contains(&edge) {
                    continue;
                }
                let next = [taken.clone(), vec![edge]].concat();
                let wanted = match chains(&next) {
                    None => Err(Misfit::Cycle),
                    Some(all) if all.iter().any(|one| one.len() > limit) => Err(Misfit::TooDeep),
                    Some(_) => Ok(()),
                };
                prop_assert_eq!(nesting.put(group(edge.0), group(edge.1), limit), wanted);
                if wanted.is_ok() {
                    taken = next;
                }
            }
            let pairs = taken.iter().map(|(one, other)| (group(*one), group(*other)));
            prop_assert_eq!(Nesting::new(pairs).below, nesting.below);
        }
    }
}
