//! Making a user tenant admin from outside: the way back in for a tenant whose admins have left.

use super::Tenants;
use crate::context::{Context, Principal};
use crate::domain::access::role::TENANT_ADMIN;
use crate::entity::Grant;
use crate::error::Result;
use crate::id::TenantId;
use crate::repository::{Answer, access, grant};
use crate::service::access::demand_operator;
use crate::service::access::grant::{NewGrant, put};

impl Tenants {
    /// Makes a user tenant admin; one who is stays one.
    pub async fn grant_admin(
        &self,
        ctx: &Context,
        id: TenantId,
        user: Principal,
    ) -> Result<Answer<Grant>> {
        demand_operator(ctx)?;
        let new = NewGrant { principal: user, role: TENANT_ADMIN.id(), workspace: None };
        let (new, ctx) = (&new, &ctx.acting_on(id));
        self.store
            .write(ctx, |tx| async move {
                access::lock(&tx).await?;
                match grant::find(&tx, &new.principal, new.role, None).await? {
                    Some(there) => Ok(there),
                    None => put(&tx, &ctx.caller.to_string(), new, None).await,
                }
            })
            .await
    }
}
