//! `SystemService`: about the server, and about the call as the server understands it.

use tonic::{Request, Response, Status};

use super::open;
use crate::config::COMMIT;
use crate::context::{Context, Source};
use crate::pb::system_service_server::SystemService;
use crate::pb::{
    GetCallContextRequest, GetCallContextResponse, GetServerInfoRequest, GetServerInfoResponse,
};
use crate::repository::Store;
use crate::service::access;

/// The service.
#[derive(Clone)]
pub struct System {
    store: Store,
}

// === impl System ===

impl System {
    /// The service over a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl SystemService for System {
    async fn get_server_info(
        &self,
        request: Request<GetServerInfoRequest>,
    ) -> Result<Response<GetServerInfoResponse>, Status> {
        let (_ctx, GetServerInfoRequest {}) = open(request)?;
        Ok(Response::new(GetServerInfoResponse {
            version: env!("CARGO_PKG_VERSION").into(),
            commit: COMMIT.into(),
            database: self.store.kind().into(),
            api_version: "precinct.v1".into(),
        }))
    }

    async fn get_call_context(
        &self,
        request: Request<GetCallContextRequest>,
    ) -> Result<Response<GetCallContextResponse>, Status> {
        let (ctx, GetCallContextRequest {}) = open(request)?;
        Ok(Response::new(call_context(&ctx, access::tenant_wide(&self.store, &ctx).await?)?))
    }
}

fn call_context(ctx: &Context, permissions: Vec<String>) -> Result<GetCallContextResponse, Status> {
    let tenant = ctx.tenant().ok();
    let (tenant_source, principal_source) = match &ctx.source {
        Source::TrustedHeaders => ("x-precinct-tenant".into(), "x-precinct-principal".into()),
        // Operators are of no tenant, whatever their tokens say: theirs is the header.
        Source::Jwt { subject_claim, .. } if ctx.is_operator() => {
            ("x-precinct-tenant".into(), format!("jwt:{subject_claim}"))
        }
        Source::Jwt { tenant_claim: Some(tenant_claim), subject_claim } => {
            (format!("jwt:{tenant_claim}"), format!("jwt:{subject_claim}"))
        }
        Source::Jwt { tenant_claim: None, subject_claim } => {
            ("jwt-issuer".into(), format!("jwt:{subject_claim}"))
        }
        Source::ApiKey { .. } => ("api-key".into(), String::from("api-key")),
        Source::Internal => ("internal".into(), String::from("internal")),
    };
    Ok(GetCallContextResponse {
        tenant_source: tenant.map(|_| tenant_source).unwrap_or_default(),
        tenant_id: tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
        principal: ctx.caller.to_string(),
        principal_source,
        permissions,
        deadline_left: prost_types::Duration::try_from(ctx.time_left()?).ok(),
        request_id: ctx.call_id.clone(),
    })
}
