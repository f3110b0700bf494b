//! Who is meant by an id: the id of a person who was merged is that of another (D-08).

use std::collections::HashMap;

use crate::entity::Person;
use crate::error::{Error, Result};
use crate::id::{PartitionId, PersonId};
use crate::repository::visibility::Sight;
use crate::repository::{Tx, asset_member, person};

/// People whom the workspace sees, deleted ones too, locked until the commit, by the ids that were asked for.
pub(super) async fn lock(
    tx: &Tx,
    sight: &Sight,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, Person>> {
    let partitions = sight.ids();
    let mut rows = by_id(person::lock(tx, &partitions, ids).await?);
    let missing: Vec<PersonId> = ids.iter().filter(|id| !rows.contains_key(id)).copied().collect();
    let winners = match missing.is_empty() {
        true => HashMap::new(),
        false => person::merge::winners(tx, &missing).await?,
    };
    if winners.is_empty() {
        return Ok(rows);
    }
    let those: Vec<PersonId> = winners.values().copied().collect();
    let others = by_id(person::lock(tx, &partitions, &those).await?);
    let unseen: Vec<PersonId> = those.into_iter().filter(|id| !others.contains_key(id)).collect();
    if !unseen.is_empty() && !person::merge::winners(tx, &unseen).await?.is_empty() {
        // Merged on meanwhile.
        return Err(Error::Contended);
    }
    let asked =
        winners.into_iter().filter_map(|(id, winner)| Some((id, others.get(&winner)?.clone())));
    rows.extend(asked);
    Ok(rows)
}

/// As [`lock`], of living people.
pub(super) async fn lock_living(
    tx: &Tx,
    sight: &Sight,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, Person>> {
    let mut rows = lock(tx, sight, ids).await?;
    rows.retain(|_, row| row.delete_time.is_none());
    Ok(rows)
}

/// The ids of living people in these partitions, by the ids that were asked for; held against their purge, as
/// [`asset_member::seen`].
pub(in crate::service) async fn seen(
    tx: &Tx,
    partitions: &[PartitionId],
    ids: &[PersonId],
) -> Result<HashMap<PersonId, PersonId>> {
    let found = asset_member::seen(tx, partitions, ids).await?;
    let mut seen: HashMap<PersonId, PersonId> = found.into_iter().map(|id| (id, id)).collect();
    let missing: Vec<PersonId> = ids.iter().filter(|id| !seen.contains_key(id)).copied().collect();
    if missing.is_empty() {
        return Ok(seen);
    }
    let winners = person::merge::winners(tx, &missing).await?;
    if !winners.is_empty() {
        let those: Vec<PersonId> = winners.values().copied().collect();
        let those = asset_member::seen(tx, partitions, &those).await?;
        seen.extend(winners.into_iter().filter(|(_, winner)| those.contains(winner)));
    }
    Ok(seen)
}

fn by_id(rows: Vec<Person>) -> HashMap<PersonId, Person> {
    rows.into_iter().map(|row| (row.id, row)).collect()
}
