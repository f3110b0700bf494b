//! `AccessService`: roles.

use std::collections::HashSet;

use tonic::{Request, Response, Status};

use crate::config::{DESCRIPTION_MAX, NAME_MAX};
use crate::domain::access::{Permission, Permissions, role};
use crate::domain::text;
use crate::entity::{Role, etag};
use crate::error::Result as Parsed;
use crate::grpc::decode::{self, Fields, times};
use crate::grpc::{mutate, open, plan, planned, reply};
use crate::pb;
use crate::repository::role::permissions;
use crate::service::access::Access;
use crate::service::access::role::{NewRole, RolePatch};

const MUTABLE: &[&str] = &["display_name", "description", "permissions"];
const IMMUTABLE: &[&str] =
    &["role_id", "effective_permissions", "built_in", "etag", "create_time", "update_time"];

pub(super) async fn list_permissions(
    access: &Access,
    request: Request<pb::ListPermissionsRequest>,
) -> Result<Response<pb::ListPermissionsResponse>, Status> {
    let (ctx, _) = open(request)?;
    let all = access.permissions(&ctx).await?;
    Ok(reply(all, |(), _| pb::ListPermissionsResponse {
        permissions: Permission::all().map(Into::into).collect(),
    }))
}

pub(super) async fn create_role(
    access: &Access,
    request: Request<pb::CreateRoleRequest>,
) -> Result<Response<pb::CreateRoleResponse>, Status> {
    let (ctx, request) = mutate(request)?;
    let message = decode::required("role", request.role)?;
    let mut fields = Fields::default();
    let new = NewRole {
        display_name: display_name(&mut fields, &message),
        description: description(&mut fields, &message),
        permissions: named(&mut fields, &message),
    };
    fields.check()?;
    let made = access.create_role(&ctx, &new).await?;
    Ok(reply(made, |made, revision| pb::CreateRoleResponse { role: Some(made.into()), revision }))
}

pub(super) async fn get_role(
    access: &Access,
    request: Request<pb::GetRoleRequest>,
) -> Result<Response<pb::GetRoleResponse>, Status> {
    let (ctx, request) = open(request)?;
    let id = decode::id("role_id", &request.role_id)?;
    let found = access.get_role(&ctx, id).await?;
    Ok(reply(found, |found, _| pb::GetRoleResponse { role: Some(found.into()) }))
}

pub(super) async fn list_roles(
    access: &Access,
    request: Request<pb::ListRolesRequest>,
) -> Result<Response<pb::ListRolesResponse>, Status> {
    let (ctx, request) = open(request)?;
    let order = decode::order(&request.order_by, "display_name")?;
    let (size, token) = (request.page_size, &request.page_token);
    let page = access.list_roles(&ctx, order, size, token).await?;
    Ok(reply(page, |page, _| pb::ListRolesResponse {
        roles: page.items.into_iter().map(Into::into).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn update_role(
    access: &Access,
    request: Request<pb::UpdateRoleRequest>,
) -> Result<Response<pb::UpdateRoleResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let message = decode::required("role", request.role)?;
    let patch = patch(message, request.update_mask)?;
    let changed = access.update_role(&ctx, &patch).await?;
    Ok(planned(changed, |changed, plan, revision| pb::UpdateRoleResponse {
        plan,
        role: Some(changed.into()),
        revision,
    }))
}

pub(super) async fn delete_role(
    access: &Access,
    request: Request<pb::DeleteRoleRequest>,
) -> Result<Response<pb::DeleteRoleResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let id = decode::id("role_id", &request.role_id)?;
    let gone = access.delete_role(&ctx, id, &request.etag).await?;
    Ok(planned(gone, |(), plan, revision| pb::DeleteRoleResponse { plan, revision }))
}

// === conversions ===

fn patch(message: pb::Role, mask: Option<prost_types::FieldMask>) -> Parsed<RolePatch> {
    let filled: Vec<&str> = [
        ("display_name", !message.display_name.is_empty()),
        ("description", !message.description.is_empty()),
        ("permissions", !message.permissions.is_empty()),
    ]
    .into_iter()
    .filter_map(|(path, filled)| filled.then_some(path))
    .collect();
    let paths = decode::mask(mask, &filled, MUTABLE, IMMUTABLE)?;
    let mut fields = Fields::default();
    let patch = RolePatch {
        id: fields.id("role.role_id", &message.role_id),
        display_name: paths.contains("display_name").then(|| display_name(&mut fields, &message)),
        description: paths.contains("description").then(|| description(&mut fields, &message)),
        permissions: paths.contains("permissions").then(|| named(&mut fields, &message)),
        etag: message.etag,
    };
    fields.check().map(|()| patch)
}

fn display_name(fields: &mut Fields, message: &pb::Role) -> String {
    fields.take("role.display_name", text::name(&message.display_name, NAME_MAX))
}

fn description(fields: &mut Fields, message: &pb::Role) -> String {
    fields.take("role.description", text::paragraph(&message.description, DESCRIPTION_MAX))
}

/// The permissions of a role: at least one, each known and named once.
fn named(fields: &mut Fields, message: &pb::Role) -> Vec<Permission> {
    let (names, most) = (&message.permissions, Permission::all().count());
    if names.is_empty() || names.len() > most {
        fields.violate("role.permissions", format!("must have 1 to {most} items"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut permissions = Vec::new();
    for (at, name) in names.iter().enumerate() {
        match Permission::named(name) {
            Some(one) if seen.insert(one) => permissions.push(one),
            Some(_) => fields.violate(format!("role.permissions[{at}]"), "must not be named twice"),
            None => {
                let text = "is not a permission; ListPermissions lists them";
                fields.violate(format!("role.permissions[{at}]"), text);
            }
        }
    }
    permissions
}

fn names(permissions: Permissions) -> Vec<String> {
    permissions.iter().map(|one| one.name().to_owned()).collect()
}

impl From<Permission> for pb::Permission {
    fn from(permission: Permission) -> Self {
        Self {
            name: permission.name().into(),
            description: permission.description().into(),
            implies: names(permission.with_implied().without(permission.into())),
            tenant_wide_only: permission.is_tenant_wide_only(),
        }
    }
}

impl From<Role> for pb::Role {
    fn from(role: Role) -> Self {
        let built_in = role::with_id(role.id).is_some();
        // Built-in roles were always there.
        let since = |time| times(Some(time).filter(|_| !built_in));
        let stored = role.permissions.as_array().into_iter().flatten();
        Self {
            role_id: role.id.to_string(),
            effective_permissions: names(permissions(&role.permissions)),
            permissions: stored.filter_map(|name| name.as_str()).map(str::to_owned).collect(),
            display_name: role.display_name,
            description: role.description,
            built_in,
            etag: etag(role.version),
            create_time: since(role.create_time),
            update_time: since(role.update_time),
        }
    }
}
