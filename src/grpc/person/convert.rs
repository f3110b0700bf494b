//! People between the wire and the service.

use std::collections::{BTreeMap, HashSet};

use crate::clock::timestamp;
use crate::config::NAME_MAX;
use crate::domain::attribute::Value;
use crate::domain::email::Email;
use crate::domain::person::PersonInput;
use crate::domain::text;
use crate::entity::import::{LookupField, Mode};
use crate::entity::person::Source;
use crate::entity::{Import, etag};
use crate::error::{Error, Refusal, Result};
use crate::grpc::attribute;
use crate::grpc::decode::{self, Fields, times};
use crate::id::{PartitionId, PersonId};
use crate::pb;
use crate::repository::person::Order;
use crate::service::person::{MoveOutcome, Moved, MovedMany, Outcome, Removed, View};

const MUTABLE: &[&str] = &[
    "email",
    "external_id",
    "first_name",
    "last_name",
    "unsubscribed",
    "attributes",
    "attributes.*",
];
const IMMUTABLE: &[&str] = &[
    "person_id",
    "partition_id",
    "source",
    "etag",
    "create_time",
    "update_time",
    "delete_time",
    "purge_time",
];

// === inward ===

/// What a message says of a person; empty fields say nothing.
pub(super) fn input(fields: &mut Fields, at: &str, person: &pb::Person) -> PersonInput {
    let path = |field: &str| if at.is_empty() { field.to_owned() } else { format!("{at}.{field}") };
    let email = match person.email.trim() {
        "" => None,
        given => Email::parse(given).map_err(|why| fields.violate(path("email"), why)).ok(),
    };
    let mut line = |field: &str, given: &str| {
        let line: String = fields.take(&path(field), text::line(given, NAME_MAX));
        Some(line).filter(|line| !line.is_empty())
    };
    PersonInput {
        id: None,
        email,
        external_id: line("external_id", &person.external_id),
        first_name: line("first_name", &person.first_name),
        last_name: line("last_name", &person.last_name),
        unsubscribed: person.unsubscribed,
        attributes: attributes(fields, &path("attributes"), &person.attributes),
    }
}

/// As [`input`], for a message that must be there.
pub(in crate::grpc) fn required_person(
    fields: &mut Fields,
    at: &str,
    person: Option<&pb::Person>,
) -> PersonInput {
    match person {
        Some(person) => input(fields, at, person),
        None => {
            fields.violate(at, "must be set");
            PersonInput::default()
        }
    }
}

/// The rows of a set; one that does not parse is refused alone.
pub(super) fn rows(people: &[pb::Person]) -> Vec<Result<PersonInput, Box<Refusal>>> {
    let row = |person: &pb::Person| {
        let mut fields = Fields::default();
        let id = fields.optional_id("person_id", &person.person_id);
        let input = PersonInput { id, ..input(&mut fields, "", person) };
        fields.check().map(|()| input).map_err(Error::into_refusal)
    };
    people.iter().map(row).collect()
}

fn attributes(
    fields: &mut Fields,
    at: &str,
    given: &BTreeMap<String, pb::AttributeValue>,
) -> BTreeMap<String, Option<Value>> {
    let mut values = BTreeMap::new();
    for (name, value) in given {
        match attribute::value(value) {
            Ok(value) => drop(values.insert(name.clone(), value)),
            Err(why) => fields.violate(format!("{at}.{name}"), why),
        }
    }
    values
}

/// The paths that an update changes.
pub(super) fn paths(
    mask: Option<prost_types::FieldMask>,
    person: &pb::Person,
) -> Result<HashSet<String>> {
    let filled: Vec<&str> = [
        ("email", !person.email.is_empty()),
        ("external_id", !person.external_id.is_empty()),
        ("first_name", !person.first_name.is_empty()),
        ("last_name", !person.last_name.is_empty()),
        ("unsubscribed", person.unsubscribed == Some(true)),
        ("attributes", !person.attributes.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    decode::mask(mask, &filled, MUTABLE, IMMUTABLE)
}

/// Keeps of a message what the mask names; a named attribute that is not there is cleared.
pub(super) fn keep_named(input: &mut PersonInput, paths: &HashSet<String>) {
    if !paths.contains("attributes") {
        let named = paths.iter().filter_map(|path| path.strip_prefix("attributes."));
        let value = |name: &str| input.attributes.get(name).cloned().flatten();
        input.attributes = named.map(|name| (name.to_owned(), value(name))).collect();
    }
}

/// The source of new people, or what it is if unset.
pub(in crate::grpc) fn source(fields: &mut Fields, at: &str, source: i32, unset: Source) -> Source {
    match pb::PersonSource::try_from(source) {
        Ok(pb::PersonSource::Unspecified) => unset,
        Ok(pb::PersonSource::Api) => Source::Api,
        Ok(pb::PersonSource::Form) => Source::Form,
        Ok(pb::PersonSource::Import) => Source::Import,
        Ok(pb::PersonSource::Crm) => Source::Crm,
        Ok(pb::PersonSource::Manual) => Source::Manual,
        Err(_) => {
            fields.violate(at, "is not a value of PersonSource");
            unset
        }
    }
}

/// What a set may do; unset: CREATE_OR_UPDATE.
pub(super) fn mode(fields: &mut Fields, mode: i32) -> Mode {
    match pb::PersonWriteMode::try_from(mode) {
        Ok(pb::PersonWriteMode::CreateOnly) => Mode::CreateOnly,
        Ok(pb::PersonWriteMode::UpdateOnly) => Mode::UpdateOnly,
        Ok(pb::PersonWriteMode::Unspecified | pb::PersonWriteMode::CreateOrUpdate) => {
            Mode::CreateOrUpdate
        }
        Err(_) => {
            fields.violate("mode", "is not a value of PersonWriteMode");
            Mode::CreateOrUpdate
        }
    }
}

/// By what people are found; unset: email.
pub(super) fn lookup_field(fields: &mut Fields, field: i32) -> LookupField {
    match pb::PersonLookupField::try_from(field) {
        Ok(pb::PersonLookupField::Unspecified | pb::PersonLookupField::Email) => LookupField::Email,
        Ok(pb::PersonLookupField::ExternalId) => LookupField::ExternalId,
        Ok(pb::PersonLookupField::Id) => LookupField::Id,
        Err(_) => {
            fields.violate("lookup_field", "is not a value of PersonLookupField");
            LookupField::Email
        }
    }
}

/// The order of a list.
pub(super) fn order(fields: &mut Fields, order_by: &str) -> Order {
    match order_by {
        "" | "create_time" => Order::CreateTime,
        "create_time desc" => Order::CreateTimeDesc,
        "email" => Order::Email,
        "email desc" => Order::EmailDesc,
        _ => {
            fields.violate("order_by", "must be create_time or email, each with desc or without");
            Order::CreateTime
        }
    }
}

/// Whether a move merges where the target holds a key.
pub(super) fn merges(fields: &mut Fields, on_duplicate: i32) -> bool {
    match pb::OnDuplicate::try_from(on_duplicate) {
        Ok(pb::OnDuplicate::Merge) => true,
        Ok(pb::OnDuplicate::Unspecified | pb::OnDuplicate::Refuse) => false,
        Err(_) => {
            fields.violate("on_duplicate", "is not a value of OnDuplicate");
            false
        }
    }
}

// === outward ===

/// The person who was asked for by an id: another, if that one was merged.
pub(super) fn found(asked: PersonId, view: View) -> pb::GetPersonResponse {
    let merged = (view.person.id != asked).then(|| view.person.id.to_string());
    pb::GetPersonResponse { person: Some(person(view)), merged_into: merged.unwrap_or_default() }
}

/// A person.
pub(super) fn person(view: View) -> pb::Person {
    let person = view.person;
    pb::Person {
        person_id: person.id.to_string(),
        partition_id: person.partition_id.to_string(),
        email: person.email.unwrap_or_default(),
        external_id: person.external_id.unwrap_or_default(),
        first_name: person.first_name.unwrap_or_default(),
        last_name: person.last_name.unwrap_or_default(),
        unsubscribed: Some(person.unsubscribed),
        source: pb_source(person.source).into(),
        attributes: view
            .attributes
            .into_iter()
            .map(|(name, value)| (name, attribute::message(value)))
            .collect(),
        etag: etag(person.version),
        create_time: Some(timestamp(person.create_time)),
        update_time: Some(timestamp(person.update_time)),
        delete_time: times(person.delete_time),
        purge_time: times(person.purge_time),
    }
}

pub(in crate::grpc) fn pb_source(source: Source) -> pb::PersonSource {
    match source {
        Source::Api => pb::PersonSource::Api,
        Source::Form => pb::PersonSource::Form,
        Source::Import => pb::PersonSource::Import,
        Source::Crm => pb::PersonSource::Crm,
        Source::Manual => pb::PersonSource::Manual,
    }
}

/// What a result says beside its status, where the workspace may only read.
const WITHHELD: &str = "the workspace may only read the person's partition: the values were withheld, an \
                        unsubscription aside";

/// The results of a set.
pub(super) fn results(outcomes: Vec<Outcome>) -> Vec<pb::SyncResult> {
    outcomes.into_iter().map(result).collect()
}

fn result(outcome: Outcome) -> pb::SyncResult {
    use pb::PersonWriteStatus as Status;
    let (status, id, error) = match outcome {
        Outcome::Created(id) => (Status::Created, Some(id), None),
        Outcome::Updated(id) => (Status::Updated, Some(id), None),
        Outcome::Unchanged(id) => (Status::Unchanged, Some(id), None),
        Outcome::Withheld { id, .. } => (Status::Withheld, Some(id), None),
        Outcome::Failed(refusal) => (Status::Failed, None, Some((*refusal).into())),
        Outcome::Hidden(one) => {
            return pb::SyncResult { person_id: String::new(), hidden: true, ..result(*one) };
        }
    };
    pb::SyncResult {
        status: status.into(),
        person_id: id.map(|id| id.to_string()).unwrap_or_default(),
        error,
        note: if status == Status::Withheld { WITHHELD.into() } else { String::new() },
        hidden: false,
    }
}

/// The result of one move.
pub(in crate::grpc) fn moved(moved: Moved) -> pb::MoveResult {
    let (status, winner, error) = match moved.outcome {
        MoveOutcome::Moved => (pb::MoveStatus::Moved, None, None),
        MoveOutcome::Merged(winner) => (pb::MoveStatus::Merged, Some(winner), None),
        MoveOutcome::Unchanged => (pb::MoveStatus::Unchanged, None, None),
        MoveOutcome::Failed(refusal) => (pb::MoveStatus::Failed, None, Some((*refusal).into())),
    };
    let from = moved.from.filter(|_| error.is_none());
    pb::MoveResult {
        person_id: moved.id.to_string(),
        status: status.into(),
        from_partition_id: from.map(|from| from.to_string()).unwrap_or_default(),
        error,
        merged_into: winner.map(|winner| winner.to_string()).unwrap_or_default(),
    }
}

impl From<MovedMany> for pb::MovePeopleByFilterResult {
    fn from(result: MovedMany) -> Self {
        Self {
            moved: result.moved,
            merged: result.merged,
            unchanged: result.unchanged,
            failed: result.failed,
            failures: result.failures.into_iter().map(moved).collect(),
        }
    }
}

/// The result of one deletion.
pub(super) fn removed(removed: Removed) -> pb::DeleteResult {
    let error = removed.refusal.map(|refusal| (*refusal).into());
    let status = if error.is_none() { pb::DeleteStatus::Deleted } else { pb::DeleteStatus::Failed };
    pb::DeleteResult { person_id: removed.id.to_string(), status: status.into(), error }
}

/// The people of one email.
pub(super) fn lookup((email, views): (String, Vec<View>)) -> pb::LookupResult {
    pb::LookupResult { email, people: views.into_iter().map(person).collect() }
}

/// The people of one partition, counted.
pub(super) fn count((partition, count): (PartitionId, i64)) -> pb::PartitionCount {
    pb::PartitionCount { partition_id: partition.to_string(), count }
}

/// People with the same email.
pub(super) fn group((views, hidden_count): (Vec<View>, i64)) -> pb::DuplicateGroup {
    pb::DuplicateGroup { people: views.into_iter().map(person).collect(), hidden_count }
}

impl From<Import> for pb::Import {
    fn from(import: Import) -> Self {
        let state =
            if import.complete { pb::ImportState::Complete } else { pb::ImportState::Running };
        Self {
            import_id: import.id.to_string(),
            workspace_id: import.workspace_id.to_string(),
            partition_id: import.partition_id.map(|id| id.to_string()).unwrap_or_default(),
            mode: match import.mode {
                Mode::CreateOnly => pb::PersonWriteMode::CreateOnly,
                Mode::UpdateOnly => pb::PersonWriteMode::UpdateOnly,
                Mode::CreateOrUpdate => pb::PersonWriteMode::CreateOrUpdate,
            }
            .into(),
            lookup_field: match import.lookup_field {
                LookupField::Email => pb::PersonLookupField::Email,
                LookupField::ExternalId => pb::PersonLookupField::ExternalId,
                LookupField::Id => pb::PersonLookupField::Id,
            }
            .into(),
            state: state.into(),
            committed_rows: import.committed_rows,
            created: import.created,
            updated: import.updated,
            unchanged: import.unchanged,
            withheld: import.withheld,
            failed: import.failed,
            create_time: Some(timestamp(import.create_time)),
            update_time: Some(timestamp(import.update_time)),
            complete_time: times(import.complete.then_some(import.update_time)),
        }
    }
}
