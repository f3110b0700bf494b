//! `AssetService`: one file below for each group of its rpcs.

mod audience;
mod clone;
mod convert;
mod draft;
mod form;
pub(super) mod member;
mod read;
mod resolve;
mod write;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

pub(super) use self::convert::asset_type;
use super::person::stream::Replies;
use crate::pb;
use crate::pb::asset_service_server::AssetService;
use crate::service::asset::Assets;
use crate::service::person::People;

/// The service.
#[derive(Clone)]
pub struct Api {
    assets: Assets,
    people: People,
    shutdown: CancellationToken,
}

// === impl Api ===

impl Api {
    /// The service over its use cases; its streams end when `shutdown` is cancelled.
    pub fn new(assets: Assets, people: People, shutdown: CancellationToken) -> Self {
        Self { assets, people, shutdown }
    }
}

/// The service has more rpcs than a file should have handlers: each is a function of the file of its group.
macro_rules! rpcs {
    ($($group:ident::$rpc:ident($request:ident) -> $response:ident,)+) => {
        #[tonic::async_trait]
        impl AssetService for Api {$(
            async fn $rpc(
                &self,
                request: Request<pb::$request>,
            ) -> Result<Response<pb::$response>, Status> {
                $group::$rpc(&self.assets, request).await
            }
        )+

            type ResolveAudienceStream = Replies<pb::ResolveAudienceResponse>;

            async fn resolve_audience(
                &self,
                request: Request<pb::ResolveAudienceRequest>,
            ) -> Result<Response<Self::ResolveAudienceStream>, Status> {
                audience::resolve_audience(&self.assets, self.shutdown.clone(), request).await
            }

            /// People who fill in forms are people.
            async fn submit_form(
                &self,
                request: Request<pb::SubmitFormRequest>,
            ) -> Result<Response<pb::SubmitFormResponse>, Status> {
                form::submit_form(&self.people, request).await
            }
        }
    };
}

rpcs! {
    write::create_asset(CreateAssetRequest) -> CreateAssetResponse,
    read::get_asset(GetAssetRequest) -> GetAssetResponse,
    read::batch_get_assets(BatchGetAssetsRequest) -> BatchGetAssetsResponse,
    read::list_assets(ListAssetsRequest) -> ListAssetsResponse,
    write::update_asset(UpdateAssetRequest) -> UpdateAssetResponse,
    draft::approve_asset(ApproveAssetRequest) -> ApproveAssetResponse,
    draft::unapprove_asset(UnapproveAssetRequest) -> UnapproveAssetResponse,
    draft::discard_draft(DiscardDraftRequest) -> DiscardDraftResponse,
    write::delete_asset(DeleteAssetRequest) -> DeleteAssetResponse,
    read::list_asset_versions(ListAssetVersionsRequest) -> ListAssetVersionsResponse,
    write::move_asset(MoveAssetRequest) -> MoveAssetResponse,
    clone::clone_asset(CloneAssetRequest) -> CloneAssetResponse,
    read::list_used_by(ListUsedByRequest) -> ListUsedByResponse,
    member::add_program_members(AddProgramMembersRequest) -> AddProgramMembersResponse,
    member::remove_program_members(RemoveProgramMembersRequest) -> RemoveProgramMembersResponse,
    member::list_program_members(ListProgramMembersRequest) -> ListProgramMembersResponse,
    member::count_program_members(CountProgramMembersRequest) -> CountProgramMembersResponse,
    resolve::resolve_content(ResolveContentRequest) -> ResolveContentResponse,
}
