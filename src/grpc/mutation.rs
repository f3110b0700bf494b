//! What every mutation carries: a `request_id` for safe retries, and `validate_only`; those that change the topology
//! a `plan_token` too.

use prost::Message;

use crate::context::{Mutation, PlanKey, RequestKey};
use crate::error::{Error, Result};
use crate::pb;
use crate::secret::digest;

/// A request that changes something.
pub trait Mutates: Message {
    /// The caller's key for safe retries.
    fn request_id(&self) -> &str;
    /// Check everything, change nothing.
    fn validate_only(&self) -> bool;

    /// Both, checked.
    fn mutation(&self) -> Result<Mutation>
    where
        Self: Sized,
    {
        let request = match self.request_id() {
            "" => None,
            text => {
                let id = text
                    .parse()
                    .map_err(|_| Error::invalid("request_id", "must be a UUID, or empty"))?;
                Some(RequestKey { id, body: digest(&[&self.encode_to_vec()]) })
            }
        };
        let (repeatable, validate_only) = (request.is_some(), self.validate_only());
        Ok(Mutation { repeatable, request, validate_only, plan: None })
    }
}

/// A request that changes the topology, and can be planned.
pub trait Plans: Mutates {
    /// What it is planned by, if it asks for a plan or follows one.
    fn plan_key(&self) -> Option<PlanKey>;
}

macro_rules! mutations {
    ($($request:ident),+ $(,)?) => {$(
        impl Mutates for pb::$request {
            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn validate_only(&self) -> bool {
                self.validate_only
            }
        }
    )+};
}

mutations! {
    AddGroupMembersRequest,
    AddListMembersByFilterRequest,
    AddListMembersRequest,
    AddProgramMembersRequest,
    ApproveAssetRequest,
    ApproveSegmentationRequest,
    ArchiveWorkspaceRequest,
    BindPartitionRequest,
    CloneAssetRequest,
    CreateApiKeyRequest,
    CreateAssetRequest,
    CreateFieldRequest,
    CreateFolderRequest,
    CreateGrantRequest,
    CreateGroupRequest,
    CreatePartitionRequest,
    CreatePersonRequest,
    CreateRoleRequest,
    CreateSegmentationRequest,
    CreateServiceAccountRequest,
    CreateTenantRequest,
    CreateWorkspaceRequest,
    DeleteAssetRequest,
    DeleteFieldRequest,
    DeleteFolderRequest,
    DeleteGrantRequest,
    DeleteGroupRequest,
    DeletePartitionRequest,
    DeletePeopleRequest,
    DeletePersonRequest,
    DeleteRoleRequest,
    DeleteSegmentationRequest,
    DeleteServiceAccountRequest,
    DeleteTenantRequest,
    DeleteWorkspaceRequest,
    DiscardDraftRequest,
    ErasePersonRequest,
    GrantTenantAdminRequest,
    ImportPackageHeader,
    MergePeopleRequest,
    MoveAssetRequest,
    MoveFolderRequest,
    MovePeopleByFilterRequest,
    MovePeopleRequest,
    PromoteRequest,
    RecomputeSegmentationRequest,
    RemoveGroupMembersRequest,
    RemoveListMembersRequest,
    RemoveProgramMembersRequest,
    ReroutePeopleRequest,
    ResumeTenantRequest,
    RevokeApiKeyRequest,
    RotateApiKeyRequest,
    SetPrimaryPartitionRequest,
    ShareFolderRequest,
    SubmitFormRequest,
    SuspendTenantRequest,
    SyncPeopleRequest,
    UnapproveAssetRequest,
    UnapproveSegmentationRequest,
    UnarchiveWorkspaceRequest,
    UnbindPartitionRequest,
    UndeletePartitionRequest,
    UndeletePersonRequest,
    UndeleteTenantRequest,
    UndeleteWorkspaceRequest,
    UnshareFolderRequest,
    UnsuppressEmailRequest,
    UpdateAssetRequest,
    UpdateFieldRequest,
    UpdateFolderRequest,
    UpdateGroupRequest,
    UpdatePartitionRequest,
    UpdatePersonRequest,
    UpdateRoleRequest,
    UpdateRoutingPolicyRequest,
    UpdateSegmentationRequest,
    UpdateServiceAccountRequest,
    UpdateTenantRequest,
    UpdateWorkspaceRequest,
}

macro_rules! plans {
    ($($request:ident),+ $(,)?) => {$(
        impl Plans for pb::$request {
            fn plan_key(&self) -> Option<PlanKey> {
                if !self.validate_only && self.plan_token.is_empty() {
                    return None;
                }
                let (request_id, plan_token) = Default::default();
                let call = Self { request_id, plan_token, validate_only: false, ..self.clone() };
                let call = digest(&[&call.encode_to_vec()]);
                Some(PlanKey { call, token: self.plan_token.clone() })
            }
        }
    )+};
}

plans! {
    AddGroupMembersRequest,
    ArchiveWorkspaceRequest,
    BindPartitionRequest,
    CloneAssetRequest,
    CreateGrantRequest,
    CreatePartitionRequest,
    CreateWorkspaceRequest,
    DeleteAssetRequest,
    DeleteFolderRequest,
    DeleteGrantRequest,
    DeleteGroupRequest,
    DeletePartitionRequest,
    DeleteRoleRequest,
    DeleteSegmentationRequest,
    DeleteServiceAccountRequest,
    DeleteWorkspaceRequest,
    MoveAssetRequest,
    MoveFolderRequest,
    MovePeopleByFilterRequest,
    MovePeopleRequest,
    RemoveGroupMembersRequest,
    SetPrimaryPartitionRequest,
    ShareFolderRequest,
    UnarchiveWorkspaceRequest,
    UnbindPartitionRequest,
    UndeletePartitionRequest,
    UndeleteWorkspaceRequest,
    UnshareFolderRequest,
    UpdateRoleRequest,
    UpdateServiceAccountRequest,
    UpdateWorkspaceRequest,
}
