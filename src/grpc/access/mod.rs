//! `AccessService`: one file below for each of its nouns.

mod api_key;
pub(super) mod check;
pub mod grant;
mod group;
mod role;
mod service_account;

use tonic::{Request, Response, Status};

use crate::pb;
use crate::pb::access_service_server::AccessService;
use crate::service::access::Access;

/// The service.
#[derive(Clone)]
pub struct Api {
    access: Access,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(access: Access) -> Self {
        Self { access }
    }
}

/// The service has more rpcs than a file should have handlers: each is a function of the file of its noun.
macro_rules! rpcs {
    ($($noun:ident::$rpc:ident($request:ident) -> $response:ident,)+) => {
        #[tonic::async_trait]
        impl AccessService for Api {$(
            async fn $rpc(
                &self,
                request: Request<pb::$request>,
            ) -> Result<Response<pb::$response>, Status> {
                $noun::$rpc(&self.access, request).await
            }
        )+}
    };
}

rpcs! {
    role::list_permissions(ListPermissionsRequest) -> ListPermissionsResponse,
    role::create_role(CreateRoleRequest) -> CreateRoleResponse,
    role::get_role(GetRoleRequest) -> GetRoleResponse,
    role::list_roles(ListRolesRequest) -> ListRolesResponse,
    role::update_role(UpdateRoleRequest) -> UpdateRoleResponse,
    role::delete_role(DeleteRoleRequest) -> DeleteRoleResponse,
    group::create_group(CreateGroupRequest) -> CreateGroupResponse,
    group::get_group(GetGroupRequest) -> GetGroupResponse,
    group::list_groups(ListGroupsRequest) -> ListGroupsResponse,
    group::update_group(UpdateGroupRequest) -> UpdateGroupResponse,
    group::delete_group(DeleteGroupRequest) -> DeleteGroupResponse,
    group::add_group_members(AddGroupMembersRequest) -> AddGroupMembersResponse,
    group::remove_group_members(RemoveGroupMembersRequest) -> RemoveGroupMembersResponse,
    group::list_group_members(ListGroupMembersRequest) -> ListGroupMembersResponse,
    grant::create_grant(CreateGrantRequest) -> CreateGrantResponse,
    grant::delete_grant(DeleteGrantRequest) -> DeleteGrantResponse,
    grant::list_grants(ListGrantsRequest) -> ListGrantsResponse,
    grant::list_workspace_users(ListWorkspaceUsersRequest) -> ListWorkspaceUsersResponse,
    check::check_access(CheckAccessRequest) -> CheckAccessResponse,
    check::batch_check_access(BatchCheckAccessRequest) -> BatchCheckAccessResponse,
    service_account::create_service_account(CreateServiceAccountRequest) -> CreateServiceAccountResponse,
    service_account::get_service_account(GetServiceAccountRequest) -> GetServiceAccountResponse,
    service_account::list_service_accounts(ListServiceAccountsRequest) -> ListServiceAccountsResponse,
    service_account::update_service_account(UpdateServiceAccountRequest) -> UpdateServiceAccountResponse,
    service_account::delete_service_account(DeleteServiceAccountRequest) -> DeleteServiceAccountResponse,
    api_key::create_api_key(CreateApiKeyRequest) -> CreateApiKeyResponse,
    api_key::list_api_keys(ListApiKeysRequest) -> ListApiKeysResponse,
    api_key::rotate_api_key(RotateApiKeyRequest) -> RotateApiKeyResponse,
    api_key::revoke_api_key(RevokeApiKeyRequest) -> RevokeApiKeyResponse,
}
