//! Floating-point numbers under SQLite, which reads them from JSON now and then one step off. Far from a number its reading
//! tells; near it, the written form does, which is the shortest of each number and so its own.

use serde_json::json;

use crate::domain::filter::Comparison;

/// How many steps from a number SQLite's reading tells.
const NEAR: usize = 4;
/// How many steps from it what reads as near may be.
const READ: usize = 8;

/// How a stored number is compared with another.
#[derive(Debug, PartialEq)]
pub(super) struct Near {
    /// Below this, or above it, what is read passes.
    pub(super) beyond: f64,
    /// Up to this, on the other side, its written form decides.
    pub(super) until: f64,
    /// The forms that pass.
    pub(super) forms: Vec<String>,
}

impl Near {
    /// For one of the comparisons that have a side.
    pub(super) fn new(how: Comparison, number: f64) -> Self {
        let (down, up) = (steps(number, f64::next_down), steps(number, f64::next_up));
        let (beyond, until) = match how {
            Comparison::Less | Comparison::AtMost => (down[NEAR - 1], up[NEAR - 1]),
            _ => (up[NEAR - 1], down[NEAR - 1]),
        };
        let same = matches!(how, Comparison::Equal | Comparison::AtMost | Comparison::AtLeast);
        let side = match how {
            Comparison::Less | Comparison::AtMost => down,
            Comparison::Greater | Comparison::AtLeast => up,
            Comparison::Equal => Vec::new(),
        };
        let passing = side.into_iter().chain(same.then_some(number));
        Self { beyond, until, forms: passing.flat_map(forms).collect() }
    }
}

/// The next numbers on one side; of the last, infinity.
fn steps(number: f64, step: fn(f64) -> f64) -> Vec<f64> {
    std::iter::successors(Some(step(number)), |one| Some(step(*one))).take(READ).collect()
}

/// How a number is written; nothing is both, and infinity is not.
fn forms(number: f64) -> Vec<String> {
    match number {
        0.0 => vec![json!(0.0).to_string(), json!(-0.0).to_string()],
        _ if number.is_finite() => vec![json!(number).to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L-03: equality is that of the written form, and at the ends nothing lies beyond.
    #[test]
    fn l_03_numbers_have_neighbours() {
        assert_eq!(Near::new(Comparison::Equal, -0.0).forms, ["0.0", "-0.0"]);
        assert_eq!(Near::new(Comparison::Equal, 0.1).forms, ["0.1"]);
        let above = Near::new(Comparison::Greater, f64::MAX);
        assert_eq!((above.beyond, above.forms.len()), (f64::INFINITY, 0));
        let below = Near::new(Comparison::AtMost, 0.3);
        assert!(below.beyond < 0.3 && 0.3 < below.until && below.forms.len() == READ + 1);
    }
}
