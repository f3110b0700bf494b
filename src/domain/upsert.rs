//! What happens to one row of a set of people, once it is known who has its keys already.

use crate::id::{PartitionId, PersonId};

/// What a write may do with people, and where.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Unknown people are made.
    pub create: bool,
    /// Known people are changed.
    pub update: bool,
    /// The lookup key belongs to one person of the whole tenant: an id, or under REJECT an email (D-02). An
    /// external id belongs to one of each partition, whatever the policy.
    pub tenant_wide: bool,
    /// The partition that the caller named.
    pub named: Option<PartitionId>,
    /// The primary partition of the workspace.
    pub primary: PartitionId,
}

/// Somebody who has the key that a row is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub id: PersonId,
    /// Where.
    pub partition: PartitionId,
    /// How far the workspace reaches there; nothing if it does not see it.
    pub reach: Reach,
}

/// How far a workspace reaches into a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It does not see it.
    Hidden,
    /// It sees it.
    Read,
    /// It may change it.
    Write,
}

/// What to do with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Make a person.
    Create,
    /// Change this one.
    Update(Candidate),
    /// Refuse it.
    Refuse(Refused),
}

/// Why a row is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody has the key, and nobody may be made.
    NotFound,
    /// Somebody of the partition has it, and known people may not be changed.
    DuplicateHere(PersonId),
    /// Somebody of another partition has it; named if the workspace sees that one (D-03).
    DuplicateElsewhere(Option<Candidate>),
    /// The person is in another partition than the named one, and only a move changes that (M-02).
    WouldMove(Candidate),
    /// Several have it, and nothing says which (D-11).
    Ambiguous(Vec<PersonId>),
    /// The workspace may only read there.
    ReadOnly(PartitionId),
}

/// Decides about a row. `candidates` are the living people who have its lookup key.
pub fn decide(rules: &Rules, candidates: &[Candidate]) -> Decision {
    match candidates.first() {
        None => unknown(rules),
        Some(one) if rules.tenant_wide => the_only_one(rules, *one),
        Some(_) => one_of_many(rules, candidates),
    }
}

fn the_only_one(rules: &Rules, one: Candidate) -> Decision {
    if one.reach == Reach::Hidden {
        return Decision::Refuse(Refused::DuplicateElsewhere(None));
    }
    let target = rules.named.unwrap_or(rules.primary);
    match rules.named {
        Some(named) if named != one.partition && rules.update => {
            Decision::Refuse(Refused::WouldMove(one))
        }
        _ if !rules.update && one.partition != target => {
            Decision::Refuse(Refused::DuplicateElsewhere(Some(one)))
        }
        _ => known(rules, one),
    }
}

fn one_of_many(rules: &Rules, candidates: &[Candidate]) -> Decision {
    let seen: Vec<Candidate> =
        candidates.iter().filter(|one| one.reach != Reach::Hidden).copied().collect();
    let within = |partition| seen.iter().find(|one: &&Candidate| one.partition == partition);
    if let Some(named) = rules.named {
        return within(named).map_or_else(|| unknown(rules), |one| known(rules, *one));
    }
    if !rules.update {
        // A new person goes to the primary: a twin elsewhere is no duplicate there.
        return within(rules.primary).map_or_else(|| unknown(rules), |one| known(rules, *one));
    }
    match (within(rules.primary), seen.as_slice()) {
        (Some(one), _) | (None, [one]) => known(rules, *one),
        (None, []) => unknown(rules),
        (None, many) => {
            Decision::Refuse(Refused::Ambiguous(many.iter().map(|one| one.id).collect()))
        }
    }
}

fn known(rules: &Rules, one: Candidate) -> Decision {
    match (rules.update, one.reach) {
        (false, _) => Decision::Refuse(Refused::DuplicateHere(one.id)),
        (true, Reach::Write) => Decision::Update(one),
        (true, _) => Decision::Refuse(Refused::ReadOnly(one.partition)),
    }
}

fn unknown(rules: &Rules) -> Decision {
    if rules.create { Decision::Create } else { Decision::Refuse(Refused::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(reject: bool, named: bool) -> (Rules, PartitionId, PartitionId) {
        let (here, there) = (PartitionId::new(), PartitionId::new());
        let named = named.then_some(here);
        let rules = Rules { create: true, update: true, tenant_wide: reject, named, primary: here };
        (rules, here, there)
    }

    fn person(partition: PartitionId, reach: Reach) -> Candidate {
        Candidate { id: PersonId::new(), partition, reach }
    }

    #[test]
    fn d_02_reject_refuses_the_email_of_another_partition() {
        let (mut rules, _, there) = world(true, false);
        rules.update = false;
        let other = person(there, Reach::Write);
        assert_eq!(
            decide(&rules, &[other]),
            Decision::Refuse(Refused::DuplicateElsewhere(Some(other)))
        );
    }

    #[test]
    fn d_03_who_is_out_of_sight_is_not_named() {
        let (rules, _, there) = world(true, false);
        let hidden = person(there, Reach::Hidden);
        assert_eq!(decide(&rules, &[hidden]), Decision::Refuse(Refused::DuplicateElsewhere(None)));
    }

    #[test]
    fn m_02_an_upsert_does_not_move_under_reject_and_creates_under_allow() {
        let (rules, _, there) = world(true, true);
        let other = person(there, Reach::Write);
        assert_eq!(decide(&rules, &[other]), Decision::Refuse(Refused::WouldMove(other)));
        let (rules, _, there) = world(false, true);
        assert_eq!(decide(&rules, &[person(there, Reach::Write)]), Decision::Create);
    }

    #[test]
    fn d_11_named_then_primary_then_the_only_one_then_ambiguous() {
        let (rules, here, there) = world(false, false);
        let (mine, other) = (person(here, Reach::Write), person(there, Reach::Write));
        let third = person(PartitionId::new(), Reach::Write);
        assert_eq!(decide(&rules, &[other, mine]), Decision::Update(mine));
        assert_eq!(decide(&rules, &[other]), Decision::Update(other));
        assert!(matches!(decide(&rules, &[other, third]), Decision::Refuse(Refused::Ambiguous(_))));
        let hidden = person(there, Reach::Hidden);
        assert_eq!(decide(&rules, &[hidden]), Decision::Create);
    }

    #[test]
    fn r_03_a_read_only_partition_is_not_written() {
        let (rules, here, _) = world(true, false);
        assert_eq!(
            decide(&rules, &[person(here, Reach::Read)]),
            Decision::Refuse(Refused::ReadOnly(here))
        );
    }
}
