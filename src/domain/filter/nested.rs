//! Smart lists that refer to each other, bound: each after those that it refers to.

use std::collections::HashMap;
use std::sync::Arc;

use time::Date;

use super::{Binding, Filter, Problem, SmartLists};
use crate::domain::attribute::Type;
use crate::id::AssetId;

/// Binds smart lists with all that they refer to, or says what is wrong with the first that cannot be bound. One that
/// is missing, or that leads back to itself, is not there for those that refer to it.
pub fn bind_lists(
    mut waiting: HashMap<AssetId, Filter>,
    field: &dyn Fn(&str) -> Option<(i64, Type)>,
    today: Date,
) -> Result<SmartLists, (AssetId, Vec<Problem>)> {
    let mut bound = SmartLists::new();
    while !waiting.is_empty() {
        let ready = |list: &Filter| list.smart_lists().all(|id| !waiting.contains_key(&id));
        let mut next: Vec<AssetId> =
            waiting.iter().filter(|(_, list)| ready(list)).map(|(id, _)| *id).collect();
        if next.is_empty() {
            next.extend(waiting.keys());
        }
        for id in next {
            let Some(list) = waiting.remove(&id) else { continue };
            let predicate = list
                .bind(Binding { field, smart_lists: &bound, today })
                .map_err(|problems| (id, problems))?;
            bound.insert(id, Arc::new(predicate));
        }
    }
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> AssetId {
        AssetId(Uuid::from_u128(n))
    }

    fn bind(lists: &[(u128, &str)]) -> Result<SmartLists, (AssetId, Vec<Problem>)> {
        let lists = lists.iter().map(|(n, text)| (id(*n), Filter::parse(text).expect(text)));
        bind_lists(lists.collect(), &|_| None, Date::MIN)
    }

    fn refers(n: u128) -> String {
        format!("in_smart_list(\"{}\")", id(n))
    }

    #[test]
    fn l_02_lists_are_bound_after_those_that_they_refer_to() {
        let (one, two) = (refers(1), format!("{} or {}", refers(1), refers(2)));
        let bound = bind(&[(3, &two), (1, "email is empty"), (2, &one)]).expect("all are there");
        assert_eq!(bound.len(), 3);
        assert!(bound[&id(3)].nodes() > bound[&id(2)].nodes());
    }

    #[test]
    fn l_07_what_is_missing_or_in_a_circle_is_refused() {
        assert_eq!(bind(&[(1, &refers(2))]).map(|_| ()).expect_err("missing").0, id(1));
        assert!(bind(&[(1, &refers(2)), (2, &refers(1))]).is_err());
        assert_eq!(bind(&[(1, "hat = 1")]).map(|_| ()).expect_err("no field").0, id(1));
    }
}
