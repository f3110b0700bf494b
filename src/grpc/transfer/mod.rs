//! `TransferService`: promotion; the files of packages are in `stream`, what both have in common in `convert`.

mod convert;
mod stream;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::operation::started;
use super::person::stream::Replies;
use super::{mutate, open, reply};
use crate::domain::package::ASSETS_MAX;
use crate::grpc::decode::Fields;
use crate::pb;
use crate::pb::transfer_service_server::TransferService;
use crate::service::transfer::{Counts, Promotion, Transfers};

/// The service.
#[derive(Clone)]
pub struct Api {
    transfers: Transfers,
    shutdown: CancellationToken,
}

// === impl Api ===

impl Api {
    /// The service over its use cases; its streams end when `shutdown` is cancelled.
    pub fn new(transfers: Transfers, shutdown: CancellationToken) -> Self {
        Self { transfers, shutdown }
    }
}

#[tonic::async_trait]
impl TransferService for Api {
    async fn promote(
        &self,
        request: Request<pb::PromoteRequest>,
    ) -> Result<Response<pb::PromoteResponse>, Status> {
        let (ctx, request) = mutate(request)?;
        let mut fields = Fields::default();
        let how = Promotion {
            source: fields.id("source_workspace_id", &request.source_workspace_id),
            target: fields.id("target_workspace_id", &request.target_workspace_id),
            assets: fields.ids("asset_ids", &request.asset_ids, ASSETS_MAX),
            options: convert::options(&mut fields, "options", request.options),
        };
        if request.asset_ids.is_empty() {
            fields.violate("asset_ids", format!("must have 1 to {ASSETS_MAX} items"));
        }
        if how.source == how.target {
            fields.violate("target_workspace_id", "must be another than source_workspace_id");
        }
        fields.check()?;
        let promoted = self.transfers.promote(&ctx, &how).await?;
        Ok(reply(promoted, |promoted, revision| pb::PromoteResponse {
            diff: Some(promoted.diff.into()),
            operation: promoted.operation.map(|one| started(one, revision)),
            revision,
        }))
    }

    type ExportPackageStream = Replies<pb::ExportPackageResponse>;

    async fn export_package(
        &self,
        request: Request<pb::ExportPackageRequest>,
    ) -> Result<Response<Self::ExportPackageStream>, Status> {
        let (ctx, request) = open(request)?;
        stream::export(&self.transfers, ctx, request, self.shutdown.clone()).await
    }

    async fn import_package(
        &self,
        request: Request<Streaming<pb::ImportPackageRequest>>,
    ) -> Result<Response<pb::ImportPackageResponse>, Status> {
        let (ctx, messages) = open(request)?;
        stream::import(&self.transfers, ctx, messages, self.shutdown.clone()).await
    }
}

impl From<Counts> for pb::PromoteResult {
    fn from(counts: Counts) -> Self {
        let Counts { added, changed, unchanged, folders } = counts;
        Self { added, changed, unchanged, folders }
    }
}
