//! The refusals of rows of people, in the caller's terms.

use uuid::Uuid;

use crate::domain::person::PersonInput;
use crate::domain::upsert::{Candidate, Reach, Refused};
use crate::entity::import::LookupField;
use crate::entity::tenant::{DuplicatePolicy, Settings};
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{PartitionId, PersonId};
use crate::repository::Tx;
use crate::repository::person::{self, Located};
use crate::repository::visibility::Sight;

/// A row that is decided against.
pub fn row(refused: &Refused, lookup: &LookupField) -> Error {
    match refused {
        Refused::NotFound => person_not_found(None),
        Refused::DuplicateHere(id) => duplicate_here(field_of(*lookup), *id),
        Refused::DuplicateElsewhere(other) => duplicate_elsewhere("email", other.as_ref()),
        Refused::WouldMove(other) => Error::new(
            Reason::PartitionChangeNotAllowed,
            "the person is in another partition than the one named; move the person with MovePeople, or \
             name that partition or none",
        )
        .with("person_id", other.id)
        .with("partition_id", other.partition),
        Refused::Ambiguous(ids) => {
            Error::new(
                Reason::AmbiguousPerson,
                "several people that this workspace sees have the key; name the partition",
            )
            .with("lookup_field", field_of(*lookup).to_ascii_uppercase())
            .with("matches", ids.len())
        }
        Refused::ReadOnly(known) => read_only(known.partition),
    }
}

/// PARTITION_READ_ONLY.
pub fn read_only(partition: PartitionId) -> Error {
    Error::new(
        Reason::PartitionReadOnly,
        "the workspace may read the partition and not write it; bind it READ_WRITE, or go through a \
         workspace that may",
    )
    .with("partition_id", partition)
}

/// PERSON_SUPPRESSED: the address was erased, and shall not come back.
pub fn suppressed() -> Error {
    let message = "the address was erased and is kept from coming back; if its owner agrees, lift that with \
                   UnsuppressEmail";
    Error::new(Reason::PersonSuppressed, message).with("field", "email")
}

/// PARTITION_NOT_FOUND: never was, deleted, or out of the workspace's sight.
pub fn partition_not_found(partition: PartitionId) -> Error {
    Error::not_found(Noun::Partition, partition)
}

/// PERSON_NOT_FOUND.
pub fn person_not_found(id: Option<PersonId>) -> Error {
    Error::not_found(Noun::Person, id.map(|id| id.to_string()).unwrap_or_default())
}

/// A row whose key an earlier row of the same call has, where people may only be made.
pub fn twice_in_set() -> Error {
    Error::new(
        Reason::DuplicateInPartition,
        "an earlier row of the same call has the same key; send each person once",
    )
}

/// The key of the row that a person who was found has: its email or its external id.
pub fn taken<'a>(input: &PersonInput, one: &'a Located) -> Option<(&'static str, &'a Located)> {
    let email = !one.email_key.is_empty() && input.email_key() == one.email_key;
    let external = one.external_id.is_some() && input.external_id == one.external_id;
    match (email, external) {
        (true, _) => Some(("email", one)),
        (false, true) => Some(("external_id", one)),
        (false, false) => None,
    }
}

/// A key that another person has; named as far as the workspace sees that person.
pub fn key_taken(field: &'static str, home: PartitionId, other: &Candidate) -> Error {
    match other.reach {
        Reach::Hidden => duplicate_elsewhere(field, None),
        _ if other.partition == home => duplicate_here(field, other.id),
        _ => duplicate_elsewhere(field, Some(other)),
    }
}

/// Which key of an update another person has, who is not one of those that the update makes room of.
pub async fn update_taken(
    tx: &Tx,
    sight: &Sight,
    input: &PersonInput,
    located: &Located,
    leaving: &[PersonId],
) -> Result<Error> {
    let settings = Settings::from_json(&tx.head().settings);
    let scope = uniqueness_scope(&settings, located.partition_id);
    let mut found = person::by_email(tx, vec![scope], vec![input.email_key().to_owned()]).await?;
    let external = input.external_id.clone().into_iter().collect();
    found.extend(person::by_external_id(tx, &[located.partition_id], external).await?);
    found.retain(|one| one.id != located.id && !leaving.contains(&one.id));
    let other = found.iter().find_map(|one| taken(input, one));
    let (field, one) = other.ok_or(Error::Contended)?;
    let candidate =
        Candidate { id: one.id, partition: one.partition_id, reach: sight.reach(one.partition_id) };
    Ok(key_taken(field, located.partition_id, &candidate))
}

/// Where an email of a partition's people must be unique (D-02).
pub fn uniqueness_scope(settings: &Settings, partition: PartitionId) -> Uuid {
    match settings.duplicate_policy {
        DuplicatePolicy::Reject => Uuid::nil(),
        DuplicatePolicy::Allow => partition.0,
    }
}

fn duplicate_here(field: &'static str, id: PersonId) -> Error {
    Error::new(
        Reason::DuplicateInPartition,
        format!("a person of the partition has this {field}; update that person, or use upsert"),
    )
    .with("field", field)
    .with("person_id", id)
    .resource(Noun::Person, id.to_string())
}

fn duplicate_elsewhere(field: &'static str, other: Option<&Candidate>) -> Error {
    let message = format!(
        "a person of another partition has this {field}, and the tenant's duplicate_policy, or where routing \
         leads, leaves no room for a second one"
    );
    let error = Error::new(Reason::DuplicateInOtherPartition, message).with("field", field);
    match other {
        Some(other) => error
            .with("person_id", other.id)
            .with("partition_id", other.partition)
            .resource(Noun::Person, other.id.to_string()),
        None => error,
    }
}

fn field_of(lookup: LookupField) -> &'static str {
    match lookup {
        LookupField::Email => "email",
        LookupField::ExternalId => "external_id",
        LookupField::Id => "person_id",
    }
}
