//! What predicates look at, of people who are at hand.

use std::collections::HashMap;

use sea_orm::{ActiveEnum, FromQueryResult};
use uuid::Uuid;

use crate::domain::filter::{Facts, Reads};
use crate::entity::Person;
use crate::error::Result;
use crate::id::{AssetId, PersonId};
use crate::repository::Scope;
use crate::{args, sql};

#[derive(FromQueryResult)]
struct Member {
    person_id: PersonId,
    asset_id: AssetId,
}

#[derive(FromQueryResult)]
struct Segment {
    person_id: PersonId,
    segmentation_id: AssetId,
    segment_id: Uuid,
}

/// What is known of people, by id: of lists, programs and segmentations only what is read.
pub async fn facts(
    scope: &Scope,
    people: &[Person],
    reads: &Reads,
) -> Result<HashMap<PersonId, Facts>> {
    let mut facts: HashMap<PersonId, Facts> =
        people.iter().map(|person| (person.id, Facts::from(person))).collect();
    let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
    for one in members(scope, &ids, reads).await? {
        if let Some(known) = facts.get_mut(&one.person_id) {
            known.members.insert(one.asset_id);
        }
    }
    for one in segments(scope, &ids, reads).await? {
        if let Some(known) = facts.get_mut(&one.person_id) {
            known.segments.insert(one.segmentation_id, one.segment_id);
        }
    }
    Ok(facts)
}

async fn members(scope: &Scope, people: &[PersonId], reads: &Reads) -> Result<Vec<Member>> {
    if reads.members.is_empty() {
        return Ok(Vec::new());
    }
    let assets: Vec<AssetId> = reads.members.iter().copied().collect();
    scope
        .all(
            sql!(
                "SELECT person_id, asset_id FROM asset_member WHERE tenant_id = $1 \
                 AND person_id = ANY($2::uuid[]) AND asset_id = ANY($3::uuid[])"
            ),
            args![people, assets.as_slice()],
        )
        .await
}

async fn segments(scope: &Scope, people: &[PersonId], reads: &Reads) -> Result<Vec<Segment>> {
    if reads.segmentations.is_empty() {
        return Ok(Vec::new());
    }
    let segmentations: Vec<AssetId> = reads.segmentations.iter().copied().collect();
    scope
        .all(
            sql!(
                "SELECT m.person_id, m.segmentation_id, m.segment_id FROM segment_member m \
                 JOIN segmentation g ON g.tenant_id = $1 AND g.id = m.segmentation_id \
                     AND m.from_generation <= g.live_generation AND g.live_generation < m.to_generation \
                 JOIN person p ON p.tenant_id = $1 AND p.id = m.person_id \
                 JOIN segment_coverage c ON c.tenant_id = $1 AND c.segmentation_id = g.id \
                     AND c.partition_id = p.partition_id AND c.compute_time IS NOT NULL \
                 WHERE m.tenant_id = $1 AND m.person_id = ANY($2::uuid[]) \
                 AND m.segmentation_id = ANY($3::uuid[])"
            ),
            args![people, segmentations.as_slice()],
        )
        .await
}

// === impl Facts ===

impl From<&Person> for Facts {
    /// What the person's row says.
    fn from(person: &Person) -> Self {
        Self {
            partition: person.partition_id,
            email: person.email.clone(),
            external_id: person.external_id.clone(),
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            unsubscribed: person.unsubscribed,
            source: person.source.to_value(),
            create_time: person.create_time,
            update_time: person.update_time,
            attributes: person.attributes.clone(),
            folded: person.folded.clone(),
            members: Default::default(),
            segments: Default::default(),
        }
    }
}
