//! `TenantService`.

mod convert;
mod settings;

use tonic::{Request, Response, Status};

use super::decode::{self, Fields};
use super::{mutate, open, reply};
use crate::pb;
use crate::pb::tenant_service_server::TenantService;
use crate::service::tenant::Tenants;

/// The service.
#[derive(Clone)]
pub struct Api {
    tenants: Tenants,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(tenants: Tenants) -> Self {
        Self { tenants }
    }
}

#[tonic::async_trait]
impl TenantService for Api {
    async fn create_tenant(
        &self,
        request: Request<pb::CreateTenantRequest>,
    ) -> Result<Response<pb::CreateTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let new = convert::new(request)?;
        let made = self.tenants.create(&ctx, &new).await?;
        Ok(reply(made, |made, revision| pb::CreateTenantResponse {
            default_workspace_id: made.default_workspace_id.to_string(),
            default_partition_id: made.default_partition_id.to_string(),
            tenant: Some(made.into()),
            revision,
        }))
    }

    async fn get_tenant(
        &self,
        request: Request<pb::GetTenantRequest>,
    ) -> Result<Response<pb::GetTenantResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let id = fields.optional_id("tenant_id", &request.tenant_id);
        fields.check()?;
        let found = self.tenants.get(&ctx, id).await?;
        Ok(reply(found, |found, _| pb::GetTenantResponse { tenant: Some(found.into()) }))
    }

    async fn list_tenants(
        &self,
        request: Request<pb::ListTenantsRequest>,
    ) -> Result<Response<pb::ListTenantsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let order = decode::order(&request.order_by, "display_name")?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.tenants.list(&ctx, request.show_deleted, order, size, token).await?;
        // Each tenant has a revision of its own, so the reply has none.
        Ok(Response::new(pb::ListTenantsResponse {
            tenants: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn update_tenant(
        &self,
        request: Request<pb::UpdateTenantRequest>,
    ) -> Result<Response<pb::UpdateTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let message = decode::required("tenant", request.tenant)?;
        let patch = convert::patch(message, request.update_mask)?;
        let changed = self.tenants.update(&ctx, &patch).await?;
        Ok(reply(changed, |changed, revision| pb::UpdateTenantResponse {
            tenant: Some(changed.into()),
            revision,
        }))
    }

    async fn suspend_tenant(
        &self,
        request: Request<pb::SuspendTenantRequest>,
    ) -> Result<Response<pb::SuspendTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let id = decode::id("tenant_id", &request.tenant_id)?;
        let suspended = self.tenants.suspend(&ctx, id, &request.etag, true).await?;
        Ok(reply(suspended, |suspended, revision| pb::SuspendTenantResponse {
            tenant: Some(suspended.into()),
            revision,
        }))
    }

    async fn resume_tenant(
        &self,
        request: Request<pb::ResumeTenantRequest>,
    ) -> Result<Response<pb::ResumeTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let id = decode::id("tenant_id", &request.tenant_id)?;
        let resumed = self.tenants.suspend(&ctx, id, &request.etag, false).await?;
        Ok(reply(resumed, |resumed, revision| pb::ResumeTenantResponse {
            tenant: Some(resumed.into()),
            revision,
        }))
    }

    async fn delete_tenant(
        &self,
        request: Request<pb::DeleteTenantRequest>,
    ) -> Result<Response<pb::DeleteTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let id = decode::id("tenant_id", &request.tenant_id)?;
        let name = &request.confirm_display_name;
        let deleted = self.tenants.delete(&ctx, id, name, &request.etag).await?;
        Ok(reply(deleted, |deleted, revision| pb::DeleteTenantResponse {
            tenant: Some(deleted.into()),
            revision,
        }))
    }

    async fn undelete_tenant(
        &self,
        request: Request<pb::UndeleteTenantRequest>,
    ) -> Result<Response<pb::UndeleteTenantResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let id = decode::id("tenant_id", &request.tenant_id)?;
        let restored = self.tenants.undelete(&ctx, id).await?;
        Ok(reply(restored, |restored, revision| pb::UndeleteTenantResponse {
            tenant: Some(restored.into()),
            revision,
        }))
    }

    async fn grant_tenant_admin(
        &self,
        request: Request<pb::GrantTenantAdminRequest>,
    ) -> Result<Response<pb::GrantTenantAdminResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let id = fields.id("tenant_id", &request.tenant_id);
        let user = fields.user("principal", &request.principal);
        fields.check()?;
        let granted = self.tenants.grant_admin(&ctx, id, user).await?;
        Ok(reply(granted, |granted, revision| pb::GrantTenantAdminResponse {
            grant: Some(granted.into()),
            revision,
        }))
    }

    async fn list_quotas(
        &self,
        request: Request<pb::ListQuotasRequest>,
    ) -> Result<Response<pb::ListQuotasResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let id = fields.optional_id("tenant_id", &request.tenant_id);
        fields.check()?;
        let used = self.tenants.quotas(&ctx, id).await?;
        Ok(reply(used, |used, _| pb::ListQuotasResponse {
            quotas: used.into_iter().map(Into::into).collect(),
        }))
    }
}
