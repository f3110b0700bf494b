//! How results are kept: a person's row says in which segment the person is from one generation on, up to another.
//! A new generation is computed beside the one that is read, and only where the two differ are there two rows; then
//! the number of the generation that is read moves on, and all results with it (G-03).

use crate::id::{PartitionId, SegmentId};

/// A row that no later generation has ended.
pub const OPEN: i64 = i64::MAX;

/// Where a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The person's partition.
    pub partition: PartitionId,
    /// The segment.
    pub segment: SegmentId,
}

/// A row: where a person is from a generation on, up to another and without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The first generation that it is of.
    pub from: i64,
    /// The first that it is no longer of.
    pub to: i64,
    /// Where the person is.
    pub place: Place,
}

/// Where a person belongs in a generation; nothing: in no segment, not even Default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The generation.
    pub generation: i64,
    /// Where.
    pub place: Option<Place>,
}

/// What makes a person's rows say what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The rows to take away, by their first generation.
    pub delete: Vec<i64>,
    /// The rows to put in.
    pub insert: Vec<Row>,
    /// Where the person was, as far as anybody was told.
    pub told: Option<Place>,
}

/// Where a person is in a generation.
pub fn at(rows: &[Row], generation: i64) -> Option<Place> {
    rows.iter().find(|row| row.from <= generation && generation < row.to).map(|row| row.place)
}

/// What to write so that a person's rows say what is wanted of each of these generations, the one that is read before
/// the next, and of all that come; nothing if they say it already. What is past goes along, and was the last that
/// anybody was told; what was computed and given up goes too.
pub fn edit(rows: &[Row], wanted: &[Wanted]) -> Option<Edit> {
    let last = wanted.last()?;
    let beyond = rows.iter().filter(|row| row.from > last.generation).map(|row| row.place);
    if wanted.iter().all(|one| at(rows, one.generation) == one.place)
        && beyond.map(Some).all(|place| place == last.place)
    {
        return None;
    }
    let first = wanted.first().map_or(OPEN, |one| one.generation);
    let told = at(rows, rows.iter().map(|row| row.from).min().unwrap_or(first).min(first));
    let mut insert: Vec<Row> = Vec::new();
    for (at, one) in wanted.iter().enumerate() {
        let to = wanted.get(at + 1).map_or(OPEN, |next| next.generation);
        match (one.place, insert.last_mut()) {
            (Some(place), Some(last)) if last.to == one.generation && last.place == place => {
                last.to = to;
            }
            (Some(place), _) => insert.push(Row { from: one.generation, to, place }),
            (None, _) => {}
        }
    }
    Some(Edit { delete: rows.iter().map(|row| row.from).collect(), insert, told })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn place(n: u8) -> Place {
        let id = Uuid::from_u128(n.into());
        Place { partition: PartitionId(id), segment: SegmentId(id) }
    }

    fn row(from: i64, to: i64, n: u8) -> Row {
        Row { from, to, place: place(n) }
    }

    fn wanted(generation: i64, n: u8) -> Wanted {
        Wanted { generation, place: (n > 0).then(|| place(n)) }
    }

    #[test]
    fn g_03_what_two_generations_agree_on_is_one_row() {
        assert_eq!(edit(&[row(1, OPEN, 1)], &[wanted(3, 1), wanted(4, 1)]), None);
        let edit = edit(&[row(1, OPEN, 1)], &[wanted(3, 2), wanted(4, 2)]).unwrap();
        assert_eq!(edit.insert, [row(3, OPEN, 2)]);
        assert_eq!((edit.delete, edit.told), (vec![1], Some(place(1))));
    }

    #[test]
    fn g_03_a_next_generation_does_not_touch_what_is_read() {
        let edit = edit(&[row(1, OPEN, 1)], &[wanted(1, 1), wanted(2, 2)]).unwrap();
        assert_eq!(edit.insert, [row(1, 2, 1), row(2, OPEN, 2)]);
    }

    /// What nobody was told yet is told along with what comes after it.
    #[test]
    fn g_03_what_is_past_was_the_last_that_was_told() {
        let edit = edit(&[row(1, 2, 1), row(2, OPEN, 2)], &[wanted(2, 3)]).unwrap();
        assert_eq!((edit.told, edit.insert), (Some(place(1)), vec![row(2, OPEN, 3)]));
    }

    /// A computing that was given up leaves rows of later generations. Of who goes, none stays.
    #[test]
    fn g_03_what_was_given_up_does_not_come_back() {
        let edit = edit(&[row(2, OPEN, 1)], &[wanted(1, 0)]).unwrap();
        assert_eq!((edit.delete, edit.insert), (vec![2], vec![]));
        assert_eq!(super::edit(&[row(1, 2, 1), row(2, OPEN, 1)], &[wanted(1, 1)]), None);
    }

    proptest! {
        /// Applied, an edit says what is wanted, in rows that do not overlap; applied again, there is nothing to do.
        #[test]
        fn g_03_an_edit_does_what_is_wanted(
            places in proptest::collection::vec(0u8..3, 4),
            live in 1i64..5,
            now in (0u8..3, proptest::option::of(0u8..3)),
        ) {
            let rows: Vec<Row> = places.iter().zip(1..).filter(|(n, _)| **n > 0)
                .map(|(n, at)| row(at, at + 1, *n)).collect();
            let mut all = vec![wanted(live, now.0)];
            all.extend(now.1.map(|n| wanted(live + 1, n)));
            let after = match edit(&rows, &all) {
                Some(edit) => {
                    let kept = rows.iter().filter(|row| !edit.delete.contains(&row.from));
                    kept.copied().chain(edit.insert).collect()
                }
                None => rows,
            };
            for one in &all {
                prop_assert_eq!(at(&after, one.generation), one.place);
                let of = |row: &&Row| row.from <= one.generation && one.generation < row.to;
                prop_assert!(after.iter().filter(of).count() <= 1);
            }
            prop_assert_eq!(edit(&after, &all), None);
        }
    }
}
