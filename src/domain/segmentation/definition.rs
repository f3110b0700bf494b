//! What a segmentation is made of: segments in their order, and Default behind them (G-02).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::filter::Filter;
use crate::domain::text;
use crate::id::SegmentId;

/// The segment of whom no other wants.
pub const DEFAULT: SegmentId = SegmentId(Uuid::nil());
/// Its name, which nothing else may have.
pub const DEFAULT_NAME: &str = "Default";

/// The segments of a version, as they are stored in its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// In their order, without Default.
    #[serde(default)]
    pub segments: Vec<Segment>,
}

/// A segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Stays with it, whatever its name and place.
    #[serde(rename = "segment_id")]
    pub id: SegmentId,
    /// Its name.
    pub display_name: String,
    /// Who is in it, if no segment before it holds.
    pub filter: Filter,
}

/// The segments of a version without their filters: all that naming them needs, and much quicker to read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Outline {
    #[serde(default)]
    segments: Vec<Heading>,
}

#[derive(Clone, Debug, Deserialize)]
struct Heading {
    segment_id: SegmentId,
    display_name: String,
}

/// A segment, as a caller gives it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Which one; nothing: a new one.
    pub id: Option<SegmentId>,
    /// Its name.
    pub display_name: String,
    /// Who is in it; nothing: Default.
    pub filter: Option<Filter>,
}

/// What is wrong with a segment, by its place in the list and the field.
pub type Problem = (usize, &'static str, String);

/// The definition that a caller gives, or all that is wrong with it. A segment keeps its id, if it is one of `known`.
pub fn define(
    given: Vec<Given>,
    known: &[SegmentId],
    max: usize,
) -> Result<Definition, Vec<Problem>> {
    let mut problems = Vec::new();
    let (mut names, mut ids) = (HashSet::from([text::key(DEFAULT_NAME)]), HashSet::new());
    let mut segments = Vec::new();
    let last = given.len().saturating_sub(1);
    for (at, one) in given.into_iter().enumerate() {
        if one.id == Some(DEFAULT) {
            problems.extend(default(&one, at == last).map(|text| (at, "segment_id", text)));
            continue;
        }
        if let Some(id) = one.id
            && (!known.contains(&id) || !ids.insert(id))
        {
            let text = "must be a segment of this segmentation, each once, or empty for a new one";
            problems.push((at, "segment_id", text.into()));
        }
        if !names.insert(text::key(&one.display_name)) {
            let text = format!("must be another than those before it, and than {DEFAULT_NAME}");
            problems.push((at, "display_name", text));
        }
        match one.filter {
            Some(filter) => segments.push(Segment {
                id: one.id.unwrap_or_default(),
                display_name: one.display_name,
                filter,
            }),
            None => problems.push((at, "filter", "must be set".into())),
        }
    }
    if segments.len() > max {
        problems.push((
            max,
            "segment_id",
            format!("there may be {max} segments beside {DEFAULT_NAME}"),
        ));
    }
    if problems.is_empty() { Ok(Definition { segments }) } else { Err(problems) }
}

/// What is wrong with Default, where a caller names it.
fn default(given: &Given, last: bool) -> Option<String> {
    let unchanged = given.display_name.is_empty() || given.display_name == DEFAULT_NAME;
    match last && unchanged && given.filter.is_none() {
        true => None,
        false => Some(format!(
            "{DEFAULT_NAME} is always the last, keeps its name and has no filter; it can be left out"
        )),
    }
}

// === impl Definition ===

impl Definition {
    /// The name of a segment, Default included.
    pub fn name(&self, id: SegmentId) -> Option<&str> {
        name(id, self.segments.iter().map(|one| (one.id, one.display_name.as_str())))
    }

    /// The ids of its segments, without Default.
    pub fn ids(&self) -> Vec<SegmentId> {
        self.segments.iter().map(|one| one.id).collect()
    }
}

impl From<&Definition> for Outline {
    fn from(definition: &Definition) -> Self {
        let heading =
            |one: &Segment| Heading { segment_id: one.id, display_name: one.display_name.clone() };
        Self { segments: definition.segments.iter().map(heading).collect() }
    }
}

// === impl Outline ===

impl Outline {
    /// The name of a segment, Default included.
    pub fn name(&self, id: SegmentId) -> Option<&str> {
        name(id, self.segments.iter().map(|one| (one.segment_id, one.display_name.as_str())))
    }

    /// The ids of the segments in their order, without Default.
    pub fn ids(&self) -> Vec<SegmentId> {
        self.segments.iter().map(|one| one.segment_id).collect()
    }
}

fn name<'a>(
    id: SegmentId,
    mut segments: impl Iterator<Item = (SegmentId, &'a str)>,
) -> Option<&'a str> {
    match id {
        DEFAULT => Some(DEFAULT_NAME),
        _ => segments.find(|(one, _)| *one == id).map(|(_, name)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: Option<SegmentId>, name: &str, filter: Option<&str>) -> Given {
        let filter = filter.map(|text| Filter::parse(text).unwrap());
        Given { id, display_name: name.into(), filter }
    }

    const ALL: Option<&str> = Some("email is empty");

    #[test]
    fn g_02_default_is_last_and_stays_as_it_is() {
        let healthy = given(None, "Health", ALL);
        for default in [given(Some(DEFAULT), "", None), given(Some(DEFAULT), DEFAULT_NAME, None)] {
            let defined = define(vec![healthy.clone(), default], &[], 100).unwrap();
            assert_eq!(defined.segments.len(), 1);
            assert_eq!(defined.name(DEFAULT), Some(DEFAULT_NAME));
        }
        for wrong in [
            vec![given(Some(DEFAULT), "", None), healthy.clone()],
            vec![given(Some(DEFAULT), "Others", None)],
            vec![given(Some(DEFAULT), "", ALL)],
            vec![given(None, "DEFAULT", ALL)],
            vec![given(None, "Health", None)],
            vec![healthy.clone(), given(None, "HEALTH", ALL)],
        ] {
            assert_eq!(define(wrong, &[], 100).unwrap_err().len(), 1);
        }
    }

    #[test]
    fn g_02_segments_keep_their_ids_and_there_are_not_too_many() {
        let id = SegmentId::new();
        let kept = define(vec![given(Some(id), "A", ALL)], &[id], 1).unwrap();
        assert_eq!(kept.ids(), [id]);
        assert!(define(vec![given(Some(id), "A", ALL)], &[], 1).is_err());
        let twice = vec![given(Some(id), "A", ALL), given(Some(id), "B", ALL)];
        assert!(define(twice, &[id], 2).is_err());
        let two = vec![given(None, "A", ALL), given(None, "B", ALL)];
        assert!(define(two.clone(), &[], 1).is_err());
        assert!(define(two, &[], 2).is_ok());
    }
}
