//! `ActivityService`.

mod change;
mod watch;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::open;
use super::person::stream::{Replies, step};
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
