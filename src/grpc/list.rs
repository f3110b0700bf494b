//! `ListService`.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::pb::list_service_server::ListService;
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
        impl ListService for Api {$(
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
    add_list_members(AddListMembersRequest) -> AddListMembersResponse,
    remove_list_members(RemoveListMembersRequest) -> RemoveListMembersResponse,
    list_list_members(ListListMembersRequest) -> ListListMembersResponse,
    count_list_members(CountListMembersRequest) -> CountListMembersResponse,
}
