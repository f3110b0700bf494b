//! What every mutation carries: a `request_id` for safe retries, and `validate_only`.

use prost::Message;

use crate::context::{Mutation, RequestKey};
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
        Ok(Mutation { repeatable: request.is_some(), request, validate_only: self.validate_only() })
    }
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
    MergePeopleRequest,
    MoveAssetRequest,
    MoveFolderRequest,
    MovePeopleByFilterRequest,
    MovePeopleRequest,
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
