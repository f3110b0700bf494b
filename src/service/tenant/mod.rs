//! Tenants: reading and listing them; how they are made, changed and deleted is in the files below.

mod admin;
mod create;
mod lifecycle;
mod settings;
mod update;

use super::access::{At, demand, demand_operator};
use crate::context::{Caller, Context};
use crate::domain::order::{Order, Place};
use crate::entity::Tenant;
use crate::error::{Error, Noun, Result};
use crate::id::TenantId;
use crate::page::{Listed, Tokens};
use crate::repository::quota::{self, Usage};
use crate::repository::{Answer, Store, tenant};
use crate::secret::Secrets;

pub use create::NewTenant;
pub use update::TenantPatch;

/// The use cases of tenants.
#[derive(Clone)]
pub struct Tenants {
    store: Store,
    secrets: Secrets,
}

// === impl Tenants ===

impl Tenants {
    /// The use cases over a store.
    pub fn new(store: Store, secrets: Secrets) -> Self {
        Self { store, secrets }
    }

    /// Reads a tenant: any for an operator, its own for a member.
    pub async fn get(&self, ctx: &Context, id: Option<TenantId>) -> Result<Answer<Tenant>> {
        let scope = self.store.read(&bound(ctx, id)?).await?;
        demand(&scope, ctx, At::Tenant).await?;
        let value = tenant::get(&scope).await?;
        Ok(scope.answer(value))
    }

    /// Lists the tenants of the platform.
    pub async fn list(
        &self,
        ctx: &Context,
        show_deleted: bool,
        order: Order,
        page_size: i32,
        page_token: &str,
    ) -> Result<Listed<Tenant>> {
        demand_operator(ctx)?;
        let tokens = Tokens::new(&self.secrets, ctx, &[&format!("{show_deleted} {order:?}")]);
        let page = tokens.request(page_size, page_token)?;
        let mut platform = self.store.platform(ctx).await?;
        let rows = platform.tenants(show_deleted, order, page.after.clone(), page.limit()).await?;
        Ok(tokens.list(page.page(rows), |last| Place {
            name: last.display_name.clone(),
            create_time: last.create_time,
            id: last.tenant_id.0,
        }))
    }

    /// What is used of each quota of a tenant.
    pub async fn quotas(&self, ctx: &Context, id: Option<TenantId>) -> Result<Answer<Vec<Usage>>> {
        let scope = self.store.read(&bound(ctx, id)?).await?;
        demand(&scope, ctx, At::Tenant).await?;
        Ok(scope.answer(quota::list(&scope).await?))
    }
}

/// The call, bound to the tenant that it names. To a member, another tenant does not exist (T-02).
fn bound(ctx: &Context, named: Option<TenantId>) -> Result<Context> {
    match (&ctx.caller, named) {
        (Caller::Operator { .. }, Some(id)) => Ok(ctx.acting_on(id)),
        (Caller::Operator { .. }, None) => {
            Err(Error::invalid("tenant_id", "must be set: operators belong to no tenant"))
        }
        (Caller::Member { tenant, .. }, Some(id)) if *tenant != id => {
            Err(Error::not_found(Noun::Tenant, id))
        }
        (Caller::Member { .. }, _) => Ok(ctx.clone()),
    }
}
