//! The order in which the assets of a package are made.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;
use crate::id::AssetId;

/// Puts each asset behind those that it uses, and behind the program that it is local to; of those that could come next,
/// the one with the smallest id. Those that lead back to themselves are what is refused.
pub fn order(items: Vec<Item>) -> Result<Vec<Item>, BTreeSet<AssetId>> {
    let mut waiting: BTreeMap<AssetId, Item> =
        items.into_iter().map(|item| (item.id, item)).collect();
    let mut open: BTreeMap<AssetId, BTreeSet<AssetId>> = BTreeMap::new();
    let mut users: BTreeMap<AssetId, Vec<AssetId>> = BTreeMap::new();
    for item in waiting.values() {
        let used = item.references.iter().map(|one| one.target).chain(item.program_id);
        let used: BTreeSet<AssetId> = used.filter(|id| waiting.contains_key(id)).collect();
        for one in &used {
            users.entry(*one).or_default().push(item.id);
        }
        open.insert(item.id, used);
    }
    let mut ready: BTreeSet<AssetId> =
        open.iter().filter(|(_, used)| used.is_empty()).map(|(id, _)| *id).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while let Some(id) = ready.pop_first() {
        ordered.extend(waiting.remove(&id));
        for user in users.remove(&id).unwrap_or_default() {
            let Some(left) = open.get_mut(&user) else { continue };
            left.remove(&id);
            if left.is_empty() {
                ready.insert(user);
            }
        }
    }
    if waiting.is_empty() { Ok(ordered) } else { Err(waiting.into_keys().collect()) }
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::{item, sample};
    use super::*;
    use crate::domain::asset::{Kind, Reference, Type};

    /// K-03: what is used comes first, whatever order it came in, and always in the same.
    #[test]
    fn k_03_what_is_used_comes_first() {
        let mut items = sample().assets;
        let ordered = order(items.clone()).unwrap();
        items.reverse();
        assert_eq!(order(items).unwrap(), ordered);
        let place = |id| ordered.iter().position(|one| one.id == id);
        for one in &ordered {
            let used = one.references.iter().map(|used| used.target).chain(one.program_id);
            assert!(used.into_iter().all(|id| place(id) < place(one.id)));
        }
    }

    /// F-05: a circle is refused, with all that is in it or behind it.
    #[test]
    fn f_05_a_circle_has_no_order() {
        let (mut one, mut two) = (item(Type::SmartList, "One"), item(Type::SmartList, "Two"));
        one.references = vec![Reference { kind: Kind::List, target: two.id }];
        two.references = vec![Reference { kind: Kind::List, target: one.id }];
        let ids = BTreeSet::from([one.id, two.id]);
        assert_eq!(order(vec![one, two, item(Type::Email, "Free")]), Err(ids));
    }
}
