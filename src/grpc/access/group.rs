//! `AccessService`: groups.

use tonic::{Request, Response, Status};

use crate::clock::timestamp;
use crate::config::{BATCH_MAX, DESCRIPTION_MAX, NAME_MAX};
use crate::domain::text;
use crate::domain::visibility::group_name;
use crate::entity::{Group, etag};
use crate::error::{Error, Result as Parsed};
use crate::grpc::decode::{self, Fields};
use crate::grpc::{mutate, open, plan, planned, reply};
use crate::pb;
use crate::repository::group::Member;
use crate::service::access::Access;
use crate::service::access::group::{GroupPatch, NewGroup};
use crate::service::access::member::{MemberOutcome, Members};

const MUTABLE: &[&str] = &["display_name", "description"];
const IMMUTABLE: &[&str] = &["group_id", "principal", "etag", "create_time", "update_time"];

pub(super) async fn create_group(
    access: &Access,
    request: Request<pb::CreateGroupRequest>,
) -> Result<Response<pb::CreateGroupResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = decode::required("group", request.group)?;
    let mut fields = Fields::default();
    let new = NewGroup {
        display_name: display_name(&mut fields, &message),
        description: description(&mut fields, &message),
    };
    fields.check()?;
    let made = access.create_group(&ctx, &new).await?;
    Ok(reply(made, |made, revision| pb::CreateGroupResponse { group: Some(made.into()), revision }))
}

pub(super) async fn get_group(
    access: &Access,
    request: Request<pb::GetGroupRequest>,
) -> Result<Response<pb::GetGroupResponse>, Status> {
    let (ctx, request) = open(request)?;
    let id = decode::id("group_id", &request.group_id)?;
    let found = access.get_group(&ctx, id).await?;
    Ok(reply(found, |found, _| pb::GetGroupResponse { group: Some(found.into()) }))
}

pub(super) async fn list_groups(
    access: &Access,
    request: Request<pb::ListGroupsRequest>,
) -> Result<Response<pb::ListGroupsResponse>, Status> {
    let (ctx, request) = open(request)?;
    let order = decode::order(&request.order_by, "display_name")?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.list_groups(&ctx, order, size, token).await?;
    Ok(reply(page, |page, _| pb::ListGroupsResponse {
        groups: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn update_group(
    access: &Access,
    request: Request<pb::UpdateGroupRequest>,
) -> Result<Response<pb::UpdateGroupResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = decode::required("group", request.group)?;
    let patch = patch(message, request.update_mask)?;
    let changed = access.update_group(&ctx, &patch).await?;
    Ok(reply(changed, |changed, revision| pb::UpdateGroupResponse {
        group: Some(changed.into()),
        revision,
    }))
}

pub(super) async fn delete_group(
    access: &Access,
    request: Request<pb::DeleteGroupRequest>,
) -> Result<Response<pb::DeleteGroupResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let id = decode::id("group_id", &request.group_id)?;
    let gone = access.delete_group(&ctx, id, &request.etag).await?;
    Ok(planned(gone, |(), plan, revision| pb::DeleteGroupResponse { plan, revision }))
}

pub(super) async fn add_group_members(
    access: &Access,
    request: Request<pb::AddGroupMembersRequest>,
) -> Result<Response<pb::AddGroupMembersResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let members = members(&request.group_id, &request.members, request.atomic)?;
    let added = access.add_members(&ctx, &members).await?;
    Ok(planned(added, |added, plan, revision| pb::AddGroupMembersResponse {
        plan,
        results: results(request.members, added),
        revision,
    }))
}

pub(super) async fn remove_group_members(
    access: &Access,
    request: Request<pb::RemoveGroupMembersRequest>,
) -> Result<Response<pb::RemoveGroupMembersResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let members = members(&request.group_id, &request.members, request.atomic)?;
    let removed = access.remove_members(&ctx, &members).await?;
    Ok(planned(removed, |removed, plan, revision| pb::RemoveGroupMembersResponse {
        plan,
        results: results(request.members, removed),
        revision,
    }))
}

pub(super) async fn list_group_members(
    access: &Access,
    request: Request<pb::ListGroupMembersRequest>,
) -> Result<Response<pb::ListGroupMembersResponse>, Status> {
    let (ctx, request) = open(request)?;
    let id = decode::id("group_id", &request.group_id)?;
    let page = access.list_members(&ctx, id, request.page_size, &request.page_token).await?;
    Ok(reply(page, |page, _| pb::ListGroupMembersResponse {
        members: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

// === conversions ===

fn patch(message: pb::Group, mask: Option<prost_types::FieldMask>) -> Parsed<GroupPatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let patch = GroupPatch {
        id: fields.id("group.group_id", &message.group_id),
        display_name: paths.contains("display_name").then(|| display_name(&mut fields, &message)),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

fn display_name(fields: &mut Fields, message: &pb::Group) -> String {
    fields.take("group.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::Group) -> String {
    fields.take("group.description", text::paragraph(&message.description, DESCRIPTION_MAX))
}

/// Whom a call adds or removes; a principal that does not parse is refused alone.
fn members(group: &str, members: &[String], atomic: bool) -> Parsed<Members> {
    let mut fields = Fields::default();
    let group = fields.id("group_id", group);
    if members.is_empty() || members.len() > BATCH_MAX {
        fields.violate("members", format!("must have 1 to {BATCH_MAX} items"));
    }
    fields.check()?;
    let parse = |text: &String| {
        let mut fields = Fields::default();
        let principal = fields.principal("principal", text);
        fields.check().map(|()| principal).map_err(Error::into_refusal)
    };
    Ok(Members { group, members: members.iter().map(parse).collect(), atomic })
}

fn results(given: Vec<String>, outcomes: Vec<MemberOutcome>) -> Vec<pb::MemberResult> {
    let result = |(principal, outcome)| {
        let (status, error) = match outcome {
            MemberOutcome::Done => (pb::MemberStatus::Done, None),
            MemberOutcome::Unchanged => (pb::MemberStatus::Unchanged, None),
            MemberOutcome::Failed(refusal) => (pb::MemberStatus::Failed, Some((*refusal).into())),
        };
        pb::MemberResult { principal, status: status.into(), error }
    };
    given.into_iter().zip(outcomes).map(result).collect()
}

impl From<Group> for pb::Group {
    fn from(group: Group) -> Self {
        Self {
            group_id: group.id.to_string(),
            principal: group_name(group.id),
            display_name: group.display_name,
            description: group.description,
            etag: etag(group.version),
            create_time: Some(timestamp(group.create_time)),
            update_time: Some(timestamp(group.update_time)),
        }
    }
}

impl From<Member> for pb::GroupMember {
    fn from(member: Member) -> Self {
        Self { principal: member.member, add_time: Some(timestamp(member.create_time)) }
    }
}
