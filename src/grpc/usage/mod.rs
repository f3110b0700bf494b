//! `UsageService`.

mod convert;
mod costs;

use tonic::{Request, Response, Status};

use super::decode::{Fields, required};
use super::{open, reply};
use crate::pb;
use crate::pb::usage_service_server::UsageService;
use crate::service::usage::Usages;

/// The service.
#[derive(Clone)]
pub struct Api {
    usages: Usages,
}

// === impl Api ===

impl Api {
    /// The service over its use cases.
    pub fn new(usages: Usages) -> Self {
        Self { usages }
    }
}

#[tonic::async_trait]
impl UsageService for Api {
    async fn get_usage(
        &self,
        request: Request<pb::GetUsageRequest>,
    ) -> Result<Response<pb::GetUsageResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let asked = convert::asked(&mut fields, &request);
        fields.check()?;
        let report = self.usages.get(&ctx, &asked).await?;
        Ok(reply(report, |report, revision| convert::response(&asked, report, revision)))
    }

    async fn allocate_costs(
        &self,
        request: Request<pb::AllocateCostsRequest>,
    ) -> Result<Response<pb::AllocateCostsResponse>, Status> {
        let (ctx, request) = open(request)?;
        let format = request.format();
        let bill = required("bill", request.bill)?;
        let mut fields = Fields::default();
        let parsed = costs::parse(&mut fields, &bill, request.format);
        fields.check()?;
        let allocation = self.usages.allocate(&ctx, &parsed).await?;
        Ok(reply(allocation, |allocation, revision| {
            costs::response(&bill, format, allocation, revision)
        }))
    }
}
