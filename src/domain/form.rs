//! Whom a form is about, once it is known who has its email already. A form is never refused for that, and
//! its sender never told.

use super::upsert::{Candidate, Reach};
use crate::id::PartitionId;

/// How a form meets people.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// An email is one person's in the whole tenant (D-02).
    pub tenant_wide: bool,
    /// Who is known out of the workspace's sight comes to where a new person would go.
    pub moves: bool,
    /// The primary partition of the form's workspace.
    pub primary: PartitionId,
    /// Where a new person would go.
    pub target: PartitionId,
}

/// What a form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It makes a person.
    New,
    /// It changes this one.
    Change(Candidate),
    /// It changes nothing of this one but a subscription (D-09).
    Withhold(Candidate),
    /// It brings this one to the target, where that can be.
    Move(Candidate),
}

/// Decides about a form. `candidates` are the living people with its email: at most one if emails are tenant-wide, else
/// those in the partitions that the workspace sees, and in the target.
pub fn meet(rules: &Rules, candidates: &[Candidate]) -> Meeting {
    if rules.tenant_wide {
        return candidates.first().map_or(Meeting::New, |one| rules.only(*one));
    }
    let within = |partition| candidates.iter().find(|one: &&Candidate| one.partition == partition);
    let seen = || candidates.iter().filter(|one| one.reach != Reach::Hidden);
    let known =
        seen().find(|one| one.partition == rules.primary).or_else(|| match seen().count() {
            1 => seen().next(),
            // Where several are seen, or none, the place where a new person would go decides: nobody else fits there.
            _ => within(rules.target),
        });
    known.map_or(Meeting::New, |one| reached(*one))
}

fn reached(one: Candidate) -> Meeting {
    match one.reach {
        Reach::Write => Meeting::Change(one),
        Reach::Read | Reach::Hidden => Meeting::Withhold(one),
    }
}

// === impl Rules ===

impl Rules {
    fn only(&self, one: Candidate) -> Meeting {
        let comes = self.moves && one.reach == Reach::Hidden && one.partition != self.target;
        if comes { Meeting::Move(one) } else { reached(one) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PersonId;

    fn rules(tenant_wide: bool, moves: bool) -> Rules {
        let primary = PartitionId::new();
        Rules { tenant_wide, moves, primary, target: primary }
    }

    fn person(partition: PartitionId, reach: Reach) -> Candidate {
        Candidate { id: PersonId::new(), partition, reach }
    }

    #[test]
    fn r_06_under_reject_who_is_out_of_sight_is_withheld_or_moved() {
        let hidden = person(PartitionId::new(), Reach::Hidden);
        assert_eq!(meet(&rules(true, false), &[hidden]), Meeting::Withhold(hidden));
        assert_eq!(meet(&rules(true, true), &[hidden]), Meeting::Move(hidden));
        let there = Rules { target: hidden.partition, ..rules(true, true) };
        assert_eq!(meet(&there, &[hidden]), Meeting::Withhold(hidden), "it is there already");
        let seen = person(PartitionId::new(), Reach::Write);
        assert_eq!(meet(&rules(true, true), &[seen]), Meeting::Change(seen), "M-02: nobody moves");
        assert_eq!(meet(&rules(true, true), &[]), Meeting::New);
    }

    #[test]
    fn r_07_where_people_may_only_be_read_their_fields_are_withheld() {
        let read = person(PartitionId::new(), Reach::Read);
        for tenant_wide in [true, false] {
            assert_eq!(meet(&rules(tenant_wide, true), &[read]), Meeting::Withhold(read));
        }
    }

    #[test]
    fn d_11_under_allow_the_primary_then_the_only_one_then_the_target_then_a_new_one() {
        let at_home = rules(false, false);
        let (home, other) =
            (person(at_home.primary, Reach::Write), person(PartitionId::new(), Reach::Write));
        let third = person(PartitionId::new(), Reach::Write);
        assert_eq!(meet(&at_home, &[other, home]), Meeting::Change(home));
        assert_eq!(meet(&at_home, &[other]), Meeting::Change(other));
        assert_eq!(meet(&at_home, &[other, third]), Meeting::New);
        let routed = Rules { target: third.partition, ..at_home };
        assert_eq!(meet(&routed, &[other, third]), Meeting::Change(third));
        let hidden = person(PartitionId::new(), Reach::Hidden);
        assert_eq!(meet(&at_home, &[hidden]), Meeting::New);
        let routed = Rules { target: hidden.partition, ..at_home };
        assert_eq!(meet(&routed, &[hidden]), Meeting::Withhold(hidden));
    }
}
