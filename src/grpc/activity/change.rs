//! Changes, as watchers read them.

use crate::clock::timestamp;
use crate::domain::feed::{Event, Partition, Person, Told};
use crate::grpc::json;
use crate::pb;
use crate::repository::feed::Dated;

/// A change, as far as a watcher is told of it.
pub(super) fn encode(dated: &Dated, told: &Told) -> pb::Change {
    let change = &dated.change;
    let detail = json::message(&told.detail.clone().into());
    pb::Change {
        revision: change.revision,
        ordinal: change.ordinal,
        kind: change.kind.clone(),
        event: pb::ChangeEvent::from(told.event).into(),
        resource_id: text(told.resource),
        workspace_id: text(told.workspace),
        people: told.people.iter().map(pb::ChangedPerson::from).collect(),
        partitions: told.partitions.iter().map(pb::ChangedPartition::from).collect(),
        detail: (!detail.fields.is_empty()).then_some(detail),
        create_time: Some(timestamp(dated.time)),
    }
}

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

impl From<&Person> for pb::ChangedPerson {
    fn from(person: &Person) -> Self {
        Self {
            person_id: person.id.to_string(),
            event: pb::ChangeEvent::from(person.event).into(),
            partition_id: person.partition.to_string(),
            from_partition_id: text(person.from),
            segment_id: text(person.segment),
            from_segment_id: text(person.from_segment),
        }
    }
}

impl From<&Partition> for pb::ChangedPartition {
    fn from(partition: &Partition) -> Self {
        Self {
            partition_id: partition.id.to_string(),
            event: pb::ChangeEvent::from(partition.event).into(),
            people_count: partition.people,
        }
    }
}

impl From<Event> for pb::ChangeEvent {
    fn from(event: Event) -> Self {
        match event {
            Event::AsTheKindSays => Self::Unspecified,
            Event::Created => Self::Created,
            Event::Updated => Self::Updated,
            Event::Deleted => Self::Deleted,
            Event::Restored => Self::Restored,
            Event::Moved => Self::Moved,
            Event::Added => Self::Added,
            Event::Removed => Self::Removed,
            Event::Entered => Self::EnteredView,
            Event::Left => Self::LeftView,
        }
    }
}
