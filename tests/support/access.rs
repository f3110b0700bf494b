//! Shorthands for who may do what.

use precinct::domain::access::role;
use precinct::pb;
use tonic::{Response, Status};

use super::actor::{Actor, ok};

/// The id of a built-in role, by its name.
pub fn built_in(name: &str) -> String {
    let found = role::ALL.iter().find(|one| one.name == name);
    found.expect("a built-in role has the name").id().to_string()
}

// === impl Actor ===

impl Actor {
    /// Grants a role, in a workspace or (empty) tenant-wide; the id of the grant.
    pub async fn grant(&self, principal: &str, role: &str, workspace: &str) -> String {
        let made = ok(self.try_grant(principal, role, workspace).await);
        made.grant.map(|grant| grant.grant_id).unwrap_or_default()
    }

    pub async fn try_grant(
        &self,
        principal: &str,
        role: &str,
        workspace: &str,
    ) -> Result<Response<pb::CreateGrantResponse>, Status> {
        let grant = pb::Grant {
            principal: principal.into(),
            role_id: role.into(),
            workspace_id: workspace.into(),
            ..pb::Grant::default()
        };
        let request =
            pb::CreateGrantRequest { grant: Some(grant), ..pb::CreateGrantRequest::default() };
        self.access().create_grant(request).await
    }

    pub async fn try_revoke(
        &self,
        grant: &str,
    ) -> Result<Response<pb::DeleteGrantResponse>, Status> {
        let request =
            pb::DeleteGrantRequest { grant_id: grant.into(), ..pb::DeleteGrantRequest::default() };
        self.access().delete_grant(request).await
    }

    /// The grants that the caller sees of a principal, or (empty) of all.
    pub async fn grants(&self, principal: &str) -> Vec<pb::Grant> {
        let request = pb::ListGrantsRequest {
            principal: principal.into(),
            page_size: 1_000,
            ..pb::ListGrantsRequest::default()
        };
        ok(self.access().list_grants(request).await).grants
    }

    /// A custom role; its id.
    pub async fn role(&self, name: &str, permissions: &[&str]) -> String {
        let made = ok(self.try_role(name, permissions).await);
        made.role.map(|role| role.role_id).unwrap_or_default()
    }

    pub async fn try_role(
        &self,
        name: &str,
        permissions: &[&str],
    ) -> Result<Response<pb::CreateRoleResponse>, Status> {
        let role = pb::Role {
            display_name: name.into(),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            ..pb::Role::default()
        };
        let request =
            pb::CreateRoleRequest { role: Some(role), ..pb::CreateRoleRequest::default() };
        self.access().create_role(request).await
    }

    pub async fn try_delete_role(
        &self,
        id: &str,
    ) -> Result<Response<pb::DeleteRoleResponse>, Status> {
        let request =
            pb::DeleteRoleRequest { role_id: id.into(), ..pb::DeleteRoleRequest::default() };
        self.access().delete_role(request).await
    }

    /// A group of these members; its id.
    pub async fn group(&self, name: &str, members: &[&str]) -> String {
        let group = pb::Group { display_name: name.into(), ..pb::Group::default() };
        let request =
            pb::CreateGroupRequest { group: Some(group), ..pb::CreateGroupRequest::default() };
        let made = ok(self.access().create_group(request).await);
        let id = made.group.map(|group| group.group_id).unwrap_or_default();
        if !members.is_empty() {
            let results = ok(self.try_add(&id, members).await).results;
            assert!(results.iter().all(|one| one.error.is_none()), "{results:?}");
        }
        id
    }

    pub async fn try_delete_group(
        &self,
        id: &str,
    ) -> Result<Response<pb::DeleteGroupResponse>, Status> {
        let request =
            pb::DeleteGroupRequest { group_id: id.into(), ..pb::DeleteGroupRequest::default() };
        self.access().delete_group(request).await
    }

    /// Adds members to a group.
    pub async fn try_add(
        &self,
        group: &str,
        members: &[&str],
    ) -> Result<Response<pb::AddGroupMembersResponse>, Status> {
        let request = pb::AddGroupMembersRequest {
            group_id: group.into(),
            members: members.iter().map(ToString::to_string).collect(),
            ..pb::AddGroupMembersRequest::default()
        };
        self.access().add_group_members(request).await
    }

    /// Removes members from a group.
    pub async fn try_remove(
        &self,
        group: &str,
        members: &[&str],
    ) -> Result<Response<pb::RemoveGroupMembersResponse>, Status> {
        let request = pb::RemoveGroupMembersRequest {
            group_id: group.into(),
            members: members.iter().map(ToString::to_string).collect(),
            ..pb::RemoveGroupMembersRequest::default()
        };
        self.access().remove_group_members(request).await
    }

    /// The direct members of a group.
    pub async fn members(&self, group: &str) -> Vec<String> {
        let request = pb::ListGroupMembersRequest {
            group_id: group.into(),
            page_size: 1_000,
            ..pb::ListGroupMembersRequest::default()
        };
        let listed = ok(self.access().list_group_members(request).await).members;
        listed.into_iter().map(|one| one.principal).collect()
    }
}
