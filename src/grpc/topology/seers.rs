//! Who sees something, and what somebody sees, between the wire and the use cases.

use crate::domain::access::Permission;
use crate::domain::visibility::{Seer, Through};
use crate::error::Result;
use crate::grpc::access::check;
use crate::grpc::decode::Fields;
use crate::page::Listed;
use crate::pb;
use crate::service::access::seers::{Kind, SeenThing, Seers, Target, Thing, What, Who};

/// The question who sees something, as callers write it.
pub(super) fn who(request: pb::WhoCanSeeRequest) -> Result<Who> {
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let person = fields.optional_id("person_id", &request.person_id);
    let asset = fields.optional_id("asset_id", &request.asset_id);
    if request.person_id.is_empty() == request.asset_id.is_empty() {
        fields.violate("person_id", "must be set, or asset_id, and not both");
    }
    let target = match asset {
        Some(asset) => Target::Asset(asset),
        // What is not there was violated above.
        None => Target::Person(person.unwrap_or_default()),
    };
    let permission = Some(&request.permission).filter(|name| !name.is_empty());
    let permission = permission.map(|name| check::permission(&mut fields, name));
    if permission.is_some_and(Permission::is_tenant_wide_only) {
        fields.violate("permission", "must count in a workspace; this one counts tenant-wide only");
    }
    let (page_size, page_token) = (request.page_size, request.page_token);
    fields.check().map(|()| Who { workspace, target, permission, page_size, page_token })
}

pub(super) fn seers(found: Seers) -> pb::WhoCanSeeResponse {
    pb::WhoCanSeeResponse {
        seers: found.seers.items.into_iter().map(seer).collect(),
        workspace_ids: found.workspaces.iter().map(ToString::to_string).collect(),
        next_page_token: found.seers.next,
    }
}

fn seer(one: Seer) -> pb::Seer {
    pb::Seer {
        principal: one.principal.to_string(),
        grants: one.grants.iter().map(grant).collect(),
        more_grants: one.more,
    }
}

fn grant(one: &Through) -> pb::SeerGrant {
    pb::SeerGrant {
        grant_id: one.grant.to_string(),
        role_id: one.role.to_string(),
        group_id: one.group.map(|id| id.to_string()).unwrap_or_default(),
        workspace_id: one.workspace.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// The question what somebody sees, as callers write it.
pub(super) fn what(request: pb::WhatCanSeeRequest) -> Result<What> {
    use pb::SeenKind as Wire;
    let mut fields = Fields::default();
    let kind = match Wire::try_from(request.kind) {
        Ok(Wire::Workspace) => Ok(Some(Kind::Workspace)),
        Ok(Wire::Partition) => Ok(Some(Kind::Partition)),
        Ok(Wire::Folder) => Ok(Some(Kind::Folder)),
        Ok(Wire::Unspecified) => Err("must be set".into()),
        Err(_) => Err("is not a value of SeenKind".into()),
    };
    let what = What {
        principal: fields.optional_principal("principal", &request.principal),
        kind: fields.take("kind", kind).unwrap_or(Kind::Workspace),
        page_size: request.page_size,
        page_token: request.page_token,
    };
    fields.check().map(|()| what)
}

pub(super) fn seen(page: Listed<SeenThing>) -> pb::WhatCanSeeResponse {
    pb::WhatCanSeeResponse {
        seen: page.items.into_iter().map(thing).collect(),
        next_page_token: page.next,
    }
}

fn thing(one: SeenThing) -> pb::SeenThing {
    let mut wire = pb::SeenThing {
        workspace_id: one.workspace.to_string(),
        read_only: one.read_only,
        permissions: one.permissions.iter().map(|one| one.name().to_owned()).collect(),
        ..pb::SeenThing::default()
    };
    match one.thing {
        Thing::Workspace => {}
        Thing::Partition(id) => wire.partition_id = id.to_string(),
        Thing::Folder(id, owner) => {
            wire.folder_id = id.to_string();
            wire.owner_workspace_id = owner.to_string();
        }
    }
    wire
}
