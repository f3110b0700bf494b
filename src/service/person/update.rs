//! Changing one person, field by field.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use super::fold::values;
use super::{People, View, known, refuse, sight};
use crate::clock::now;
use crate::context::Context;
use crate::domain::built_in;
use crate::domain::filter::{Key, Reads};
use crate::domain::person::PersonInput;
use crate::domain::upsert::Reach;
use crate::entity::Person;
use crate::error::{Error, Noun, Result};
use crate::id::{PersonId, WorkspaceId};
use crate::repository::consent::{self, Address};
use crate::repository::person::Located;
use crate::repository::visibility::Sight;
use crate::repository::{Answer, Change as Record, Tx, suppression};
use crate::service::access::{self, At};
use crate::service::refuse as shared;

/// What to change of a person.
#[derive(Clone, Debug)]
pub struct Change {
    /// The workspace through which it is done.
    pub workspace: WorkspaceId,
    /// Who.
    pub id: PersonId,
    /// The etag that the caller read; empty: any.
    pub etag: String,
    /// The paths that change; what the input does not say of them is cleared.
    pub paths: HashSet<String>,
    /// The new values.
    pub input: PersonInput,
}

// === impl People ===

impl People {
    /// Changes a person whom the workspace sees and may write.
    pub async fn update(&self, ctx: &Context, change: Change) -> Result<Answer<View>> {
        let change = &change;
        self.store
            .write(ctx, |tx| async move {
                access::demand(&tx, ctx, At::Workspace(change.workspace)).await?;
                self.apply(&tx, change).await
            })
            .await
    }

    async fn apply(&self, tx: &Tx, change: &Change) -> Result<View> {
        let sight = sight(tx, change.workspace).await?;
        let before = find(tx, &sight, change.id).await?;
        shared::stale_etag(&change.etag, before.version, Noun::Person, before.id)?;
        change.admit(&sight, &before)?;
        let mut after = before.clone();
        let fields = tx.fields().await?;
        let patch = values(&fields, &change.input).map_err(|error| error.below("person"))?;
        change.lay_over(&mut after, &patch);
        refuse_suppressed(tx, &before, &after).await?;
        after.unsubscribed = unsubscribed(tx, change, &before, &after).await?;
        if after == before {
            return self.view(tx, after).await;
        }
        after.folded = Some(after.fold());
        after.version += 1;
        after.update_time = now();
        let free = tx.savepoint(async || tx.update(&after).await).await?;
        if let Err(Error::Unique(_)) = free {
            return Err(
                refuse::update_taken(tx, &sight, &change.input, &located(&before), &[]).await?
            );
        }
        free?;
        change.keep_consent(tx, &after).await?;
        tx.people_changed([after.id], change.changed(&patch));
        let (old, new) = (self.view(tx, before).await?, self.view(tx, after).await?);
        tx.record(Record {
            kind: "person.updated",
            resource_id: Some(new.person.id.0),
            workspace_id: Some(change.workspace),
            detail: json!({
                "partition_id": new.person.partition_id,
                "fields": sorted(&change.paths),
            }),
            before: old.audit(),
            after: new.audit(),
            ..Record::default()
        });
        Ok(new)
    }
}

/// Whether the changed person is unsubscribed: as the caller sets it, else as the new address is (D-09).
async fn unsubscribed(tx: &Tx, change: &Change, before: &Person, after: &Person) -> Result<bool> {
    if change.paths.contains("unsubscribed") {
        return Ok(change.input.unsubscribes());
    }
    if after.email_key == before.email_key || after.email_key.is_empty() {
        return Ok(before.unsubscribed);
    }
    let address = (after.partition_id, after.email_key.clone());
    Ok(!consent::unsubscribed(tx, &[address]).await?.is_empty())
}

/// Refuses an address that was erased and shall not come back.
async fn refuse_suppressed(tx: &Tx, before: &Person, after: &Person) -> Result<()> {
    if after.email_key == before.email_key
        || suppression::among(tx, [after.email_key.as_str()]).await?.is_empty()
    {
        return Ok(());
    }
    Err(refuse::suppressed())
}

// === impl Change ===

impl Change {
    /// A read-only binding and an archived workspace let nothing through but an unsubscription (D-09).
    fn admit(&self, sight: &Sight, person: &Person) -> Result<()> {
        let only_consent = self.paths.iter().all(|path| path == "unsubscribed");
        if only_consent {
            return Ok(());
        }
        if sight.workspace_archived {
            return Err(shared::archived(self.workspace));
        }
        match sight.reach(person.partition_id) {
            Reach::Write => Ok(()),
            _ => Err(refuse::read_only(person.partition_id)),
        }
    }

    /// Keeps what the caller set for the address, beyond this person.
    async fn keep_consent(&self, tx: &Tx, person: &Person) -> Result<()> {
        if !self.paths.contains("unsubscribed") || person.email_key.is_empty() {
            return Ok(());
        }
        let addresses: [Address; 1] = [(person.partition_id, person.email_key.clone())];
        if person.unsubscribed {
            consent::withdraw(tx, &addresses).await
        } else {
            consent::restore(tx, &addresses).await
        }
    }

    /// The fields that it changes, for those who read them: with the address also whether it is unsubscribed.
    fn changed(&self, patch: &Json) -> Reads {
        let built_in = self.paths.iter().filter_map(|path| built_in::named(path));
        let ordinals =
            patch.as_object().into_iter().flatten().filter_map(|(key, _)| key.parse().ok());
        let consent = self.paths.contains("email").then_some("unsubscribed");
        let fields = built_in
            .map(|field| Key::BuiltIn(field.name))
            .chain(ordinals.map(Key::Custom))
            .chain(consent.into_iter().chain(["update_time"]).map(Key::BuiltIn));
        Reads { fields: fields.collect(), ..Reads::default() }
    }

    fn lay_over(&self, person: &mut Person, patch: &Json) {
        let named = |path: &str| self.paths.contains(path);
        let input = &self.input;
        if named("email") {
            person.email = input.email.as_ref().map(|email| email.given.clone());
            person.email_key = input.email_key().to_owned();
        }
        if named("external_id") {
            person.external_id.clone_from(&input.external_id);
        }
        if named("first_name") {
            person.first_name.clone_from(&input.first_name);
        }
        if named("last_name") {
            person.last_name.clone_from(&input.last_name);
        }
        let mut values = person.attributes.as_object().cloned().unwrap_or_default();
        lay_values(&mut values, patch);
        person.attributes = Json::Object(values);
    }
}

fn lay_values(values: &mut Map<String, Json>, patch: &Json) {
    for (key, value) in patch.as_object().into_iter().flatten() {
        if value.is_null() {
            values.remove(key);
        } else {
            values.insert(key.clone(), value.clone());
        }
    }
}

/// A living person whom the workspace sees, locked until the commit.
pub(super) async fn find(tx: &Tx, sight: &Sight, id: PersonId) -> Result<Person> {
    let found = known::lock_living(tx, sight, &[id]).await?.remove(&id);
    found.ok_or_else(|| refuse::person_not_found(Some(id)))
}

fn located(person: &Person) -> Located {
    Located {
        id: person.id,
        partition_id: person.partition_id,
        email_key: person.email_key.clone(),
        external_id: person.external_id.clone(),
    }
}

fn sorted(paths: &HashSet<String>) -> Vec<&String> {
    let mut paths: Vec<&String> = paths.iter().collect();
    paths.sort();
    paths
}
