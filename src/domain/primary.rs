//! Which partition is the primary one of a workspace (W-02), and how its bindings may change (W-03).

use crate::id::PartitionId;

/// Why a workspace cannot have its bindings so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It would have no partition at all.
    NoPartition,
    /// It is not said which one is the primary.
    PrimaryRequired,
    /// What is named as the primary is not bound.
    PrimaryNotBound,
    /// The primary would be read-only.
    PrimaryReadOnly,
    /// A new primary is named, and the old one stays.
    NothingToReplace,
}

/// The primary of a new workspace: the one named, the only one, or the tenant's Default partition if the
/// workspace sees all.
pub fn of_new(
    all_partitions: bool,
    bound: &[PartitionId],
    named: Option<PartitionId>,
    default: PartitionId,
) -> Result<PartitionId, Flaw> {
    match (named, bound) {
        (_, []) if !all_partitions => Err(Flaw::NoPartition),
        (Some(named), _) if all_partitions || bound.contains(&named) => Ok(named),
        (Some(_), _) => Err(Flaw::PrimaryNotBound),
        (None, _) if all_partitions => Ok(default),
        (None, [only]) => Ok(*only),
        (None, _) => Err(Flaw::PrimaryRequired),
    }
}

/// Whether a binding may be made or changed so; `is_primary` says what it is now.
pub fn bind(writable: bool, is_primary: bool, make_primary: bool) -> Result<(), Flaw> {
    match (writable, is_primary, make_primary) {
        (true, _, _) | (false, false, false) => Ok(()),
        (false, _, true) => Err(Flaw::PrimaryReadOnly),
        (false, true, false) => Err(Flaw::PrimaryRequired),
    }
}

/// Whether a partition may be taken from a workspace: something must stay, and a primary needs a
/// replacement in the same call.
pub fn unbind(stays: bool, is_primary: bool, replaced: bool) -> Result<(), Flaw> {
    match (stays, is_primary, replaced) {
        (false, _, _) => Err(Flaw::NoPartition),
        (true, true, false) => Err(Flaw::PrimaryRequired),
        (true, false, true) => Err(Flaw::NothingToReplace),
        (true, true, true) | (true, false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_02_one_binding_is_the_primary() {
        let [a, b, default] = std::array::from_fn(|_| PartitionId::new());
        assert_eq!(of_new(false, &[], None, default), Err(Flaw::NoPartition));
        assert_eq!(of_new(false, &[], Some(a), default), Err(Flaw::NoPartition));
        assert_eq!(of_new(false, &[a], None, default), Ok(a));
        assert_eq!(of_new(false, &[a, b], None, default), Err(Flaw::PrimaryRequired));
        assert_eq!(of_new(false, &[a, b], Some(b), default), Ok(b));
        assert_eq!(of_new(false, &[a], Some(b), default), Err(Flaw::PrimaryNotBound));
        assert_eq!(of_new(true, &[], None, default), Ok(default));
        assert_eq!(of_new(true, &[a], None, default), Ok(default));
        assert_eq!(of_new(true, &[], Some(b), default), Ok(b));
    }

    #[test]
    fn w_02_the_primary_is_writable() {
        assert_eq!(bind(true, false, true), Ok(()));
        assert_eq!(bind(false, false, false), Ok(()));
        assert_eq!(bind(false, false, true), Err(Flaw::PrimaryReadOnly));
        assert_eq!(bind(false, true, true), Err(Flaw::PrimaryReadOnly));
        assert_eq!(bind(false, true, false), Err(Flaw::PrimaryRequired));
    }

    #[test]
    fn w_03_unbinding_the_primary_needs_a_replacement() {
        assert_eq!(unbind(true, false, false), Ok(()));
        assert_eq!(unbind(true, true, true), Ok(()));
        assert_eq!(unbind(true, true, false), Err(Flaw::PrimaryRequired));
        assert_eq!(unbind(true, false, true), Err(Flaw::NothingToReplace));
        assert_eq!(unbind(false, true, false), Err(Flaw::NoPartition));
    }
}
