//! The people in programs; what lists have in common with them is at the end.

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::config::BATCH_MAX;
use crate::domain::asset::Type;
use crate::domain::filter::Filter;
use crate::error::Result as Parsed;
use crate::grpc::decode::Fields;
use crate::grpc::filter::filter;
use crate::grpc::{mutate, open, reply};
use crate::id::PersonId;
use crate::pb;
use crate::repository::asset_member::{Member, Membership};
use crate::service::asset::{Assets, Coming, Leaving, MemberOutcome, Outcomes, Which};

pub(super) async fn add_program_members(
    assets: &Assets,
    request: Request<pb::AddProgramMembersRequest>,
) -> Result<Response<pb::AddProgramMembersResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let which = program(&request.workspace_id, &request.program_id);
    let (which, coming) = coming(which, &request.person_ids, request.filter.as_ref())?;
    let added = assets.add_members(&ctx, which, &coming, request.atomic).await?;
    Ok(reply(added, |added, revision| pb::AddProgramMembersResponse {
        results: results(added, pb::AssetMemberStatus::Added),
        revision,
    }))
}

pub(super) async fn remove_program_members(
    assets: &Assets,
    request: Request<pb::RemoveProgramMembersRequest>,
) -> Result<Response<pb::RemoveProgramMembersResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let which = program(&request.workspace_id, &request.program_id);
    let (which, leaving) =
        leaving(which, &request.person_ids, request.filter.as_ref(), request.hidden)?;
    let left = assets.remove_members(&ctx, which, &leaving).await?;
    Ok(reply(left, |left, revision| pb::RemoveProgramMembersResponse {
        results: results(left.outcomes, pb::AssetMemberStatus::Removed),
        revision,
        removed: left.removed,
    }))
}

pub(super) async fn list_program_members(
    assets: &Assets,
    request: Request<pb::ListProgramMembersRequest>,
) -> Result<Response<pb::ListProgramMembersResponse>, Status> {
    let (ctx, request) = open(request)?;
    let which = checked(program(&request.workspace_id, &request.program_id))?;
    let page = assets.list_members(&ctx, which, request.page_size, &request.page_token).await?;
    Ok(reply(page, |page, _| pb::ListProgramMembersResponse {
        members: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn count_program_members(
    assets: &Assets,
    request: Request<pb::CountProgramMembersRequest>,
) -> Result<Response<pb::CountProgramMembersResponse>, Status> {
    let (ctx, request) = open(request)?;
    let which = checked(program(&request.workspace_id, &request.program_id))?;
    let count = assets.count_members(&ctx, which).await?;
    Ok(reply(count, |(count, _), _| pb::CountProgramMembersResponse {
        total: count.shown,
        hidden_count: count.hidden,
    }))
}

fn program(workspace: &str, id: &str) -> (Fields, Which) {
    which(Type::Program, workspace, "program_id", id)
}

// === conversions ===

/// What a request is about, with the violations so far.
pub(in crate::grpc) fn which(
    kind: Type,
    workspace: &str,
    field: &str,
    id: &str,
) -> (Fields, Which) {
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", workspace);
    let id = fields.id(field, id);
    (fields, Which { workspace, id, kind })
}

/// What a request is about, if that is all it says.
pub(in crate::grpc) fn checked((fields, which): (Fields, Which)) -> Parsed<Which> {
    fields.check().map(|()| which)
}

/// Whom a request puts in.
pub(in crate::grpc) fn coming(
    (mut fields, which): (Fields, Which),
    people: &[String],
    filter: Option<&pb::Filter>,
) -> Parsed<(Which, Coming)> {
    let coming = match matching(&mut fields, people, filter) {
        Some(filter) => Coming::Matching(filter),
        None => Coming::These(some_people(&mut fields, people, filter)),
    };
    fields.check().map(|()| (which, coming))
}

/// Whom a request takes out.
pub(in crate::grpc) fn leaving(
    (mut fields, which): (Fields, Which),
    people: &[String],
    filter: Option<&pb::Filter>,
    hidden: bool,
) -> Parsed<(Which, Leaving)> {
    if hidden {
        if !people.is_empty() {
            let text = "must be empty with hidden: nobody sees the ids of those";
            fields.violate("person_ids", text);
        }
        if filter.is_some() {
            fields.violate("filter", "must be left out with hidden: nobody sees who those are");
        }
        return fields.check().map(|()| (which, Leaving::Hidden));
    }
    let leaving = match matching(&mut fields, people, filter) {
        Some(filter) => Leaving::Matching(filter),
        None => Leaving::These(some_people(&mut fields, people, filter)),
    };
    fields.check().map(|()| (which, leaving))
}

/// The filter that says whom a request means, if it is good and alone.
fn matching(fields: &mut Fields, people: &[String], given: Option<&pb::Filter>) -> Option<Filter> {
    if given.is_some() && !people.is_empty() {
        fields.violate("person_ids", "must be empty with filter");
    }
    filter(fields, "filter", given)
}

fn some_people(
    fields: &mut Fields,
    people: &[String],
    filter: Option<&pb::Filter>,
) -> Vec<PersonId> {
    if people.is_empty() && filter.is_none() {
        fields.violate("person_ids", format!("must have 1 to {BATCH_MAX} items, or filter be set"));
    }
    fields.ids("person_ids", people, BATCH_MAX)
}

/// What became of each; `done` says what there was to do.
pub(in crate::grpc) fn results(
    outcomes: Outcomes,
    done: pb::AssetMemberStatus,
) -> Vec<pb::AssetMemberResult> {
    let result = |(person, outcome): (PersonId, MemberOutcome)| {
        let (status, error) = match outcome {
            MemberOutcome::Done => (done, None),
            MemberOutcome::Unchanged => (pb::AssetMemberStatus::Unchanged, None),
            MemberOutcome::Failed(refusal) => {
                (pb::AssetMemberStatus::Failed, Some((*refusal).into()))
            }
        };
        pb::AssetMemberResult { person_id: person.to_string(), status: status.into(), error }
    };
    outcomes.into_iter().map(result).collect()
}

impl From<Member> for pb::AssetMember {
    fn from(member: Member) -> Self {
        Self {
            person_id: member.person_id.to_string(),
            partition_id: member.partition_id.to_string(),
            email: member.email.unwrap_or_default(),
            add_time: member.add_time.map(timestamp),
        }
    }
}

impl From<Membership> for pb::Membership {
    fn from(membership: Membership) -> Self {
        let kind = match membership.kind {
            Type::Program => pb::MembershipKind::Program,
            _ => pb::MembershipKind::List,
        };
        Self {
            kind: kind.into(),
            asset_id: membership.id.to_string(),
            display_name: membership.display_name,
            create_time: Some(timestamp(membership.add_time)),
        }
    }
}
