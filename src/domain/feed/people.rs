//! The people of a change: read from what was recorded, and cut to those whom a watcher sees.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::watcher::Watcher;
use super::{Change, Event, Person};
use crate::domain::access::Permission;
use crate::id::{PartitionId, PersonId, SegmentId};

/// What the lists of people are called, by what became of those in them: a list for each partition.
const LISTS: [(&str, Event); 5] = [
    ("added", Event::Added),
    ("created", Event::Created),
    ("deleted", Event::Deleted),
    ("removed", Event::Removed),
    ("updated", Event::Updated),
];

/// A person, with both sides of what became of them.
struct Recorded {
    id: PersonId,
    event: Event,
    before: Option<Side>,
    after: Option<Side>,
}

/// Where somebody was or is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    partition: PartitionId,
    segment: Option<SegmentId>,
}

/// The people of a change whom a watcher sees. Who was moved out of sight has left, and who was moved into it has entered,
/// without the side that is not seen.
pub(super) fn seen(change: &Change, watcher: &Watcher<'_>) -> Vec<Person> {
    let mut asked: Option<(PartitionId, bool)> = None;
    let mut sees = |side: &Side| match asked {
        // Most changes are about people of one partition.
        Some((partition, seen)) if partition == side.partition => seen,
        _ => {
            let seen = watcher.sees(Permission::PeopleRead, side.partition);
            asked = Some((side.partition, seen));
            seen
        }
    };
    let mut cut = |one: Recorded| {
        let before = one.before.filter(&mut sees);
        let after = one.after.filter(&mut sees);
        one.told(before, after)
    };
    recorded(change).into_iter().filter_map(&mut cut).collect()
}

/// All people of a change.
fn recorded(change: &Change) -> Vec<Recorded> {
    let mut people: Vec<Recorded> = single(change).into_iter().collect();
    for (key, event) in LISTS {
        let lists = change.detail.get(key).and_then(Json::as_object).into_iter().flatten();
        for (partition, ids) in lists {
            let Ok(partition) = partition.parse() else { continue };
            let here = Side { partition, segment: None };
            let ids = ids.as_array().into_iter().flatten().filter_map(parsed);
            people.extend(ids.map(|id| Recorded::here(id, event, here)));
        }
    }
    let to: Option<PartitionId> = change.id("to");
    people.extend(items(change, "moved").filter_map(|item| {
        let side = |partition| Side { partition, segment: None };
        Some(Recorded {
            id: parsed(item.get("person_id")?)?,
            event: Event::Moved,
            before: item.get("from").and_then(parsed).map(side),
            after: to.map(side),
        })
    }));
    people.extend(items(change, "people").filter_map(|item| {
        let side = |key| {
            let side: &Json = item.get(key)?;
            let partition = parsed(side.get("partition_id")?)?;
            Some(Side { partition, segment: side.get("segment_id").and_then(parsed) })
        };
        Some(Recorded {
            id: parsed(item.get("person_id")?)?,
            event: Event::Updated,
            before: side("from"),
            after: side("to"),
        })
    }));
    people
}

/// The person whom a change is about alone, if it is about one.
fn single(change: &Change) -> Option<Recorded> {
    let event = match change.kind.as_str() {
        "person.created" => Event::Created,
        "person.deleted" => Event::Deleted,
        "person.restored" => Event::Restored,
        "person.merged" | "person.updated" => Event::Updated,
        _ => Event::AsTheKindSays,
    };
    let named = change.id("person_id");
    let own = (event != Event::AsTheKindSays).then_some(change.resource).flatten().map(PersonId);
    let here = Side { partition: change.id("partition_id")?, segment: None };
    Some(Recorded::here(named.or(own)?, event, here))
}

/// People as changes list them: by partition.
pub fn by_partition(people: impl IntoIterator<Item = (PersonId, PartitionId)>) -> Json {
    let mut lists: BTreeMap<String, Vec<PersonId>> = BTreeMap::new();
    for (person, partition) in people {
        lists.entry(partition.to_string()).or_default().push(person);
    }
    json!(lists)
}

fn items<'a>(change: &'a Change, key: &str) -> impl Iterator<Item = &'a Json> {
    change.detail.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn parsed<T: std::str::FromStr>(json: &Json) -> Option<T> {
    json.as_str()?.parse().ok()
}

// === impl Recorded ===

impl Recorded {
    fn here(id: PersonId, event: Event, here: Side) -> Self {
        Self { id, event, before: None, after: Some(here) }
    }

    /// What is told of the person, given the sides that are seen.
    fn told(self, before: Option<Side>, after: Option<Side>) -> Option<Person> {
        let shown = after.or(before)?;
        let event = match self.event {
            Event::Moved if before.is_none() => Event::Entered,
            Event::Moved if after.is_none() => Event::Left,
            event => event,
        };
        let from = before.filter(|_| event == Event::Moved).map(|side| side.partition);
        Some(Person {
            id: self.id,
            event,
            partition: shown.partition,
            from,
            segment: after.and_then(|side| side.segment),
            from_segment: before.and_then(|side| side.segment),
        })
    }
}
