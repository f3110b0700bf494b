//! `TopologyService`.

use tonic::{Request, Response, Status};

use crate::pb;
use crate::pb::topology_service_server::TopologyService;
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

#[tonic::async_trait]
impl TopologyService for Api {
    async fn explain_access(
        &self,
        _request: Request<pb::ExplainAccessRequest>,
    ) -> Result<Response<pb::ExplainAccessResponse>, Status> {
        let _ = &self.access;
        Err(Status::unimplemented("to come"))
    }
}
