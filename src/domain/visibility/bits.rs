//! A set of small numbers.

/// A set of dense numbers, one bit each.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<u64>);

// === impl Bits ===

impl Bits {
    /// Whether a number is in the set.
    pub fn has(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Puts a number into the set, or takes it out.
    pub fn set(&mut self, number: u32, is_in: bool) {
        let (word, bit) = place(number);
        if word >= self.0.len() {
            if !is_in {
                return;
            }
            self.0.resize(word + 1, 0);
        }
        if is_in {
            self.0[word] |= bit;
        } else {
            self.0[word] &= !bit;
        }
    }

    /// Adds all numbers of another set.
    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// Keeps only the numbers that are in another set too.
    pub fn keep(&mut self, other: &Self) {
        for (word, mine) in self.0.iter_mut().enumerate() {
            *mine &= other.0.get(word).copied().unwrap_or_default();
        }
    }

    /// Whether no number is in both sets.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine & theirs == 0)
    }

    /// The numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                // A set of four thousand million numbers would not fit into memory.
                Some(u32::try_from(word).unwrap_or(u32::MAX) * 64 + bit)
            })
        })
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }
}

fn place(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn bits(numbers: &BTreeSet<u32>) -> Bits {
        let mut bits = Bits::default();
        numbers.iter().for_each(|number| bits.set(*number, true));
        bits
    }

    proptest! {
        #[test]
        fn v_01_bits_are_sets(a: BTreeSet<u8>, b: BTreeSet<u8>) {
            let wide = |set: BTreeSet<u8>| set.into_iter().map(|n| u32::from(n) * 3).collect();
            let (a, b): (BTreeSet<u32>, BTreeSet<u32>) = (wide(a), wide(b));
            let (mut both, mut all, mut less) = (bits(&a), bits(&a), bits(&a));
            both.keep(&bits(&b));
            all.add(&bits(&b));
            b.iter().for_each(|number| less.set(*number, false));
            prop_assert_eq!(both.iter().collect::<BTreeSet<_>>(), &a & &b);
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>(), &a | &b);
            prop_assert_eq!(less.iter().collect::<BTreeSet<_>>(), &a - &b);
            prop_assert_eq!(bits(&a).is_disjoint(&bits(&b)), a.is_disjoint(&b));
            prop_assert!((0..800).all(|number| bits(&a).has(number) == a.contains(&number)));
        }
    }
}
