//! `AccessService`: checks.

use tonic::{Request, Response, Status};

use crate::config::BATCH_MAX;
use crate::domain::access::Permission;
use crate::domain::visibility::Verdict;
use crate::error::{Error, Refusal, Result as Parsed};
use crate::grpc::decode::Fields;
use crate::grpc::{open, reply};
use crate::pb;
use crate::service::access::Access;
use crate::service::access::check::{Check, Resource};

pub(super) async fn check_access(
    access: &Access,
    request: Request<pb::CheckAccessRequest>,
) -> Result<Response<pb::CheckAccessResponse>, Status> {
    let (ctx, request) = open(request)?;
    let pb::CheckAccessRequest { principal, permission, workspace_id, resource } = request;
    let check = parse(&pb::AccessCheck { principal, permission, workspace_id, resource })?;
    let answer = access.check(&ctx, &check).await?;
    Ok(reply(answer, |verdict, revision| pb::CheckAccessResponse {
        allowed: verdict.is_allowed(),
        reason: pb::AccessReason::from(verdict).into(),
        revision,
    }))
}

pub(super) async fn batch_check_access(
    access: &Access,
    request: Request<pb::BatchCheckAccessRequest>,
) -> Result<Response<pb::BatchCheckAccessResponse>, Status> {
    let (ctx, request) = open(request)?;
    if request.checks.is_empty() || request.checks.len() > BATCH_MAX {
        let text = format!("must have 1 to {BATCH_MAX} items");
        return Err(Error::invalid("checks", text).into());
    }
    let checks: Vec<_> =
        request.checks.iter().map(|check| parse(check).map_err(Error::into_refusal)).collect();
    let answers = access.check_all(&ctx, &checks).await?;
    Ok(reply(answers, |answers, revision| pb::BatchCheckAccessResponse {
        results: answers.into_iter().map(result).collect(),
        revision,
    }))
}

/// A question as callers write it.
pub(in crate::grpc) fn parse(message: &pb::AccessCheck) -> Parsed<Check> {
    let mut fields = Fields::default();
    let check = Check {
        principal: fields.principal("principal", &message.principal),
        permission: permission(&mut fields, &message.permission),
        workspace: fields.optional_id("workspace_id", &message.workspace_id),
        resource: resource(&mut fields, &message.resource),
    };
    if !message.resource.is_empty() && message.workspace_id.is_empty() {
        fields.violate("workspace_id", "must be set: a resource is seen through a workspace");
    }
    fields.check().map(|()| check)
}

/// A permission by its name.
pub(in crate::grpc) fn permission(fields: &mut Fields, name: &str) -> Permission {
    Permission::named(name).unwrap_or_else(|| {
        fields.violate("permission", "must be the name of a permission; see ListPermissions");
        Permission::WorkspacesRead
    })
}

fn resource(fields: &mut Fields, text: &str) -> Option<Resource> {
    match text.split_once(':') {
        _ if text.is_empty() => None,
        Some(("partition", id)) => Some(Resource::Partition(fields.id("resource", id))),
        Some(("person", id)) => Some(Resource::Person(fields.id("resource", id))),
        Some(("folder", id)) => Some(Resource::Folder(fields.id("resource", id))),
        Some(("asset", id)) => Some(Resource::Asset(fields.id("resource", id))),
        _ => {
            let kinds = "partition:<id>, person:<id>, folder:<id> or asset:<id>";
            fields.violate("resource", format!("must be {kinds}, or empty"));
            None
        }
    }
}

fn result(answer: Result<Verdict, Box<Refusal>>) -> pb::AccessCheckResult {
    match answer {
        Ok(verdict) => pb::AccessCheckResult {
            allowed: verdict.is_allowed(),
            reason: pb::AccessReason::from(verdict).into(),
            error: None,
        },
        Err(refusal) => {
            pb::AccessCheckResult { error: Some((*refusal).into()), ..Default::default() }
        }
    }
}

impl From<Verdict> for pb::AccessReason {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Granted => Self::Granted,
            Verdict::NoGrant => Self::NoGrant,
            Verdict::TenantWideOnly => Self::TenantWideOnly,
            Verdict::Inactive => Self::PrincipalInactive,
            Verdict::Archived => Self::WorkspaceArchived,
            Verdict::PartitionNotVisible => Self::PartitionNotVisible,
            Verdict::PartitionReadOnly => Self::PartitionReadOnly,
            Verdict::FolderNotVisible => Self::FolderNotVisible,
            Verdict::SharedReadOnly => Self::SharedReadOnly,
        }
    }
}
