//! `TopologyService`.

mod describe;
mod look;
mod seers;

use tonic::{Request, Response, Status};

use super::access::check;
use super::{open, reply};
use crate::domain::access::role;
use crate::domain::visibility::{Change, Explanation, Link};
use crate::pb;
use crate::pb::topology_service_server::TopologyService;
use crate::service::access::Access;
use crate::service::access::check::{Check, Resource};
use crate::service::topology::Topologies;

/// The service.
#[derive(Clone)]
pub struct Api {
    access: Access,
    topologies: Topologies,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(access: Access, topologies: Topologies) -> Self {
        Self { access, topologies }
    }
}

#[tonic::async_trait]
impl TopologyService for Api {
    async fn describe_topology(
        &self,
        request: Request<pb::DescribeTopologyRequest>,
    ) -> Result<Response<pb::DescribeTopologyResponse>, Status> {
        let (ctx, request) = open(request)?;
        let asked = describe::parse(&request)?;
        let described = self.topologies.describe(&ctx, &asked).await?;
        Ok(reply(described, |described, _| describe::response(described)))
    }

    async fn explain_access(
        &self,
        request: Request<pb::ExplainAccessRequest>,
    ) -> Result<Response<pb::ExplainAccessResponse>, Status> {
        let (ctx, request) = open(request)?;
        let pb::ExplainAccessRequest { principal, permission, workspace_id, resource } = request;
        let question = pb::AccessCheck { principal, permission, workspace_id, resource };
        let check = check::parse(&question)?;
        let explained = self.access.explain(&ctx, &check).await?;
        Ok(reply(explained, |explained, revision| explanation(&check, explained, revision)))
    }

    async fn explain_visibility(
        &self,
        request: Request<pb::ExplainVisibilityRequest>,
    ) -> Result<Response<pb::ExplainVisibilityResponse>, Status> {
        let (ctx, request) = open(request)?;
        let asked = look::parse(&request)?;
        let seen = self.access.look(&ctx, &asked).await?;
        Ok(reply(seen, |seen, revision| look::response(&asked, seen, revision)))
    }

    async fn what_can_see(
        &self,
        request: Request<pb::WhatCanSeeRequest>,
    ) -> Result<Response<pb::WhatCanSeeResponse>, Status> {
        let (ctx, request) = open(request)?;
        let seen = self.access.what_can_see(&ctx, &seers::what(request)?).await?;
        Ok(reply(seen, |page, _| seers::seen(page)))
    }

    async fn who_can_see(
        &self,
        request: Request<pb::WhoCanSeeRequest>,
    ) -> Result<Response<pb::WhoCanSeeResponse>, Status> {
        let (ctx, request) = open(request)?;
        let found = self.access.who_can_see(&ctx, &seers::who(request)?).await?;
        Ok(reply(found, |found, _| seers::seers(found)))
    }
}

fn explanation(check: &Check, explained: Explanation, revision: i64) -> pb::ExplainAccessResponse {
    pb::ExplainAccessResponse {
        allowed: explained.verdict.is_allowed(),
        reason: pb::AccessReason::from(explained.verdict).into(),
        links: explained.links.iter().map(|fact| link(check, fact)).collect(),
        change: explained.change.map(|one| change(check.principal.as_str(), one)),
        revision,
    }
}

/// A fact with its sentence.
fn link(check: &Check, fact: &Link) -> pb::AccessLink {
    use pb::AccessLinkKind as Kind;
    let Check { principal, permission, .. } = check;
    let (principal, permission) = (principal.as_str(), permission.name());
    let mut link = pb::AccessLink { holds: fact.holds(), ..pb::AccessLink::default() };
    let yes = |holds: bool, yes: &str, no: &str| if holds { yes.to_owned() } else { no.to_owned() };
    let (kind, text) = match fact {
        Link::Principal(holds) => {
            let text = yes(*holds, "is active", "is switched off or is not there");
            (Kind::Principal, format!("{principal} {text}"))
        }
        Link::Membership(group) => {
            link.group_id = group.to_string();
            (Kind::Membership, format!("{principal} is in the group {group}"))
        }
        Link::Grant { id, role, group, workspace } => {
            link.grant_id = id.to_string();
            link.role_id = role.to_string();
            link.group_id = group.map(|id| id.to_string()).unwrap_or_default();
            link.workspace_id = workspace.map(|id| id.to_string()).unwrap_or_default();
            let whose = group.map_or_else(|| principal.to_owned(), |_| "the group".into());
            let place = if workspace.is_some() { "there" } else { "tenant-wide" };
            let role = role::with_id(*role).map_or("a custom role", |one| one.name);
            (Kind::Grant, format!("{whose} holds {role} {place}, which has {permission}"))
        }
        Link::Hidden => (Kind::Grant, format!("{principal} holds a role that has {permission}")),
        Link::NoGrant => {
            (Kind::Grant, format!("no grant gives {principal} the permission {permission} there"))
        }
        Link::ActiveWorkspace(holds) => {
            let text = yes(*holds, "is not archived", "is archived, and refuses what changes it");
            (Kind::ActiveWorkspace, format!("the workspace {text}"))
        }
        Link::VisiblePartition(holds) => {
            let text = yes(*holds, "sees the partition", "does not see the partition");
            (Kind::VisiblePartition, format!("the workspace {text}"))
        }
        Link::WritablePartition(holds) => {
            let no = "sees the partition read-only, and no role reaches past that";
            let text = yes(*holds, "may change the people of the partition", no);
            (Kind::WritablePartition, format!("the workspace {text}"))
        }
        Link::VisibleFolder(holds) => {
            let text = yes(*holds, "sees", "does not see");
            (Kind::VisibleFolder, format!("the workspace {text} the {}", noun(check)))
        }
        Link::WritableFolder(holds) => {
            let no = "belongs to another, and is only read through this one, whatever the role";
            let text = yes(*holds, "belongs to the workspace", no);
            (Kind::WritableFolder, format!("the {} {text}", noun(check)))
        }
    };
    if !matches!(kind, Kind::Principal | Kind::Membership | Kind::Grant) {
        link.workspace_id = check.workspace.map(|id| id.to_string()).unwrap_or_default();
    }
    match (kind, check.resource) {
        (Kind::VisiblePartition | Kind::WritablePartition, Some(Resource::Partition(id))) => {
            link.partition_id = id.to_string();
        }
        (Kind::VisibleFolder | Kind::WritableFolder, Some(Resource::Folder(id))) => {
            link.folder_id = id.to_string();
        }
        _ => {}
    }
    pb::AccessLink { kind: kind.into(), text, ..link }
}

fn noun(check: &Check) -> &'static str {
    if let Some(Resource::Asset(_)) = check.resource { "asset" } else { "folder" }
}

/// A change with its sentence.
fn change(principal: &str, change: Change) -> pb::AccessChange {
    use pb::AccessChangeKind as Kind;
    match change {
        Change::BindReadOnly(workspace, partition) => pb::AccessChange {
            kind: Kind::BindReadOnly.into(),
            text: "bind the partition to the workspace, READ_ONLY".into(),
            workspace_id: workspace.to_string(),
            partition_id: partition.to_string(),
            ..pb::AccessChange::default()
        },
        Change::BindReadWrite(workspace, partition) => pb::AccessChange {
            kind: Kind::BindReadWrite.into(),
            text: "bind the partition to the workspace, READ_WRITE".into(),
            workspace_id: workspace.to_string(),
            partition_id: partition.to_string(),
            ..pb::AccessChange::default()
        },
        Change::Share { owner, folder, target } => pb::AccessChange {
            kind: Kind::Share.into(),
            text: "share the folder with the workspace".into(),
            workspace_id: target.to_string(),
            folder_id: folder.to_string(),
            owner_workspace_id: owner.to_string(),
            ..pb::AccessChange::default()
        },
        Change::Grant(id, workspace) => {
            let name = role::with_id(id).map_or("the role", |one| one.name);
            let place = if workspace.is_some() { "in the workspace" } else { "tenant-wide" };
            pb::AccessChange {
                kind: Kind::Grant.into(),
                text: format!("grant {principal} the role {name} {place}"),
                principal: principal.into(),
                role_id: id.to_string(),
                workspace_id: workspace.map(|id| id.to_string()).unwrap_or_default(),
                ..pb::AccessChange::default()
            }
        }
        Change::MovePerson { through, to } => pb::AccessChange {
            kind: Kind::Move.into(),
            text: "move the person to the partition".into(),
            workspace_id: through.to_string(),
            partition_id: to.to_string(),
            ..pb::AccessChange::default()
        },
        Change::MoveFolder { owner, folder, target } => pb::AccessChange {
            kind: Kind::Move.into(),
            text: "move the folder to the workspace".into(),
            workspace_id: target.to_string(),
            folder_id: folder.to_string(),
            owner_workspace_id: owner.to_string(),
            ..pb::AccessChange::default()
        },
    }
}
