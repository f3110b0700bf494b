//! `ActivityService`: what happens, what was done by whom, and whether the log of it is whole.

mod change;
mod convert;
mod watch;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::decode::Fields;
use super::person::stream::{Replies, step};
use super::{open, reply};
use crate::config::WatchConfig;
use crate::pb;
use crate::pb::activity_service_server::ActivityService;
use crate::service::activity::Activities;

/// The service.
#[derive(Clone)]
pub struct Api {
    activities: Activities,
    watch: WatchConfig,
    shutdown: CancellationToken,
}

// === impl Api ===

impl Api {
    /// The service over its use cases; its streams end when `shutdown` is cancelled.
    pub fn new(activities: Activities, watch: WatchConfig, shutdown: CancellationToken) -> Self {
        Self { activities, watch, shutdown }
    }
}

#[tonic::async_trait]
impl ActivityService for Api {
    async fn list_recent_activity(
        &self,
        request: Request<pb::ListRecentActivityRequest>,
    ) -> Result<Response<pb::ListRecentActivityResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let through = fields.optional_id("workspace_id", &request.workspace_id);
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.activities.recent(&ctx, through, size, token).await?;
        Ok(reply(page, |page, _| pb::ListRecentActivityResponse {
            activities: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn list_audit_entries(
        &self,
        request: Request<pb::ListAuditEntriesRequest>,
    ) -> Result<Response<pb::ListAuditEntriesResponse>, Status> {
        let (ctx, request) = open(request)?;
        let mut fields = Fields::default();
        let through = fields.optional_id("workspace_id", &request.workspace_id);
        let filter = convert::filter(&mut fields, &request.filter.unwrap_or_default());
        fields.check()?;
        let (size, token) = (request.page_size, &request.page_token);
        let page = self.activities.entries(&ctx, through, &filter, size, token).await?;
        Ok(reply(page, |page, _| pb::ListAuditEntriesResponse {
            entries: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next,
        }))
    }

    async fn verify_audit_log(
        &self,
        request: Request<pb::VerifyAuditLogRequest>,
    ) -> Result<Response<pb::VerifyAuditLogResponse>, Status> {
        let (ctx, request) = open(request)?;
        let token = &request.continue_token;
        let verified = self.activities.verify(&ctx, request.max_records, token).await?;
        Ok(reply(verified, |verified, _| verified.into()))
    }

    type WatchChangesStream = Replies<pb::WatchChangesResponse>;

    async fn watch_changes(
        &self,
        request: Request<pb::WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let (ctx, request) = open(request)?;
        let how = watch::parse(request)?;
        let watching = self.activities.watch(&step(&ctx), how).await?;
        Ok(watch::stream(ctx.reading(), watching, self.watch, self.shutdown.clone()))
    }
}
