//! The records of who is erased: living, deleted and merged ones, and all that they are in.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Address, Erased, Looked, State, Whom};
use crate::domain::feed::by_partition;
use crate::entity::Asset;
use crate::error::{Error, Result};
use crate::id::{AssetId, PersonId, WorkspaceId};
use crate::repository::person::erase::{self, Trace};
use crate::repository::sql::hex;
use crate::repository::visibility::Sight;
use crate::repository::{Change, Tx, asset, audit, suppression};
use crate::service::person::{refuse, remove, sight_for_writing};

/// Removes the next records, until none is left; then says what texts are looked for by.
///
/// With `suppress` the email is closed first and looked for again: whoever brought it in while it was being closed is
/// found then, and nobody can after.
pub(super) async fn slice(tx: &Tx, whom: &Whom, state: &mut State, size: i64) -> Result<Looked> {
    let closed = state.receipt.suppressed || !whom.suppresses();
    // Asked once: the rest of what has begun is nobody's to refuse. By id all records go at once.
    let sight = match whom.workspace().filter(|_| state.subject.ids.is_empty()) {
        Some(workspace) => Some(sight_for_writing(tx, workspace).await?),
        None => None,
    };
    let records = find(tx, whom, sight.as_ref(), size).await?;
    if let (false, Whom::Email { key, .. }) = (closed, whom) {
        suppression::add(tx, key).await?;
        state.receipt.suppressed = true;
    }
    if records.is_empty() && closed {
        finish(tx, whom, state).await?;
        return Ok(Looked { rows: 0, all: true });
    }
    let ids: Vec<PersonId> = records.iter().map(|one| one.id).collect();
    let left = erase::leave_all(tx, &ids).await?;
    let segments = erase::count_segments(tx, &ids).await?;
    erase::erase(tx, &ids).await?;
    tx.people_written(ids);
    let memberships = match whom.workspace() {
        Some(workspace) => shown(tx, workspace, left).await?,
        None => left.len(),
    };
    record(tx, whom, &records, state.receipt.suppressed);
    state.note(&records, sight.as_ref());
    state.receipt.add_places(memberships, segments);
    Ok(Looked { rows: i64::try_from(records.len()).unwrap_or(i64::MAX), all: false })
}

/// Records of who is meant, with all who were merged with them, locked until the commit.
async fn find(tx: &Tx, whom: &Whom, sight: Option<&Sight>, size: i64) -> Result<Vec<Trace>> {
    let found = match (whom, sight) {
        (Whom::Email { key, .. }, _) => erase::with_email(tx, key, size).await?,
        (Whom::Person(_, id), Some(sight)) => of_person(tx, *id, sight).await?,
        (Whom::Person(..), None) => Vec::new(),
    };
    let people: BTreeSet<PersonId> = found.iter().map(Trace::answered_by).collect();
    let ids: Vec<PersonId> = people.iter().copied().collect();
    let records = erase::lock_whole(tx, &ids).await?;
    if records.iter().any(|one| !people.contains(&one.answered_by())) {
        // Merged into somebody else meanwhile.
        return Err(Error::Contended);
    }
    Ok(records)
}

/// A person through a workspace: the one who answers for the id, and who was deleted there with the same email.
async fn of_person(tx: &Tx, id: PersonId, sight: &Sight) -> Result<Vec<Trace>> {
    let Some(record) = erase::trace(tx, id).await? else { return Ok(Vec::new()) };
    let person = match record.merged_into {
        Some(winner) => erase::trace(tx, winner).await?.unwrap_or(record),
        None => record,
    };
    // Moved, or out of sight, since the operation was started.
    if sight.seen(person.partition_id).is_none() {
        return Err(refuse::person_not_found(Some(id)));
    }
    remove::writable_there(sight, person.partition_id)?;
    let mut records = erase::deleted_with_email(tx, person.partition_id, &person.email_key).await?;
    records.retain(|one| one.merged_into.is_none());
    records.push(person);
    Ok(records)
}

/// How many of some memberships the workspace sees.
async fn shown(tx: &Tx, workspace: WorkspaceId, memberships: Vec<AssetId>) -> Result<usize> {
    let distinct: BTreeSet<AssetId> = memberships.iter().copied().collect();
    let assets = asset::by_ids(tx, &distinct.into_iter().collect::<Vec<_>>()).await?;
    let index = &tx.index().await?.index;
    let seen = |one: &&Asset| index.reach(workspace, one.folder_id).is_some();
    let seen: BTreeSet<AssetId> = assets.iter().filter(seen).map(|one| one.id).collect();
    Ok(memberships.iter().filter(|id| seen.contains(id)).count())
}

/// What is looked for in texts: ids, and the emails that nobody has any more.
async fn finish(tx: &Tx, whom: &Whom, state: &mut State) -> Result<()> {
    let ids: Vec<PersonId> = state.subject.ids.iter().filter_map(|id| id.parse().ok()).collect();
    // Of past generations, too, which nobody reads.
    erase::leave_segments(tx, &ids).await?;
    let mut addresses = std::mem::take(&mut state.addresses);
    if let Whom::Email { given, key, .. } = whom {
        addresses.insert(Address::new(given, key));
    }
    let keys: BTreeSet<String> = addresses.iter().map(|one| one.key.clone()).collect();
    let held = erase::held_keys(tx, keys.into_iter().collect()).await?;
    addresses.retain(|one| !held.contains(&one.key));
    let emails = addresses.into_iter().flat_map(|one| [one.given, one.key]);
    state.subject.emails = emails.collect::<BTreeSet<String>>().into_iter().collect();
    state.receipt.whole = whom.workspace().is_none();
    state.until = audit::last(tx).await?;
    Ok(())
}

/// Records what is left of somebody: ids, and a hash by which it can be told that an email was erased.
fn record(tx: &Tx, whom: &Whom, records: &[Trace], suppressed: bool) {
    let hash = |key: &str| hex(&suppression::hash(tx, key));
    let asked = match whom {
        Whom::Email { key, .. } => Some(hash(key)),
        Whom::Person(..) => None,
    };
    // The hash stands with its record: who does not see the record is not told of it.
    let people: Vec<Json> = records
        .iter()
        .map(|one| {
            let theirs = Some(one.email_key.as_str()).filter(|key| !key.is_empty()).map(hash);
            json!({ "person_id": one.id, "partition_id": one.partition_id, "email_hash": theirs })
        })
        .collect();
    let living = || records.iter().filter(|one| one.delete_time.is_none());
    for one in living() {
        tx.people_flowed(Some(one.partition_id), None, 1);
    }
    tx.record(Change {
        kind: "person.erased",
        resource_id: match whom {
            Whom::Person(_, id) => Some(id.0),
            Whom::Email { .. } => None,
        },
        workspace_id: whom.workspace(),
        detail: json!({ "deleted": by_partition(living().map(|one| (one.id, one.partition_id))) }),
        after: json!({ "erased": people, "email_hash": asked, "suppressed": suppressed }),
        ..Change::default()
    });
}

/// Records that an email may come back.
pub(super) fn record_lifted(tx: &Tx, key: &str) {
    tx.record(Change {
        kind: "email.unsuppressed",
        after: json!({ "email_hash": hex(&suppression::hash(tx, key)) }),
        ..Change::default()
    });
}

// === impl State ===

impl State {
    /// Keeps what the records are known by, and tells of those that the caller may know of.
    fn note(&mut self, records: &[Trace], sight: Option<&Sight>) {
        for one in records {
            self.subject.ids.push(one.id.to_string());
            if !one.email_key.is_empty() {
                let given = one.email.as_ref().unwrap_or(&one.email_key);
                self.addresses.insert(Address::new(given, &one.email_key));
            }
        }
        let seen = |one: &&Trace| sight.is_none_or(|sight| sight.seen(one.partition_id).is_some());
        let told = records.iter().filter(seen);
        let told = told.map(|one| Erased { person: one.id, partition: one.partition_id });
        self.receipt.people.extend(told);
    }
}
