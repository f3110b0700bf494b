//! Who was merged into whom, and who may not come back.

use std::collections::{HashMap, HashSet};

use precinct::entity::Person;
use precinct::id::{PersonId, TenantId};
use precinct::secret::Use;

use crate::support::rows::Rows;
use crate::support::secrets;

pub fn flaws(tenant: TenantId, rows: &Rows) -> Vec<String> {
    let mut flaws = merged(rows);
    flaws.extend(suppressed(tenant, rows));
    flaws
}

/// D-08: who was merged stands for one of the tenant who was not, is a member of nothing, and holds nothing but the key
/// of an email.
fn merged(rows: &Rows) -> Vec<String> {
    let people: HashMap<PersonId, &Person> = rows.people.iter().map(|one| (one.id, one)).collect();
    let members: HashSet<PersonId> = rows.asset_members.iter().map(|one| one.person_id).collect();
    let segmented: HashSet<PersonId> =
        rows.segment_members.iter().map(|one| one.person_id).collect();
    let mut flaws = Vec::new();
    for one in &rows.people {
        let Some(winner) = one.merged_into else { continue };
        if people.get(&winner).is_none_or(|winner| winner.merged_into.is_some()) {
            flaws.push(format!("D-08: {} is merged into {winner}", one.id));
        }
        let values = [&one.email, &one.external_id, &one.first_name, &one.last_name];
        let empty = values.iter().all(|value| value.is_none());
        if one.delete_time.is_none() || !empty || one.attributes != serde_json::json!({}) {
            flaws.push(format!("D-08: {} is merged and has more than a key", one.id));
        }
        if members.contains(&one.id) || segmented.contains(&one.id) {
            flaws.push(format!("D-08: {} is merged and in something", one.id));
        }
    }
    flaws
}

/// D-09: nobody has an email that is suppressed.
fn suppressed(tenant: TenantId, rows: &Rows) -> Vec<String> {
    let hashes: HashSet<&[u8]> =
        rows.suppressions.iter().map(|one| one.email_hash.as_slice()).collect();
    let (secrets, tenant) = (secrets(), tenant.0.into_bytes());
    let hash = |key: &str| secrets.mac(Use::Erasure, &[&tenant, key.as_bytes()]);
    let back = rows.people.iter().filter(|one| hashes.contains(&hash(&one.email_key)[..]));
    back.map(|one| format!("D-09: {} has an email that is suppressed", one.id)).collect()
}
