//! Merging and erasing, between the wire and the service.

use super::convert::person;
use super::parts::some;
use crate::domain::email::Email;
use crate::entity::operation;
use crate::error::Result;
use crate::grpc::decode::Fields;
use crate::id::PersonId;
use crate::pb;
use crate::pb::email_mention::Place;
use crate::service::person::{Erased, Mention, Merge, Merged, Receipt, Whom};

/// Most people who are merged in one call.
const LOSERS_MAX: usize = 100;

/// Who is made one.
pub(super) fn merge(request: pb::MergePeopleRequest) -> Result<Merge> {
    let mut fields = Fields::default();
    let winner: PersonId = fields.id("winner_person_id", &request.winner_person_id);
    let losers = fields.ids("loser_person_ids", &request.loser_person_ids, LOSERS_MAX);
    some(&mut fields, "loser_person_ids", request.loser_person_ids.len());
    if let Some(at) = losers.iter().position(|loser| *loser == winner) {
        fields.violate(format!("loser_person_ids[{at}]"), "must not be the winner");
    }
    let workspace = fields.id("workspace_id", &request.workspace_id);
    fields.check()?;
    Ok(Merge { workspace, winner, losers, etag: request.etag })
}

/// The person that they are now.
pub(super) fn merged(merged: Merged, revision: i64) -> pb::MergePeopleResponse {
    pb::MergePeopleResponse {
        person: Some(person(merged.winner)),
        merged: i32::try_from(merged.merged).unwrap_or(i32::MAX),
        revision,
    }
}

/// Who is erased: by id through a workspace, or by email in the tenant.
pub(super) fn whom(request: &pb::ErasePersonRequest) -> Result<Whom> {
    let mut fields = Fields::default();
    let whom = if request.email.is_empty() {
        if request.suppress {
            let text =
                "must not be set with a person_id: it holds in the whole tenant; erase by email";
            fields.violate("suppress", text);
        }
        let workspace = fields.id("workspace_id", &request.workspace_id);
        Whom::Person(workspace, fields.id("person_id", &request.person_id))
    } else {
        for (field, text) in
            [("workspace_id", &request.workspace_id), ("person_id", &request.person_id)]
        {
            if !text.is_empty() {
                fields.violate(
                    field,
                    "must be empty with an email: that is erased in the whole tenant",
                );
            }
        }
        let email = Email::parse(&request.email).map_err(|why| fields.violate("email", why)).ok();
        let (given, key) = email.map(|email| (email.given, email.key)).unwrap_or_default();
        Whom::Email { given, key, suppress: request.suppress }
    };
    fields.check().map(|()| whom)
}

impl From<Receipt> for pb::ErasePersonResult {
    fn from(receipt: Receipt) -> Self {
        let beyond = |count: i64| receipt.whole.then_some(count);
        Self {
            memberships: receipt.memberships,
            segment_results: beyond(receipt.segments),
            stored_answers: beyond(receipt.answers),
            import_answers: beyond(receipt.chunks),
            audit_records: beyond(receipt.payloads),
            audit_record_numbers: if receipt.whole { receipt.records } else { Vec::new() },
            mention_count: receipt.mention_count,
            mentions: receipt.mentions.into_iter().map(Into::into).collect(),
            people: receipt.people.into_iter().map(Into::into).collect(),
            suppressed: receipt.suppressed,
        }
    }
}

impl From<Erased> for pb::ErasedPerson {
    fn from(erased: Erased) -> Self {
        Self { person_id: erased.person.to_string(), partition_id: erased.partition.to_string() }
    }
}

impl From<Mention> for pb::EmailMention {
    fn from(mention: Mention) -> Self {
        let place = match mention {
            Mention::Asset(asset) => Place::NamedAssetId(asset.to_string()),
            Mention::Folder(folder) => Place::FolderId(folder.to_string()),
            Mention::Workspace(workspace) => Place::WorkspaceId(workspace.to_string()),
            Mention::Content(asset) => Place::AssetId(asset.to_string()),
            Mention::Version(asset, version) => {
                Place::Version(pb::AssetVersionMention { asset_id: asset.to_string(), version })
            }
            Mention::Rule(policy_version, at) => Place::Rule(pb::RoutingRuleMention {
                policy_version,
                rule_index: i32::try_from(at).unwrap_or(i32::MAX),
            }),
            Mention::Operation(id) => Place::Operation(operation::name(id)),
        };
        Self { place: Some(place) }
    }
}
