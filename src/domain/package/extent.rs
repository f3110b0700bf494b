//! How much there is in the content of an asset: a small file can hold very many values, or very deep ones.

use serde_json::Value as Json;

/// Most values in the contents of a package.
pub const VALUES_MAX: usize = 1_000_000;
/// How deep content may nest, in messages of the wire: what is deeper no call could write, and no client could read.
pub(super) const NESTING_MAX: usize = 99;

/// What an object is on the wire: itself, an entry, and the value in that.
const OBJECT: usize = 3;
/// What an array is: itself, and the value in it.
const ARRAY: usize = 2;

/// How much there is in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The value and all within.
    pub(super) values: usize,
    /// How deep it nests, in messages of the wire.
    pub(super) nesting: usize,
    /// It has U+0000 somewhere.
    pub(super) nul: bool,
}

/// How many values there are in content, itself one of them.
pub fn values(content: &Json) -> usize {
    Extent::of(content).values
}

// === impl Extent ===

impl Extent {
    const ONE: Self = Self { values: 1, nesting: 0, nul: false };

    /// How much there is in a value.
    pub(super) fn of(json: &Json) -> Self {
        match json {
            Json::String(text) => Self { nul: text.contains('\0'), ..Self::ONE },
            Json::Array(items) => Self::around(ARRAY, items.iter()),
            Json::Object(members) => {
                let all = Self::around(OBJECT, members.values());
                Self { nul: all.nul || members.keys().any(|key| key.contains('\0')), ..all }
            }
            _ => Self::ONE,
        }
    }

    /// What is around others, and so many messages itself.
    fn around<'a>(messages: usize, within: impl Iterator<Item = &'a Json>) -> Self {
        let all = within.map(Self::of).fold(Self::ONE, |all, one| Self {
            values: all.values + one.values,
            nesting: all.nesting.max(one.nesting),
            nul: all.nul || one.nul,
        });
        Self { nesting: all.nesting + messages, ..all }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// K-03: all values count, and objects are deeper than arrays.
    #[test]
    fn k_03_values_and_nesting_are_counted() {
        assert_eq!(Extent::of(&json!({})), Extent { values: 1, nesting: 3, nul: false });
        let mixed = Extent::of(&json!({ "a": [1, [null, {}]], "b": "c", "d": {} }));
        assert_eq!(mixed, Extent { values: 8, nesting: 10, nul: false });
        for nul in [json!({ "a": ["\0"] }), json!([{ "\0": 1 }])] {
            assert!(Extent::of(&nul).nul);
        }
    }

    /// K-03: what is taken is what a call can write: 33 objects in each other, or 48 arrays in one.
    #[test]
    fn k_03_content_nests_as_deep_as_on_the_wire() {
        let deep = |levels, wrap: fn(Json) -> Json| (0..levels).fold(json!(1), |one, _| wrap(one));
        let objects = |levels| Extent::of(&deep(levels, |one| json!({ "a": one }))).nesting;
        assert!(objects(33) <= NESTING_MAX && objects(34) > NESTING_MAX);
        let arrays = |levels| {
            let within = deep(levels, |one| json!([one]));
            Extent::of(&json!({ "a": within })).nesting
        };
        assert!(arrays(48) <= NESTING_MAX && arrays(49) > NESTING_MAX);
    }
}
