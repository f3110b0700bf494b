//! `AssetService`.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::pb::asset_service_server::AssetService;
use crate::service::asset::Assets;

/// The service.
#[derive(Clone)]
#[allow(dead_code)]
pub struct Api {
    assets: Assets,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(assets: Assets) -> Self {
        Self { assets }
    }
}

macro_rules! rpcs {
    ($($rpc:ident($request:ident) -> $response:ident,)+) => {
        #[tonic::async_trait]
        impl AssetService for Api {$(
            async fn $rpc(
                &self,
                _: Request<pb::$request>,
            ) -> Result<Response<pb::$response>, Status> {
                Err(Status::unimplemented(""))
            }
        )+}
    };
}

rpcs! {
    create_asset(CreateAssetRequest) -> CreateAssetResponse,
    get_asset(GetAssetRequest) -> GetAssetResponse,
    batch_get_assets(BatchGetAssetsRequest) -> BatchGetAssetsResponse,
    list_assets(ListAssetsRequest) -> ListAssetsResponse,
    update_asset(UpdateAssetRequest) -> UpdateAssetResponse,
    approve_asset(ApproveAssetRequest) -> ApproveAssetResponse,
    unapprove_asset(UnapproveAssetRequest) -> UnapproveAssetResponse,
    discard_draft(DiscardDraftRequest) -> DiscardDraftResponse,
    delete_asset(DeleteAssetRequest) -> DeleteAssetResponse,
    list_asset_versions(ListAssetVersionsRequest) -> ListAssetVersionsResponse,
    move_asset(MoveAssetRequest) -> MoveAssetResponse,
    clone_asset(CloneAssetRequest) -> CloneAssetResponse,
    list_used_by(ListUsedByRequest) -> ListUsedByResponse,
    add_program_members(AddProgramMembersRequest) -> AddProgramMembersResponse,
    remove_program_members(RemoveProgramMembersRequest) -> RemoveProgramMembersResponse,
    list_program_members(ListProgramMembersRequest) -> ListProgramMembersResponse,
    count_program_members(CountProgramMembersRequest) -> CountProgramMembersResponse,
}
