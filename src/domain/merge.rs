//! What is left of two people who are one (D-08).

use serde_json::{Map, Value as Json};

/// The values of a person, as far as a merge joins them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// The email and its key.
    pub email: Option<(String, String)>,
    /// The id in the client's own system.
    pub external_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Must be left out of every audience.
    pub unsubscribed: bool,
    /// Values by the ordinal of their field, without nulls.
    pub attributes: Map<String, Json>,
}

// === impl Values ===

impl Values {
    /// Fills what is empty here by what the other has, and takes over that the other unsubscribed.
    pub fn fill(&mut self, other: Self) {
        let Self { email, external_id, first_name, last_name, unsubscribed, attributes } = other;
        self.email = self.email.take().or(email);
        self.external_id = self.external_id.take().or(external_id);
        self.first_name = self.first_name.take().or(first_name);
        self.last_name = self.last_name.take().or(last_name);
        self.unsubscribed |= unsubscribed;
        for (field, value) in attributes {
            self.attributes.entry(field).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[a-c]{1,2}")
    }

    prop_compose! {
        fn values()(
            email in text(), external_id in text(), first_name in text(), last_name in text(),
            unsubscribed: bool, attributes in proptest::collection::btree_map("[1-4]", 0..3_i64, 0..4),
        ) -> Values {
            let email = email.map(|email| (email.to_uppercase(), email));
            let attributes = attributes.into_iter().map(|(key, value)| (key, json!(value))).collect();
            Values { email, external_id, first_name, last_name, unsubscribed, attributes }
        }
    }

    fn filled(mut winner: Values, losers: impl IntoIterator<Item = Values>) -> Values {
        losers.into_iter().for_each(|loser| winner.fill(loser));
        winner
    }

    proptest! {
        /// D-08: what the winner has stays, what it lacks comes from the loser, and unsubscribed wins.
        #[test]
        fn d_08_only_what_is_empty_is_filled(winner in values(), loser in values()) {
            let merged = filled(winner.clone(), [loser.clone()]);
            prop_assert_eq!(&merged.email, &winner.email.or(loser.email));
            prop_assert_eq!(&merged.external_id, &winner.external_id.or(loser.external_id));
            prop_assert_eq!(&merged.first_name, &winner.first_name.or(loser.first_name));
            prop_assert_eq!(&merged.last_name, &winner.last_name.or(loser.last_name));
            prop_assert_eq!(merged.unsubscribed, winner.unsubscribed || loser.unsubscribed);
            for key in ["1", "2", "3", "4"] {
                let wanted = winner.attributes.get(key).or(loser.attributes.get(key));
                prop_assert_eq!(merged.attributes.get(key), wanted);
            }
        }

        /// D-08: merging in two steps or at once is the same, and doing it again changes nothing.
        #[test]
        fn d_08_merges_add_up(a in values(), b in values(), c in values()) {
            let at_once = filled(a.clone(), [b.clone(), c.clone()]);
            let chained = filled(a, [filled(b.clone(), [c.clone()])]);
            prop_assert_eq!(&at_once, &chained);
            prop_assert_eq!(filled(at_once.clone(), [b, c]), at_once);
        }
    }
}
